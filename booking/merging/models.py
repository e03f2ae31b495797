"""Two records found to be one person's: what was moved from one to the other, so that it can be undone."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class MergeDetails(TypedDict):
    """All that a merge changed, as JSON: rows by their ids, and the kept record's fields.

    Like `patient_change`, it may hold names and contacts, and goes when the person is erased.
    """

    rows: dict[str, list[int]]  # by table: the merged record's, now the kept one's
    messages: list[int]
    tasks: list[int]
    closed_tasks: list[int]  # the kept record had an open one of the kind
    flags: list[int]  # nobody's by reference, and the merged person's by what they say
    consents: list[int]  # added, where one record declined texts to a number
    fields: dict[str, list[str | None]]  # of the kept record: what was, what became


class PatientMerge(Model):
    """One merge; the merged record stays, empty, and leads to the kept one."""

    __tablename__ = "patient_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    details: Mapped[MergeDetails] = mapped_column(JSON)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
