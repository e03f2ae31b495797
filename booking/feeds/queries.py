"""What pages and calendar programs read of feeds: what there is to subscribe to, links, appointments."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.extensions import db
from booking.feeds.models import CalendarFeed
from booking.feeds.rules import feed_span, initials
from booking.locations import operations as locations
from booking.locations.models import Location, Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient

SHOWN = (Status.BOOKED, Status.ARRIVED, Status.FULFILLED)
SUBSCRIBED_KINDS = (ResourceKind.PRACTITIONER, ResourceKind.ROOM, ResourceKind.CHAIR)


@dataclass(frozen=True, slots=True)
class FeedSubject:
    """One calendar that can be subscribed to: a location's, or that of a practitioner, a room or a chair."""

    location: Location | None
    resource: Resource | None = None

    @property
    def key(self) -> str:
        """What names it in a form: "location:1", "resource:4"."""
        if self.resource is not None:
            return f"resource:{self.resource.id}"
        return f"location:{self.location.id}" if self.location else ""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An appointment as a feed lists it; instants in UTC, and who comes by initials."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    initials: str
    clinic: str
    changed_at: datetime


def list_feed_subjects() -> list[FeedSubject]:
    """Return what can be subscribed to: practitioners, then each location with its rooms and chairs."""
    active = locations.list_active_locations()
    rows = list(
        db.session.scalars(
            select(Resource)
            .where(Resource.active, Resource.kind.in_(SUBSCRIBED_KINDS))
            .order_by(Resource.kind.desc(), Resource.position, Resource.id)
        )
    )
    practitioners = [FeedSubject(None, row) for row in rows if row.location_id is None]
    of_locations = [
        subject
        for location in active
        for subject in (
            FeedSubject(location),
            *(FeedSubject(location, row) for row in rows if row.location_id == location.id),
        )
    ]
    return [*practitioners, *of_locations]


def find_subject(key: str) -> FeedSubject | None:
    """Return the calendar that a form named."""
    return next((subject for subject in list_feed_subjects() if subject.key == key), None)


def find_feed(token: str) -> CalendarFeed | None:
    """Return the feed whose link has this token and answers still."""
    return db.session.scalar(select(CalendarFeed).filter_by(token=token, revoked_at=None))


def has_feed(feed_id: int) -> bool:
    """Tell whether there is, or was, such a feed."""
    return db.session.get(CalendarFeed, feed_id) is not None


def list_feeds() -> list[CalendarFeed]:
    """Return the feeds that answer, the oldest first."""
    feeds = select(CalendarFeed).filter_by(revoked_at=None)
    return list(db.session.scalars(feeds.order_by(CalendarFeed.id)))


def get_feed_subject(feed: CalendarFeed) -> FeedSubject:
    """Return the calendar of a feed, of one that is retired, too."""
    if feed.location_id is not None:
        return FeedSubject(locations.get_location(feed.location_id))
    resource = locations.get_resources([feed.resource_id or 0])[feed.resource_id or 0]
    return FeedSubject(
        locations.get_location(resource.location_id) if resource.location_id else None, resource
    )


def list_feed_events(feed: CalendarFeed, now: datetime) -> list[FeedEvent]:
    """Return the appointments of a feed around `now`, in order of time; holds and cancelled ones aren't."""
    first, last = feed_span(now)
    rows = db.session.execute(
        _appointments_of(feed)
        .where(Appointment.status.in_(SHOWN))
        .where(Appointment.starts_at >= first, Appointment.starts_at < last)
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    sites = locations.get_all_locations()
    return [
        FeedEvent(
            uid=appointment.uid,
            sequence=appointment.sequence,
            starts_at=starts_at,
            ends_at=ends_at,
            initials=initials(given_name, family_name),
            clinic=sites[appointment.location_id].neutral_name,
            changed_at=appointment.last_modified,
        )
        for appointment, given_name, family_name, starts_at, ends_at in rows
    ]


def _appointments_of(feed: CalendarFeed) -> Select[Appointment, str, str, datetime, datetime]:
    """Select a feed's appointments, with names and times: a resource's are those in which it is claimed."""
    who = (Patient.given_name, Patient.family_name)
    if feed.resource_id is None:
        rows = select(Appointment, *who, Appointment.starts_at, Appointment.ends_at)
        return rows.join(Patient, Patient.id == Appointment.patient_id).where(
            Appointment.location_id == feed.location_id
        )
    times = (
        select(
            Claim.appointment_id,
            func.min(Claim.starts_at).label("starts_at"),
            func.max(Claim.ends_at).label("ends_at"),
        )
        .where(Claim.resource_id == feed.resource_id)
        .group_by(Claim.appointment_id)
        .subquery()
    )
    return (
        select(Appointment, *who, times.c.starts_at, times.c.ends_at)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(times, times.c.appointment_id == Appointment.id)
    )
