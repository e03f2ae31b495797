"""What the scheduler asks every few seconds is found by an index, however many visits are past."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from booking.extensions import db
from booking.reminders.queries import list_changed_appointments
from tests.builders import NOW


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_changed_appointments_are_found_by_their_start(app: Flask) -> None:
    plans: list[str] = []

    def explain(_c: Any, cursor: Any, statement: str, values: Any, *_others: Any) -> None:
        rows = cursor.connection.execute(f"EXPLAIN {statement}", values)
        plans.append(str(rows.fetchall()))

    db.session.execute(text("SET enable_seqscan = off"))  # the tables are empty
    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        list_changed_appointments(NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    assert "ix_appointment_start" in plans[0]
    assert (
        "SubPlan" in plans[0]
    )  # each one's derivation is looked up: a join reads those of all the past
    assert "Seq Scan on derivation" not in plans[0]
