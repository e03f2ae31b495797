"""What can be booked, and what is taken: services, claims and the days they are made under."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.constraints import no_overlap
from booking.db.transactions import UtcDateTime
from booking.extensions import Model

CLAIMS_NEVER_OVERLAP = no_overlap("claim", "resource_id")


class Service(Model):
    """What can be booked. Minutes throughout; `needs` as `rules.ResourceNeed.to_dict`."""

    __tablename__ = "service"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSON)  # by language; discreet (invariant 10)
    minutes: Mapped[int]  # what the patient is told
    notice_minutes: Mapped[int]  # no start sooner than this from now
    horizon_days: Mapped[int]  # no start later than this from today
    step_minutes: Mapped[int]  # starts lie on this grid of local time
    price_cents: Mapped[int | None]  # none: pages say nothing of it
    needs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    is_infusion: Mapped[bool]
    bookable_online: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)

    def name(self, language: str) -> str:
        """Return the service's name in `language`, or in English."""
        return self.names.get(language) or self.names["en"]


class Claim(Model):
    """One appointment's hold on one resource for [starts_at, ends_at).

    A row exists only while it claims; that of an appointment that is over claims the time it took, by which a
    day still shows who was where. One of a pending appointment stops claiming at `expires_at`: reads
    pass over it then, and whoever claims first deletes it. The database refuses two that
    overlap (`CLAIMS_NEVER_OVERLAP`), in the migrations. Once the patient has arrived it is `pinned`: until
    then it may be exchanged for a claim on another chair or room (`reseating`).
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index("ix_claim_resource_ends", "resource_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())


class CalendarDay(Model):
    """One local day at one location: locked and counted up by whoever claims or frees time on it."""

    __tablename__ = "calendar_day"

    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int]


class CatalogueVersion(Model):
    """The one row whose version counts up when hours, shifts, closures, resources or services change."""

    __tablename__ = "catalogue"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
