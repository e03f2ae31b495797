"""A database in use from the first revision on, upgraded to each: nothing is lost, and every rule holds.

The facts of one database share it, so each leaves what it finds.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy.exc import IntegrityError

from tests.migrations.conftest import app_on_empty, empty_postgresql, empty_sqlite
from tests.migrations.plain_sql import REVISIONS, content, fill, insert, lost, refusal, run
from tests.migrations.refused import BUSY, REFUSED, SAME_DAY
from tests.migrations.row_builders import ELEVEN, HELD, NOW, ONE, TEN, TWO, Row, appointment, claim
from tests.migrations.rows import ROWS

Lost = dict[str, list[tuple[str, dict[str, Any]]]]  # by the revision that lost it


@pytest.fixture(scope="module", params=["sqlite", "postgresql"], autouse=True)
def losses(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lost]:
    """A database upgraded from each revision to the next, in use at each; gives what each has lost."""
    is_sqlite = request.param == "sqlite"
    folder = tmp_path_factory.mktemp("upgraded")
    with empty_sqlite(folder) if is_sqlite else empty_postgresql() as url, app_on_empty(url):
        yield {revision: upgrade_in_use(revision) for revision in REVISIONS}


def upgrade_in_use(revision: str) -> list[tuple[str, dict[str, Any]]]:
    """Upgrade by one revision, and use what came with it; return what is no longer there."""
    before = content()
    upgrade(revision=revision)
    gone = lost(before, content())
    fill(revision)
    return gone


def test_each_upgrade_keeps_all_there_was(losses: Lost) -> None:
    assert [revision for revision in REVISIONS if losses[revision]] == []
    assert set(content()) == {table for rows in ROWS.values() for table, _ in rows}


def test_invariants_1_2_and_12_hold() -> None:
    answers = {sql: refusal(sql) for sql, _ in REFUSED}
    assert [(sql, answers[sql]) for sql, why in REFUSED if not re.search(why, answers[sql])] == []


def test_invariant_2_a_patient_has_one_appointment_at_a_time() -> None:
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


def test_an_abandoned_hold_takes_all_under_it_along() -> None:
    without = content()
    for row in hold(9):
        insert(row)
    assert content() != without
    run("DELETE FROM appointment WHERE id = 9")
    assert content() == without
