"""A clinic of many rows goes up, down and up again, and is what it was.

The last few revisions with the other tests; `MIGRATED_ROWS=10000 make test
TESTS=tests/migrations/test_ten_thousand_rows.py` goes back to the tenth.
"""

import os
from typing import Any

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from booking.extensions import db
from tests.migrations.plain_sql import REVISIONS, content, fill
from tests.migrations.row_builders import ELEVEN, NOW, TEN, Row, appointment, patient
from tests.migrations.rows import ROWS

ROW_COUNT = int(os.environ.get("MIGRATED_ROWS", "400"))
START = "0010" if ROW_COUNT > 400 else REVISIONS[-5]
EACH = ROW_COUNT // 4
NUMBERS = range(1_000, 1_000 + EACH)


def a_message(number: int) -> Row:
    (row,) = (row for table, row in ROWS["0004"] if table == "message")
    return "message", {**row, "id": number, "topic": f"visit:{number}", "status": "delivered"}


def an_entry(number: int) -> Row:
    (row,) = (row for table, row in ROWS["0001"] if table == "audit_entry")
    return "audit_entry", {**row, "id": number, "at": NOW}


def an_appointment(number: int) -> Row:
    return appointment(
        number, TEN, ELEVEN, patient_id=number, status="cancelled", is_infusion=False
    )


def insert_many(rows: list[Row]) -> None:
    """Insert rows of one table."""
    table, values = rows[0]
    names, given = ", ".join(values), ", ".join(f":{name}" for name in values)
    many: list[dict[str, Any]] = [row for _, row in rows]
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), many)


def test_up_down_and_up_again_all_is_what_it_was(app: Flask) -> None:
    upgrade(revision=START)
    fill(*REVISIONS[: REVISIONS.index(START) + 1])
    for build in (patient, an_appointment, a_message, an_entry):
        insert_many([build(number) for number in NUMBERS])
    before = content()
    assert sum(map(len, before.values())) > 4 * EACH
    upgrade()
    upgraded = content()
    downgrade(revision=START)
    assert content() == before
    upgrade()
    assert content() == upgraded
