"""Booking the sessions of a plan: every one of them, in the caller's transaction."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select

from booking.appointments.patient_booking import book_appointment
from booking.appointments.rules import Origin
from booking.calendars import operations as calendars
from booking.calendars.local_days import minute_of_day
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.models import InfusionSeries, Session
from booking.series.planning.requests import PlannedSession
from booking.series.progress import SessionState
from booking.series.series_calendars import SeriesCalendar, session_start
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind


def to_planned_sessions(
    starts: Sequence[datetime],
    calendar: SeriesCalendar,
    numbers: Sequence[int],
    phase_of_number: Callable[[int], int],
) -> tuple[PlannedSession, ...]:
    """Return starts (UTC) as the sessions of a plan; there are as many of them."""
    zone = calendar.location.zone
    previous_day: date | None = None
    sessions: list[PlannedSession] = []
    for number, starts_at in zip(numbers, starts, strict=True):
        day = starts_at.astimezone(zone).date()
        gap = (day - previous_day).days if previous_day else None
        sessions.append(
            PlannedSession(
                number, phase_of_number(number), day, minute_of_day(starts_at, zone), gap
            )
        )
        previous_day = day
    return tuple(sessions)


def book_sessions(
    series: InfusionSeries,
    calendar: SeriesCalendar,
    sessions: Sequence[PlannedSession],
    now: datetime,
    actor: str,
) -> None:
    """Book every session; their days are locked first, in order, so that two series can't deadlock."""
    calendars.lock_days((calendar.location.id, session.day) for session in sessions)
    patient = patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))
    preferred_ids: tuple[int, ...] = ()
    for planned in sessions:
        appointment = book_appointment(
            patient, calendar.location, calendar.service, calendar.demand(planned.phase),
            session_start(planned, calendar.location.zone), now,
            origin=Origin.SERIES, actor=actor, preferred_ids=preferred_ids,
        )  # fmt: skip
        preferred_ids = preferred_ids or calendars.claimed_resource_ids(appointment.id)
        session = get_or_create_session(series, planned.number, planned.phase)
        session.state, session.appointment_id = SessionState.BOOKED, appointment.id
        tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", session.id, now)


def get_or_create_session(series: InfusionSeries, number: int, phase: int) -> Session:
    """Return a series' session with this number, new and without a time if there is none yet."""
    session = db.session.scalar(select(Session).filter_by(series_id=series.id, number=number))
    if session is None:
        session = Session(
            series_id=series.id, number=number, phase=phase, state=SessionState.UNPLACED
        )
        db.session.add(session)
        db.session.flush()
    return session
