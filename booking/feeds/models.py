"""Calendar feeds: links that a calendar program subscribes to, each until it is revoked."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class CalendarFeed(Model):
    """One link to the appointments of a location, or of a practitioner, a room or a chair."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint(
            "(location_id IS NULL) <> (resource_id IS NULL)", name="about_one_calendar"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)  # the proof, in the link
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
