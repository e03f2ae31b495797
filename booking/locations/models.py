"""Where the clinic works: sites, their hours and closures, and what an appointment can occupy."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.locations.rules import ResourceKind


class Location(Model):
    """One of the clinic's sites, with its own IANA time zone."""

    __tablename__ = "location"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    # What texts, e-mail subjects and calendar entries show: the clinic's own name says too much.
    neutral_name: Mapped[str] = mapped_column(String(60))
    time_zone: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    emergency_room: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class OpeningHours(Model):
    """Local wall-clock hours of one weekday (Monday is 0), from `valid_from` on."""

    __tablename__ = "opening_hours"
    __table_args__ = (CheckConstraint("opens < closes", name="opens_before_it_closes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Closure(Model):
    """Local days, both ends included, on which a location is closed."""

    __tablename__ = "closure"
    __table_args__ = (
        UniqueConstraint("location_id", "first_day", "name"),
        CheckConstraint("first_day <= last_day", name="first_day_not_after_last"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    name: Mapped[str] = mapped_column(String(80))


# One of the three, whatever it is that isn't there.
ABOUT_ONE_THING = " + ".join(
    f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"
    for column in ("location_id", "resource_id", "staff_id")
)


class Outage(Model):
    """Time [starts_at, ends_at) in which a location, a room or chair, or a member of staff isn't there.

    It goes before hours and shifts. Without `ends_at` it lasts until further notice; one that was taken back
    before it began has no length.
    """

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("starts_at <= ends_at", name="starts_before_it_ends"),
        CheckConstraint(f"{ABOUT_ONE_THING} = 1", name="about_one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Resource(Model):
    """A room, a chair, a practitioner (who may work at several locations), or one seat of a pool."""

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("location_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind] = mapped_column(enum_column(ResourceKind))
    name: Mapped[str] = mapped_column(String(80))
    # Empty for a practitioner: shifts say where they are.
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
