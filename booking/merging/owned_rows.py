"""Whatever refers to a patient, in any table: moved from one record to another, and back.

What refers to one is found in the tables themselves, so that a new table is never forgotten.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, ColumnElement, Table, select, true, update
from sqlalchemy.orm import aliased

from booking.extensions import Model, db
from booking.outages.models import AffectedPatient
from booking.series.models import Session

# A record's own row, and its history, stay with it.
KEPT_APART = {"patient", "patient_change", "patient_merge", "distinct_records", "legal_hold"}


def list_owning_columns() -> list[Column[int]]:
    """Return each column by which a row is some patient's, by table."""
    return [
        column
        for table in sorted(Model.metadata.tables.values(), key=lambda table: table.name)
        if table.name not in KEPT_APART
        for column in table.columns
        if any(key.column.table.name == "patient" for key in column.foreign_keys)
    ]


def move_rows(from_id: int, to_id: int) -> dict[str, list[int]]:
    """Make all that is one patient's another's; return the ids by table."""
    return {
        column.table.name: _reassign(column, to_id, column == from_id, _can_move(column, to_id))
        for column in list_owning_columns()
    }


def move_rows_back(rows: Mapping[str, Sequence[int]], from_id: int, to_id: int) -> None:
    """Give a patient back what was moved, and what has been booked since for a series among it."""
    for column in list_owning_columns():
        ids = list(rows.get(column.table.name, ()))
        if column.table.name == "appointment":
            ids += _list_booked_since(rows.get("infusion_series", ()))
        _reassign(column, to_id, column == from_id, column.table.c.id.in_(ids))


def _reassign(column: Column[int], patient_id: int, *conditions: ColumnElement[bool]) -> list[int]:
    table = column.table
    assert isinstance(table, Table)  # noqa: S101 - a mapped column's
    change = update(table).where(*conditions).values({column.name: patient_id})
    return sorted(db.session.scalars(change.returning(table.c.id)))


def _can_move(column: Column[int], to_id: int) -> ColumnElement[bool]:
    """Leave where it is what an outage that is over had for both: it has one row for a person."""
    if column.table.name != AffectedPatient.__tablename__:
        return true()
    other = aliased(AffectedPatient)
    cases = select(other.case_id).where(other.patient_id == to_id)
    return column.table.c.case_id.not_in(cases)


def _list_booked_since(series_ids: Sequence[int]) -> list[int]:
    sessions = select(Session.appointment_id).where(
        Session.series_id.in_(series_ids), Session.appointment_id.is_not(None)
    )
    return [number for number in db.session.scalars(sessions) if number is not None]
