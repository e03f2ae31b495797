"""What keeps a patient's record from being erased: a duty to preserve it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime
from booking.extensions import Model

STANDS = text("lifted_at IS NULL")


class LegalHold(Model):
    """A patient's record has to stay as it is, by policy and by wish, until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index(
            "uq_legal_hold_stands_once",
            "patient_id",
            unique=True,
            postgresql_where=STANDS,
            sqlite_where=STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
