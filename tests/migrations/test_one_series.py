"""Upgrading a clinic in which patients have several series that go on: one stays, nothing is lost."""

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError

from tests.migrations.plain_sql import fill, insert, run
from tests.migrations.row_builders import Row
from tests.migrations.rows import ROWS


def another(number: int, status: str, **changed: object) -> Row:
    """Return a second series like patient 1's."""
    (series,) = [row for table, row in ROWS["0003"] if table == "infusion_series"]
    return ("infusion_series", {**series, "id": number, "status": status, **changed})


def statuses() -> dict[int, str]:
    return {row["id"]: row["status"] for row in run("SELECT id, status FROM infusion_series")}


@pytest.fixture
def in_use(app: Flask) -> None:
    """A database at the revision before."""
    upgrade(revision="0012")
    fill("0001", "0002", "0003", "0004")


def test_the_booked_series_stays_and_prescriptions_beside_it_are_withdrawn(in_use: None) -> None:
    insert(another(2, "proposed"))
    insert(another(3, "stopped"))
    upgrade()
    assert statuses() == {1: "active", 2: "withdrawn", 3: "stopped"}
    assert [row["kind"] for row in run("SELECT kind FROM task")] == ["call_back"]


def test_of_two_that_are_booked_the_newer_goes_on_and_a_person_looks_at_the_other(
    in_use: None,
) -> None:
    insert(another(2, "active"))
    run("DELETE FROM task")  # its id came from the test, not from the database's own count
    upgrade()
    assert statuses() == {1: "stopped", 2: "active"}
    (task,) = run("SELECT * FROM task WHERE kind = 'review_series'")
    assert (task["subject_kind"], task["subject_id"]) == ("infusion_series", 1)
    assert run("SELECT status FROM appointment WHERE id = 1") == [{"status": "booked"}]


def test_the_database_refuses_a_second_series_that_goes_on(in_use: None) -> None:
    upgrade()
    with pytest.raises(IntegrityError):
        insert(another(2, "proposed"))
    insert(another(3, "withdrawn"))


def test_what_was_withdrawn_reads_as_stopped_to_the_older_code(in_use: None) -> None:
    upgrade()
    insert(another(2, "withdrawn"))
    downgrade(revision="0012")
    assert statuses() == {1: "active", 2: "stopped"}
