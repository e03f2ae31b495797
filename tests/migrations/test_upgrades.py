"""A database in use at each revision, upgraded to the head: nothing is lost, and every rule still holds.

The facts of one revision share its database, so each leaves what it finds.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from tests.migrations.conftest import app_on_empty
from tests.migrations.growing import GrowingDatabase
from tests.migrations.plain_sql import (
    REVISIONS,
    Content,
    content,
    insert,
    refusal,
    run,
    up_with_data,
)
from tests.migrations.refused import BUSY, REFUSED, SAME_DAY
from tests.migrations.row_builders import ELEVEN, HELD, NOW, ONE, TEN, TWO, Row, appointment, claim
from tests.migrations.rows import ROWS

KINDS = ("sqlite", "postgresql")
STARTS = [(kind, start) for kind in KINDS for start in REVISIONS]


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GrowingDatabase]]:
    """An empty database of each kind, so that no start upgrades what those before it have upgraded."""
    folder = tmp_path_factory.mktemp("growing")
    databases = {kind: GrowingDatabase(kind, folder) for kind in KINDS}
    yield databases
    for database in databases.values():
        database.drop()


@pytest.fixture(scope="module", params=STARTS, ids="-".join)
def before(
    request: pytest.FixtureRequest, growing: dict[str, GrowingDatabase]
) -> Iterator[Content]:
    """An upgraded database; gives what was in it at the revision where the upgrade started."""
    kind, start = request.param
    with growing[kind].copied_at(start) as url, app_on_empty(url):
        yield up_with_data(start)


def lost(before: Content) -> list[tuple[str, dict[str, object]]]:
    """Return the rows of `before` that are no longer there, by the columns they had."""
    return [
        (table, row)
        for table, rows in before.items()
        for row in rows
        if row not in run(f"SELECT {', '.join(row)} FROM {table}")
    ]


def test_data_is_still_there(before: Content) -> None:
    assert before["location"]
    assert lost(before) == []


def test_invariants_1_2_and_12_hold(before: Content) -> None:
    answers = {sql: refusal(sql) for sql, _ in REFUSED}
    assert [(sql, answers[sql]) for sql, why in REFUSED if not re.search(why, answers[sql])] == []


def test_invariant_2_a_patient_has_one_appointment_at_a_time(before: Content) -> None:
    elsewhere = {"local_date": "2026-12-05", "is_infusion": False}
    with pytest.raises(IntegrityError, match=BUSY):
        insert(appointment(9, TEN, ELEVEN, **elsewhere))
    with pytest.raises(IntegrityError, match=SAME_DAY):
        insert(appointment(9, ONE, TWO))
    insert(appointment(9, TEN, ELEVEN, status="cancelled"))
    run("DELETE FROM appointment WHERE id = 9")


def hold(number: int) -> Iterator[Row]:
    """Give the rows of a hold like the one that is there."""
    yield appointment(number, ONE, TWO, **HELD)
    yield claim(number, ONE, TWO, expires_at=NOW)
    for table, row in ROWS["0002"]:
        if table in ("booking_draft", "screening_response"):
            yield table, {**row, "appointment_id": number} | ({"id": number} if "id" in row else {})


def test_an_abandoned_hold_takes_all_under_it_along(before: Content) -> None:
    without = content()
    for row in hold(9):
        insert(row)
    assert content() != without
    run("DELETE FROM appointment WHERE id = 9")
    assert content() == without
