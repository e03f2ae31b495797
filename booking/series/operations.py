"""Prescribing a series, booking it whole, keeping it booked ahead, and placing what has no time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from booking.appointments import operations as appointments
from booking.appointments.rules import Origin, Status
from booking.appointments.visits import book_visit, require_clearance
from booking.audit import operations as audit
from booking.calendars import offering
from booking.dates import furthest
from booking.db import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.booking import as_planned, book_all, session_numbered
from booking.series.checker import check
from booking.series.free_time import where_and_what
from booking.series.gaps import require_gaps, standing_beside
from booking.series.life import ABOUT_A_SESSION, ask_for_clearance, complete_if_over
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.planner import PlanRequest
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposing import reach, request_for
from booking.series.reading import going_on, phases_of, sessions_of
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

WITHOUT_A_TIME = (SessionState.UNPLACED, SessionState.MISSED)
PRESCRIBED = ("template_id", "location_id", "phases", "preferences", "first_day", "note")
LOOK_AGAIN = timedelta(hours=6)  # how often a series is looked at for booking it further ahead


class NotAPractitioner(PermissionError):
    """Only a practitioner prescribes."""


class SeriesGoesOn(Exception):
    """The patient has a series that goes on, `series_id`: it is stopped, or over, before another one."""

    def __init__(self, series_id: int) -> None:
        super().__init__(series_id)
        self.series_id = series_id


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

    A patient has one series at a time: one that isn't booked yet is withdrawn for the new one; prescribed
    twice alike, it is made once. Raises `NotAPractitioner`, `NotCleared` without a finding of suitability,
    `BadSchedule`, `UnknownName`, `SeriesGoesOn`.
    """
    if db.session.get_one(Staff, staff_id).role is not Role.PRACTITIONER:
        raise NotAPractitioner
    place = offering.find_place(offering.catalogue(), location)
    require_clearance(patient.id, place, now)
    today = now.astimezone(place.zone).date()
    if not today <= first_day <= furthest(today):
        raise BadSchedule("first_day: expected today or later, two years from now at most")
    person = db.session.get_one(Patient, patients.survivor(patient).id, with_for_update=True)
    series = InfusionSeries(
        patient_id=person.id,
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
    if same := _make_room_for(series, f"staff:{staff_id}", now):
        return same
    write(series)
    audit.record(
        f"staff:{staff_id}", "prescribe", "infusion_series", series.id, now, patient=patient.id
    )
    return series


def _make_room_for(wanted: InfusionSeries, actor: str, now: datetime) -> InfusionSeries | None:
    """Withdraw what is prescribed and not booked, or return it if it is the very same.

    Raises `SeriesGoesOn` beside one that is booked. The caller holds the patient's row.
    """
    for other in going_on(wanted.patient_id):
        if other.status is SeriesStatus.ACTIVE:
            raise SeriesGoesOn(other.id)
        if all(getattr(other, name) == getattr(wanted, name) for name in PRESCRIBED):
            return other
        withdraw(other.id, now, actor, reason="")
    return None


@transaction()
def withdraw(series_id: int, now: datetime, actor: str, *, reason: str) -> None:
    """Take back a prescription that isn't booked; the reason is kept. Raises `NotProposed`."""
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.WITHDRAWN:
        return
    if series.status is not SeriesStatus.PROPOSED:
        raise NotProposed
    series.status = SeriesStatus.WITHDRAWN
    series.note = f"{series.note}\n{reason}".strip()
    write(series)
    audit.record(actor, "withdraw_series", "infusion_series", series.id, now, reason=bool(reason))


@transaction()
def book_plan(
    series_id: int, starts: Sequence[datetime], now: datetime, actor: str
) -> InfusionSeries:
    """Book a whole series at these starts (UTC, one a session in order), or nothing of it.

    Where the patient's clearance ends, so does the plan; sessions after that wait for a practitioner, and
    are booked once they are cleared. The plan is checked again against what is free now. Pressed twice, it
    books once. Raises `PlanChanged`, `SlotTaken`, `PatientBusy`, `NotCleared`, `NotProposed`, `UnknownName`.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.ACTIVE:
        return series
    if series.status is not SeriesStatus.PROPOSED:
        raise NotProposed
    wanted, calendar = request_for(series, now)
    request = wanted
    if len(starts) != len(wanted.numbers):
        request = reach(wanted, calendar, now).request
    if not starts or len(starts) != len(request.numbers):
        raise PlanChanged
    chosen = as_planned(starts, calendar, request.numbers, request.phase)
    if check(request, chosen):
        raise PlanChanged
    book_all(series, calendar, chosen, now, actor)
    _keep_waiting(series, wanted, len(chosen), now)
    series.status = SeriesStatus.ACTIVE
    audit.record(actor, "book_series", "infusion_series", series.id, now, sessions=len(chosen))
    return series


def _keep_waiting(series: InfusionSeries, wanted: PlanRequest, booked: int, now: datetime) -> None:
    """Keep the sessions after the end of the clearance; a practitioner looks at it, then they are booked."""
    waiting = wanted.numbers[booked:]
    for number in waiting:
        session_numbered(series, number, wanted.phase(number))
    if waiting:
        ask_for_clearance(series, now)


@transaction()
def place_session(
    session_id: int, starts_at: datetime, now: datetime, actor: str, *, reason: str = ""
) -> Session:
    """Give a session without a time one, at `starts_at` (UTC).

    Against the series' gaps a practitioner may place it with a `reason`, which is kept with the visit.
    Raises `ChangeRefused`, `SlotTaken`, `PatientBusy`, `NotCleared`, `NotProposed`, `UnknownName`.
    """
    session = db.session.get_one(Session, session_id, with_for_update=True)
    if session.state not in WITHOUT_A_TIME:
        raise NotProposed
    series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
    if series.status not in (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED):
        raise NotProposed
    if any(other.id != series.id for other in going_on(series.patient_id)):
        raise NotProposed
    place, offer = where_and_what(offering.catalogue(), series)
    wanted = Held(session.number, session.phase, starts_at.astimezone(place.zone).date())
    require_gaps(session, [*standing_beside(session), wanted], actor, reason, now)
    phase = phases_of(series)[session.phase]
    demand = offer.infusion(phase.setup, phase.infusion, phase.recovery, place)
    visit = book_visit(
        patients.survivor(db.session.get_one(Patient, series.patient_id)),
        place, offer, demand, starts_at, now, origin=Origin.SERIES, actor=actor,
    )  # fmt: skip
    visit.note, series.status = reason, SeriesStatus.ACTIVE
    session.state, session.appointment_id = SessionState.BOOKED, visit.id
    for kind in ABOUT_A_SESSION:
        tasks.settle(kind, "session", session.id, now)
    audit.record(actor, "place_session", "session", session.id, now, reason=bool(reason))
    return session


@transaction()
def give_up(session_id: int, staff_id: int, now: datetime, *, reason: str) -> None:
    """Decide that a session without a time takes place no more; the reason is kept. Raises `NotProposed`."""
    session = db.session.get_one(Session, session_id, with_for_update=True)
    series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
    if series.status is not SeriesStatus.ACTIVE or session.state not in WITHOUT_A_TIME:
        raise NotProposed
    if session.state is SessionState.UNPLACED:  # that one was missed stays a fact
        session.state = SessionState.CANCELLED
    series.note = f"{series.note}\n{session.number}: {reason}".strip()
    for kind in ABOUT_A_SESSION:
        tasks.finish_about(kind, "session", session.id, staff_id, reason, now)
    audit.record(f"staff:{staff_id}", "give_up_session", "session", session.id, now)
    complete_if_over(series, now)


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
