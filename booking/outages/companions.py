"""Other visits to come of the series that an outage hits: nothing is wrong with them, and they may move."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.outages.affected import Affected, filter_asked
from booking.outages.rules import NOTICE
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause
from booking.series.progress import SeriesStatus
from booking.series.queries import (
    find_session_of_appointment,
    is_session_suspended,
    list_sessions,
)
from booking.series.session_rules import SessionTerms, read_session_terms

UNTIL = timedelta(days=14)  # after the last visit that is hit
REACH = timedelta(days=5)  # how far a visit moves that nothing is wrong with


def list_companions(affected: Affected, now: datetime) -> tuple[Appointment, ...]:
    """Return the visits that may move so that others of their series can, in order of time.

    Of a series that goes on, and of which nobody has to decide something first; whoever is asked about
    another outage is left alone.
    """
    last = max(appointment.local_date for appointment in affected.hit) + UNTIL
    displaced_ids = {each.id for each in (*affected.hit, *affected.giving_way)}
    sessions = (find_session_of_appointment(each.id) for each in affected.hit if each.is_infusion)
    series_ids = {session.series_id for session in sessions if session is not None}
    candidates = [
        appointment
        for series_id in sorted(series_ids)
        for appointment in _list_coming(series_id, now + NOTICE)
        if appointment.local_date <= last and appointment.id not in displaced_ids
    ]
    open_ids = filter_asked([appointment.id for appointment in candidates])
    free = [appointment for appointment in candidates if appointment.id not in open_ids]
    return tuple(sorted(free, key=lambda each: (each.starts_at, each.id)))


def _list_coming(series_id: int, after: datetime) -> Iterator[Appointment]:
    series, sessions = db.session.get_one(InfusionSeries, series_id), list_sessions(series_id)
    is_going_on = series.status is SeriesStatus.ACTIVE and not is_session_suspended(sessions)
    if is_going_on and find_undecided_pause(series_id) is None:
        for each in sessions:
            if each.is_coming(after) and each.appointment is not None:
                yield each.appointment


def read_companion_terms(session: Session, first: date, last: date) -> SessionTerms:
    """Return what a session is bound to that moves for others: what was asked for, and what is authorised."""
    series = db.session.get_one(InfusionSeries, session.series_id)
    return read_session_terms(series, session.number, first, last)


def filter_days(terms: SessionTerms, days: Collection[date], own_day: date) -> list[date]:
    """Return the days near a session's own that its terms allow."""
    return [
        day
        for day in days
        if abs(day - own_day) <= REACH
        and day.weekday() in terms.only.weekdays
        and day not in terms.away_days
        and terms.is_authorised(day)
    ]
