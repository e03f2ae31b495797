"""Prescribing a series, booking it whole, keeping it booked ahead, and placing what has no time."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.appointments import operations as appointments
from booking.appointments.rules import Origin, Status
from booking.appointments.visits import book_visit, require_clearance
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.days import minute_of_day
from booking.db import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series.checker import check
from booking.series.gaps import require_gaps, standing_beside
from booking.series.life import ABOUT_A_SESSION
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.planner import PlannedSession
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposing import INFUSION, Calendar, request_for, start_of
from booking.series.reading import phases_of, sessions_of
from booking.series.rules import (
    BadSchedule,
    Held,
    Phase,
    Preferences,
    check_phases,
)
from booking.staff.models import Role, Staff
from booking.statements import write
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

LOOK_AGAIN = timedelta(hours=6)  # how often a series is looked at for booking it further ahead


class NotAPractitioner(PermissionError):
    """Only a practitioner prescribes."""


class NotProposed(Exception):
    """The series or session is booked already, or stopped: there is nothing left to plan or place."""


class PlanChanged(Exception):
    """The chosen plan no longer keeps every rule, since something was booked meanwhile; plan again."""


@transaction()
def prescribe(
    patient: Patient,
    template_id: int,
    phases: Sequence[Phase],
    preferences: Preferences,
    location: str,
    first_day: date,
    staff_id: int,
    now: datetime,
    *,
    note: str = "",
) -> InfusionSeries:
    """Prescribe a series: the patient's own copy of a template, yet without times.

    Raises `NotAPractitioner`, `NotCleared` without a finding of suitability, `BadSchedule`, `UnknownName`.
    """
    if db.session.get_one(Staff, staff_id).role is not Role.PRACTITIONER:
        raise NotAPractitioner
    place = offering.find_place(offering.catalogue(), location)
    require_clearance(patient.id, place, now)
    if first_day < now.astimezone(place.zone).date():
        raise BadSchedule("first_day: expected today or later")
    series = InfusionSeries(
        patient_id=patient.id,
        template_id=db.session.get_one(ScheduleTemplate, template_id).id,
        location_id=place.id,
        status=SeriesStatus.PROPOSED,
        phases=[phase.as_data() for phase in check_phases(phases)],
        preferences=preferences.as_data(),
        first_day=first_day,
        prescribed_by_id=staff_id,
        prescribed_at=now,
        note=note,
        next_look_at=now,
    )
    write(series)
    audit.record(
        f"staff:{staff_id}", "prescribe", "infusion_series", series.id, now, patient=patient.id
    )
    return series


@transaction()
def book_plan(
    series_id: int, starts: Sequence[datetime], now: datetime, actor: str
) -> InfusionSeries:
    """Book a whole series at these starts (UTC, one a session in order), or nothing of it.

    The plan is checked again against what is free now. Pressed twice, it books once. Raises
    `PlanChanged`, `SlotTaken`, `PatientBusy`, `NotCleared`, `NotProposed`.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.ACTIVE:
        return series
    if series.status is not SeriesStatus.PROPOSED:
        raise NotProposed
    request, calendar = request_for(series, now)
    chosen = _as_planned(starts, calendar, request.numbers, request.phase)
    if check(request, chosen):
        raise PlanChanged
    book_all(series, calendar, chosen, now, actor)
    series.status = SeriesStatus.ACTIVE
    audit.record(actor, "book_series", "infusion_series", series.id, now, sessions=len(chosen))
    return series


def _as_planned(
    starts: Sequence[datetime],
    calendar: Calendar,
    numbers: Sequence[int],
    phase_of_number: Callable[[int], int],
) -> tuple[PlannedSession, ...]:
    if len(starts) != len(numbers):
        raise PlanChanged
    zone = calendar.place.zone
    before: date | None = None
    found: list[PlannedSession] = []
    for number, starts_at in zip(numbers, starts, strict=True):
        day = starts_at.astimezone(zone).date()
        gap = (day - before).days if before else None
        found.append(
            PlannedSession(
                number, phase_of_number(number), day, minute_of_day(starts_at, zone), gap
            )
        )
        before = day
    return tuple(found)


def book_all(
    series: InfusionSeries,
    calendar: Calendar,
    chosen: Sequence[PlannedSession],
    now: datetime,
    actor: str,
) -> None:
    """Book every session; their days are locked first, in order, so that two series can't deadlock."""
    calendars.lock_days((calendar.place.id, one.day) for one in chosen)
    patient = db.session.get_one(Patient, series.patient_id)
    prefer: tuple[int, ...] = ()
    for one in chosen:
        visit = book_visit(
            patient, calendar.place, calendar.offer, calendar.demand(one.phase),
            start_of(one, calendar.place.zone), now,
            origin=Origin.SERIES, actor=actor, prefer=prefer,
        )  # fmt: skip
        prefer = prefer or calendars.resources_of(visit.id)
        session = session_numbered(series, one.number, one.phase)
        session.state, session.appointment_id = SessionState.BOOKED, visit.id
        tasks.settle(TaskKind.PLACE_SESSION, "session", session.id, now)


def session_numbered(series: InfusionSeries, number: int, phase: int) -> Session:
    """Return a series' session with this number, new and without a time if there is none yet."""
    found = db.session.scalar(select(Session).filter_by(series_id=series.id, number=number))
    if found is None:
        found = Session(
            series_id=series.id, number=number, phase=phase, state=SessionState.UNPLACED
        )
        write(found)
    return found


@transaction()
def place_session(
    session_id: int, starts_at: datetime, now: datetime, actor: str, *, reason: str = ""
) -> Session:
    """Give a session without a time one, at `starts_at` (UTC).

    Against the series' gaps a practitioner may place it with a `reason`, which is kept with the visit.
    Raises `ChangeRefused`, `SlotTaken`, `PatientBusy`, `NotCleared`, `NotProposed`.
    """
    session = db.session.get_one(Session, session_id, with_for_update=True)
    if session.state not in (SessionState.UNPLACED, SessionState.MISSED):
        raise NotProposed
    series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
    if series.status not in (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED):
        raise NotProposed
    known = offering.catalogue()
    place, offer = known.places_by_id[series.location_id], known.offers[INFUSION]
    wanted = Held(session.number, session.phase, starts_at.astimezone(place.zone).date())
    require_gaps(session, [*standing_beside(session), wanted], actor, reason, now)
    phase = phases_of(series)[session.phase]
    demand = offer.infusion(phase.setup, phase.infusion, phase.recovery, place)
    visit = book_visit(
        db.session.get_one(Patient, series.patient_id), place, offer, demand, starts_at, now,
        origin=Origin.SERIES, actor=actor,
    )  # fmt: skip
    visit.note, series.status = reason, SeriesStatus.ACTIVE
    session.state, session.appointment_id = SessionState.BOOKED, visit.id
    for kind in ABOUT_A_SESSION:
        tasks.settle(kind, "session", session.id, now)
    audit.record(actor, "place_session", "session", session.id, now, reason=bool(reason))
    return session


@transaction()
def stop(series_id: int, now: datetime, actor: str, *, reason: str) -> None:
    """End a series: its coming visits are cancelled, their times freed, and the reason is kept.

    What has been done stays done, and what becomes of a visit under way is still noted.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    series.status = SeriesStatus.STOPPED
    series.note = f"{series.note}\n{reason}".strip()
    for one in sessions_of(series_id):
        is_coming = one.visit and one.visit.status is Status.BOOKED and one.visit.starts_at > now
        if one.visit and is_coming:
            appointments.cancel(one.visit.id, now, actor, by_patient=False, reason=reason)
        if is_coming or one.session.state is SessionState.UNPLACED:
            one.session.state = SessionState.CANCELLED
        for kind in ABOUT_A_SESSION:
            tasks.settle(kind, "session", one.session.id, now)
    audit.record(actor, "stop_series", "infusion_series", series.id, now)
