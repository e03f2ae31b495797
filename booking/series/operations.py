"""Prescribing a series, booking it whole, keeping it booked ahead, and placing what has no time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from booking.appointments.exemptions import ClaimTerms
from booking.appointments.patient_booking import book_for_patient, require_clearance
from booking.appointments.rules import Origin
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import NO_RULES, Rules
from booking.dates import latest_plannable_date
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.bookable_plans import plan_until_uncleared
from booking.series.booking import (
    SessionStart,
    book_sessions,
    keep_unbooked_sessions,
    to_planned_sessions,
)
from booking.series.completion import (
    complete_if_finished,
    mark_given_up,
    settle_session_tasks,
)
from booking.series.gap_limits import update_gap_warning
from booking.series.gaps import read_series_gaps, require_gaps_kept
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.planning.checker import check_plan
from booking.series.preferences import Preferences
from booking.series.progress import UNPLACED_STATES, SeriesStatus, SessionState
from booking.series.proposals import (
    LONGEST_DELAY,
    build_plan_request,
)
from booking.series.queries import is_placeable, list_current_series
from booking.series.refusals import (
    PlanChanged,
    PractitionerRequired,
    SeriesInProgress,
    SeriesNotPending,
)
from booking.series.ruled_starts import get_session_demand
from booking.series.rules import InvalidSchedule, Phase, require_valid_phases
from booking.series.series_calendars import get_location_and_service
from booking.series.session_links import keep_replaced_appointment
from booking.series.talk_therapy import open_first_talk_therapy_task
from booking.staff.models import Role, Staff

PRESCRIBED = ("template_id", "location_id", "phases", "preferences", "first_day", "note")
BOOK_AHEAD_INTERVAL = timedelta(hours=6)  # between two looks at one series


@transaction()
def prescribe_series(
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

    A patient has one series at a time: one not booked yet is withdrawn for the new one; prescribed twice
    alike, it is made once. Raises `PractitionerRequired`, `NotCleared` without a finding of suitability,
    `InvalidSchedule`, `UnknownSlug`, `SeriesInProgress`.
    """
    home_location = availability.get_location(availability.current_catalogue(), location)
    _require_prescribable(patient, home_location, first_day, staff_id, now)
    merged_id = patients.get_merged_patient(patient).id
    person = db.session.get_one(Patient, merged_id, with_for_update=True)
    series = InfusionSeries(
        patient_id=person.id,
        template_id=db.session.get_one(ScheduleTemplate, template_id).id,
        location_id=home_location.id,
        status=SeriesStatus.PROPOSED,
        phases=[phase.to_dict() for phase in require_valid_phases(phases)],
        preferences=preferences.to_dict(),
        first_day=first_day,
        prescribed_by_id=staff_id,
        prescribed_at=now,
        note=note,
        next_look_at=now,
    )
    actor = staff_actor(staff_id)
    if pending_series := _replace_pending_series(series, actor, now):
        return pending_series
    db.session.add(series)
    db.session.flush()
    audit.record(actor, "prescribe", "infusion_series", series.id, now, patient=patient.id)
    return series


def _require_prescribable(
    patient: Patient, location: LocationCalendar, first_day: date, staff_id: int, now: datetime
) -> None:
    """Raise what forbids a prescription: who prescribes, the patient's clearance, or the first day."""
    if db.session.get_one(Staff, staff_id).role is not Role.PRACTITIONER:
        raise PractitionerRequired
    require_clearance(patient.id, location, now)
    today = now.astimezone(location.zone).date()
    if not today <= first_day <= latest_plannable_date(today):
        raise InvalidSchedule("first_day: expected today or later, two years from now at most")


def _replace_pending_series(
    series: InfusionSeries, actor: str, now: datetime
) -> InfusionSeries | None:
    """Withdraw what is prescribed and not booked, or return it if it is the very same.

    Raises `SeriesInProgress` beside one that is booked. The caller holds the patient's row.
    """
    for other_series in list_current_series(series.patient_id):
        if other_series.status is SeriesStatus.ACTIVE:
            raise SeriesInProgress(other_series.id)
        if all(getattr(other_series, name) == getattr(series, name) for name in PRESCRIBED):
            return other_series
        withdraw_prescription(other_series.id, now, actor, reason="")
    return None


@transaction()
def withdraw_prescription(series_id: int, now: datetime, actor: str, *, reason: str) -> None:
    """Take back a prescription that isn't booked; the reason is kept. Raises `SeriesNotPending`."""
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.WITHDRAWN:
        return
    if series.status is not SeriesStatus.PROPOSED:
        raise SeriesNotPending
    series.status = SeriesStatus.WITHDRAWN
    series.note = f"{series.note}\n{reason}".strip()
    db.session.flush()  # its place is free for the next, of which the index allows one
    audit.record(actor, "withdraw_series", "infusion_series", series.id, now, reason=bool(reason))


@transaction()
def book_plan(
    series_id: int, starts: Sequence[SessionStart], now: datetime, actor: str
) -> InfusionSeries:
    """Book a whole series at these starts (one a session in order), or nothing of it.

    Where the patient's clearance ends, so does the plan; sessions after that wait for a practitioner, and
    are booked once they are cleared. The plan is checked again against what is free now. Pressed twice: once.
    Raises `PlanChanged`, `SlotTaken`, `PatientBusy`, `NotCleared`, `SeriesNotPending`, `UnknownSlug`.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.ACTIVE:
        return series
    if series.status is not SeriesStatus.PROPOSED:
        raise SeriesNotPending
    prescribed, calendar = build_plan_request(series, now, delay=LONGEST_DELAY)
    request = prescribed
    if len(starts) != len(prescribed.numbers):
        request = plan_until_uncleared(prescribed, calendar).request
    if not starts or len(starts) != len(request.numbers):
        raise PlanChanged
    sessions = to_planned_sessions(starts, calendar, request.numbers, request.phase_index)
    if check_plan(request, sessions):
        raise PlanChanged
    book_sessions(series, calendar, sessions, now, actor)
    keep_unbooked_sessions(series, prescribed, len(sessions), now)
    open_first_talk_therapy_task(series, calendar.starts_at(sessions[0].slot), now)
    series.status = SeriesStatus.ACTIVE
    audit.record(actor, "book_series", "infusion_series", series.id, now, sessions=len(sessions))
    return series


@transaction()
def place_session(
    session_id: int,
    starts_at: datetime,
    now: datetime,
    actor: str,
    *,
    location: str | None = None,
    reason: str = "",
    exempt: Rules = NO_RULES,
) -> Session:
    """Give a session without a time one, at `starts_at` (UTC), at its series' location or another.

    Against the series' gaps a practitioner may place it with a `reason`, which is kept with the appointment;
    so may who may override them against rules of the calendar that are `exempt`. Raises `ChangeRefused`,
    `SlotTaken`, `OverrideRefused`, `PatientBusy`, `NotCleared`, `SeriesNotPending`, `UnknownSlug`.
    """
    session = db.session.get_one(Session, session_id, with_for_update=True)
    series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
    if not is_placeable(session, series):
        raise SeriesNotPending
    catalogue = availability.current_catalogue()
    new_location, service = get_location_and_service(catalogue, series, location)
    day = starts_at.astimezone(new_location.zone).date()
    gaps = read_series_gaps(session)
    require_gaps_kept(session, gaps, gaps.with_session_placed(session, day), actor, reason, now)
    person = patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))
    appointment = book_for_patient(
        person, new_location, service, get_session_demand(session, new_location), starts_at, now,
        origin=Origin.SERIES, actor=actor, terms=ClaimTerms((), exempt, reason),
    )  # fmt: skip
    series.status = SeriesStatus.ACTIVE
    keep_replaced_appointment(session, now)
    session.state, session.appointment_id = SessionState.BOOKED, appointment.id
    settle_session_tasks(session.id, now)
    update_gap_warning(series, now)
    audit.record(actor, "place_session", "session", session.id, now, reason=bool(reason))
    return session


@transaction()
def give_up_session(session_id: int, staff_id: int, now: datetime, *, reason: str) -> None:
    """Decide that a session without a time is given up; the reason is kept. Raises `SeriesNotPending`."""
    session = db.session.get_one(Session, session_id, with_for_update=True)
    series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
    if series.status is not SeriesStatus.ACTIVE or session.state not in UNPLACED_STATES:
        raise SeriesNotPending
    series.note = f"{series.note}\n{session.number}: {reason}".strip()
    mark_given_up(session, staff_id, reason, now)
    complete_if_finished(series, now)
