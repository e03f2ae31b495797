"""The rota: who is on call, by the wall clock of a location."""

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime
from booking.extensions import Model
from booking.on_call.rules import to_instant


class OnCallTurn(Model):
    """One person's turn, from a local time of a day to another's; taken back, it stays on record."""

    __tablename__ = "on_call_turn"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(64))  # IANA name
    first_day: Mapped[date]
    begins: Mapped[time]
    last_day: Mapped[date] = mapped_column(index=True)
    ends: Mapped[time]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def begins_at(self) -> datetime:
        """The instant it begins, in its zone."""
        return to_instant(self.first_day, self.begins, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """The instant it ends, in its zone."""
        return to_instant(self.last_day, self.ends, self.time_zone)
