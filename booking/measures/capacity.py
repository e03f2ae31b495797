"""Chairs and nurses of a location in the weeks to come: what is booked, and what series will need.

Read by a fixed number of questions, however long the clinic's history is.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from booking.calendars.availability import current_catalogue
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import Claim
from booking.calendars.queries import MAX_CLAIM
from booking.calendars.rules import infusion_needs
from booking.extensions import db
from booking.locations.models import Resource
from booking.measures.figures import Period
from booking.measures.foresight import (
    ForeseenSession,
    ForeseenSessionKind,
    foresee_new_series,
    foresee_series,
)
from booking.measures.loads import (
    KINDS,
    BookedTime,
    DayLoads,
    ExpectedAppointment,
    compute_day_loads,
)
from booking.measures.running_series import list_recent_phases, list_running_series

WEEKS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Capacity:
    """The loads of a location's days, and how many sessions are foreseen for each reason."""

    location: LocationCalendar
    days: Sequence[DayLoads]
    foreseen: dict[ForeseenSessionKind, float]


def read_capacity(
    location: LocationCalendar, now: datetime, kinds: Collection[ForeseenSessionKind]
) -> Capacity:
    """Return how full a location is in the twelve weeks from today, as far as these kinds are foreseen."""
    today = now.astimezone(location.zone).date()
    period = Period(today, today + timedelta(days=7 * WEEKS_AHEAD - 1))
    booked = _list_booked_times(location, period, now)
    sessions = [
        session for session in _foresee(location, today, period.last, now) if session.kind in kinds
    ]
    booked_by_day: dict[date, list[BookedTime]] = {}
    for claim in booked:
        day = claim.starts_at.astimezone(location.zone).date()
        booked_by_day.setdefault(day, []).append(claim)
    expected: dict[date, list[ExpectedAppointment]] = {}
    for session in sessions:
        expected.setdefault(session.day, []).append(_to_expected(session, location))
    days = [
        compute_day_loads(location.free_day(day), booked_by_day.get(day, ()), expected.get(day, ()))
        for day in period.days()
    ]
    counts = {
        kind: sum(s.count for s in sessions if s.kind is kind) for kind in ForeseenSessionKind
    }
    return Capacity(location, days, counts)


def _to_expected(session: ForeseenSession, location: LocationCalendar) -> ExpectedAppointment:
    phase = session.phase
    needs = infusion_needs(*phase.parts, location.setup_seats)
    return ExpectedAppointment(
        needs, session.minute, session.count, session.earliest, session.latest
    )


def _list_booked_times(
    location: LocationCalendar, period: Period, now: datetime
) -> list[BookedTime]:
    """Return what is claimed of chairs and seats, claims of one kind and time together."""
    begins, ends = (
        location.local_day(period.first).starts_at,
        location.local_day(period.last).ends_at,
    )
    resource_ids = [key for kind in KINDS.values() for key in location.resources.get(kind, ())]
    rows = db.session.execute(
        select(Resource.kind, Claim.starts_at, Claim.ends_at, func.count())
        .join(Resource, Resource.id == Claim.resource_id)
        .where(
            Claim.resource_id.in_(resource_ids),
            Claim.ends_at > begins,
            Claim.ends_at < ends + MAX_CLAIM,
            Claim.starts_at < ends,
            or_(Claim.expires_at.is_(None), Claim.expires_at > now),
        )
        .group_by(Resource.kind, Claim.starts_at, Claim.ends_at)
    )
    return [BookedTime(*row) for row in rows]


def _foresee(
    location: LocationCalendar, today: date, last: date, now: datetime
) -> Iterator[ForeseenSession]:
    """Yield what is foreseen at a location."""
    by_slug = current_catalogue().locations

    def is_open(slug: str, day: date) -> bool:
        return slug in by_slug and by_slug[slug].is_open_on(day)

    for series in list_running_series(today):
        sessions = foresee_series(series, today, last, is_open)
        yield from (session for session in sessions if session.location == location.slug)
    recent = list_recent_phases(location, now)
    yield from foresee_new_series(recent, location.slug, today, last, is_open)
