"""Who waits for something sooner, and each time that was offered to them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.waitlist.rules import EntryStatus, OfferStatus

WAITING = text("status = 'waiting'")
OPEN = text("status = 'open'")


class WaitlistEntry(Model):
    """Somebody who has an appointment and would come sooner; one line for each time they joined.

    The line goes by `queued_at`: when they joined, or last let an offer go by.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        Index(
            "uq_waitlist_entry_waiting",
            "appointment_id",
            unique=True,
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
        Index(
            "ix_waitlist_entry_queued",
            "queued_at",
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    wish: Mapped[dict[str, Any]] = mapped_column(JSON)  # rules.Wish, as data
    status: Mapped[EntryStatus] = mapped_column(enum_column(EntryStatus))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WaitlistOffer(Model):
    """A time kept for one person until `expires_at`: by a hold, which goes when the offer is closed.

    An entry has one open offer at most, which the database sees to.
    """

    __tablename__ = "waitlist_offer"
    __table_args__ = (
        Index(
            "uq_waitlist_offer_open",
            "entry_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        Index("ix_waitlist_offer_expires", "expires_at", postgresql_where=OPEN, sqlite_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("waitlist_entry.id", ondelete="CASCADE"), index=True
    )
    token: Mapped[str] = mapped_column(String(43), unique=True)  # the proof, in the link
    hold_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="SET NULL"), index=True
    )
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    local_date: Mapped[date]
    status: Mapped[OfferStatus] = mapped_column(enum_column(OfferStatus))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def status_at(self, now: datetime) -> OfferStatus:
        """Return how the offer stands for its holder: one that is over has expired, looked at or not."""
        is_over = self.status is OfferStatus.OPEN and now >= self.expires_at
        return OfferStatus.EXPIRED if is_over or self.status is OfferStatus.UNSENT else self.status
