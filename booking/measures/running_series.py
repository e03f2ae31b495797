"""The series that go on, and those that began of late, as foresight needs them: a few questions for all."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Select, func, or_, select

from booking.appointments.models import Appointment
from booking.calendars.availability import current_catalogue
from booking.calendars.local_days import minute_of_day
from booking.calendars.location_calendars import LocationCalendar
from booking.extensions import db
from booking.measures.foresight import RECENT_WEEKS, KnownSession, RunningSeries
from booking.series.models import InfusionSeries, SeriesPause, Session
from booking.series.pause_rules import PauseDays
from booking.series.planning.requests import PlanSlot
from booking.series.preferences import Preferences
from booking.series.progress import GOING_ON, SeriesStatus, SessionState
from booking.series.queries import get_phases
from booking.series.rules import Phase

PATTERN_DAYS = timedelta(days=120)  # a series' sessions of so long ago say nothing of its rhythm


def list_running_series(today: date) -> list[RunningSeries]:
    """Return the series that go on anywhere, with the sessions and pauses that say how."""
    goes_on = InfusionSeries.status.in_(GOING_ON)
    ids = select(InfusionSeries.id).where(goes_on)
    newest = db.session.execute(
        select(Session.series_id, func.max(Session.number))
        .where(Session.series_id.in_(ids))
        .group_by(Session.series_id)
    )
    last_numbers = {row[0]: row[1] for row in newest}
    sessions, pauses = _sessions_by_series(ids, today), _pauses_by_series(ids, today)
    slugs = {key: calendar.slug for key, calendar in current_catalogue().locations_by_id.items()}
    return [
        RunningSeries(
            phases=get_phases(series),
            first_day=series.first_day,
            last_day=series.last_day,
            preferences=Preferences.from_dict(series.preferences),
            home=slugs[series.location_id],
            pauses=pauses.get(series.id, ()),
            sessions=sessions.get(series.id, ()),
            last_number=last_numbers.get(series.id, 0),
        )
        for series in db.session.scalars(select(InfusionSeries).where(goes_on))
    ]


def _sessions_by_series(series_ids: Select[int], today: date) -> dict[int, list[KnownSession]]:
    """Return, by series, its sessions of late and those without a time, in order."""
    locations = current_catalogue().locations_by_id
    rows = db.session.execute(
        select(
            *(Session.series_id, Session.number, Session.state),
            *(Appointment.starts_at, Appointment.location_id),
        )
        .outerjoin(Appointment, Appointment.id == Session.appointment_id)
        .where(
            Session.series_id.in_(series_ids),
            or_(
                Session.state == SessionState.UNPLACED,
                Appointment.local_date >= today - PATTERN_DAYS,
            ),
        )
        .order_by(Session.series_id, Session.number)
    )
    return {
        series_id: [
            KnownSession(number, state, _slot(locations.get(location_id), starts_at))
            for _, number, state, starts_at, location_id in of_series
        ]
        for series_id, of_series in groupby(rows, key=lambda row: row[0])
    }


def _slot(location: LocationCalendar | None, starts_at: datetime | None) -> PlanSlot | None:
    if location is None or starts_at is None:
        return None
    day = starts_at.astimezone(location.zone).date()
    return PlanSlot(location.slug, day, minute_of_day(starts_at, location.zone))


def _pauses_by_series(series_ids: Select[int], today: date) -> dict[int, list[PauseDays]]:
    """Return, by series, the times in which it rests from today on."""
    rows = db.session.execute(
        select(SeriesPause.series_id, SeriesPause.first_day, SeriesPause.last_day).where(
            SeriesPause.series_id.in_(series_ids),
            or_(SeriesPause.last_day.is_(None), SeriesPause.last_day >= today),
        )
    )
    pauses: dict[int, list[PauseDays]] = defaultdict(list)
    for series_id, first_day, last_day in rows:
        pauses[series_id].append(PauseDays(first_day, last_day))
    return pauses


def list_recent_phases(location: LocationCalendar, now: datetime) -> list[tuple[Phase, ...]]:
    """Return the phases of each series prescribed at a location in the last weeks, not withdrawn."""
    prescribed = select(InfusionSeries).where(
        InfusionSeries.location_id == location.id,
        InfusionSeries.prescribed_at >= now - timedelta(weeks=RECENT_WEEKS),
        InfusionSeries.prescribed_at <= now,
        InfusionSeries.status != SeriesStatus.WITHDRAWN,
    )
    return [get_phases(series) for series in db.session.scalars(prescribed)]
