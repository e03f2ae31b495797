"""Booking the sessions of a plan: every one of them, in the caller's transaction."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from booking.appointments.exemptions import ClaimTerms
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import operations as calendars
from booking.calendars.availability import UnknownSlug
from booking.calendars.local_days import minute_of_day
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.completion import open_clearance_task
from booking.series.models import InfusionSeries, Session
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.progress import SessionState
from booking.series.series_calendars import SeriesCalendar
from booking.series.session_links import keep_replaced_appointment
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind


class SessionStart(NamedTuple):
    """When and where a session of a plan begins: a location's slug, and a UTC instant."""

    location: str
    starts_at: datetime


def to_planned_sessions(
    starts: Sequence[SessionStart],
    calendar: SeriesCalendar,
    numbers: Sequence[int],
    phase_of_number: Callable[[int], int],
) -> tuple[PlannedSession, ...]:
    """Return starts as the sessions of a plan; there are as many of them. Raises `UnknownSlug`."""
    previous_day: date | None = None
    sessions: list[PlannedSession] = []
    for number, start in zip(numbers, starts, strict=True):
        slot = _to_slot(start, calendar)
        gap = (slot.day - previous_day).days if previous_day else None
        sessions.append(PlannedSession(number, phase_of_number(number), slot, gap))
        previous_day = slot.day
    return tuple(sessions)


def _to_slot(start: SessionStart, calendar: SeriesCalendar) -> PlanSlot:
    if start.location not in calendar.locations:
        raise UnknownSlug("location", start.location)
    zone = calendar.locations[start.location].zone
    local_day = start.starts_at.astimezone(zone).date()
    return PlanSlot(start.location, local_day, minute_of_day(start.starts_at, zone))


def book_sessions(
    series: InfusionSeries,
    calendar: SeriesCalendar,
    sessions: Sequence[PlannedSession],
    now: datetime,
    actor: str,
) -> None:
    """Book every session; their days are locked first, in order, so that two series can't deadlock."""
    slots = [session.slot for session in sessions]
    calendars.lock_days((calendar.locations[slot.location].id, slot.day) for slot in slots)
    patient = patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))
    preferred_ids: dict[str, tuple[int, ...]] = {}
    for planned in sessions:
        location = planned.slot.location
        appointment = book_for_patient(
            patient, calendar.locations[location], calendar.service,
            calendar.demand(planned.phase, location), calendar.starts_at(planned.slot), now,
            origin=Origin.SERIES, actor=actor, terms=ClaimTerms(preferred_ids.get(location, ())),
        )  # fmt: skip
        if location not in preferred_ids:
            preferred_ids[location] = calendars.claimed_resource_ids(appointment.id)
        session = get_or_create_session(series, planned.number, planned.phase)
        keep_replaced_appointment(session, now)
        session.state, session.appointment_id = SessionState.BOOKED, appointment.id
        tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", session.id, now)


def get_or_create_session(series: InfusionSeries, number: int, phase: int) -> Session:
    """Return a series' session with this number, in this phase; new and without a time if there is none yet.

    One that was given up and is needed again may have been of another phase.
    """
    session = db.session.scalar(select(Session).filter_by(series_id=series.id, number=number))
    if session is None:
        session = Session(
            series_id=series.id, number=number, phase=phase, state=SessionState.UNPLACED
        )
        db.session.add(session)
        db.session.flush()
    session.phase = phase
    return session


def keep_unbooked_sessions(
    series: InfusionSeries, request: PlanRequest, booked_count: int, now: datetime
) -> None:
    """Keep the sessions after the end of the clearance; a practitioner looks at it, then they are booked."""
    unbooked_numbers = request.numbers[booked_count:]
    for number in unbooked_numbers:
        get_or_create_session(series, number, request.phase_index(number))
    if unbooked_numbers:
        open_clearance_task(series, now)
