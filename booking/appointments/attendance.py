"""What happens on the day: an appointment's patient checks in, is treated, or does not come."""

from datetime import datetime
from zoneinfo import ZoneInfo

from booking.appointments.changes import keep_change, list_standing_changes
from booking.appointments.guards import Change, check_change
from booking.appointments.impossible import close_call_task
from booking.appointments.models import Appointment, AppointmentChange
from booking.appointments.operations import location_of, lock_for_change, record_reason
from booking.appointments.patient_booking import NotCleared
from booking.appointments.reverting import (
    UndoProblem,
    UndoRefused,
    revert_change,
    revert_effects,
)
from booking.appointments.rules import (
    Action,
    Outcome,
    Status,
    require_action_allowed,
    require_outcome_allowed,
)
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.db.transactions import transaction
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.staff import operations as staff
from booking.staff.models import Role


@transaction()
def check_in(
    appointment_id: int,
    now: datetime,
    actor: str,
    *,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """The patient is here. An infusion needs clearance for its own local date still.

    Without it a practitioner may go on by a `reason`, which is kept. Who comes late after a no-show is
    checked in while the day lasts: what followed from it is taken back.
    Raises `StaleVersion`, `ActionNotAllowed`, `NotCleared`, `UndoRefused`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    _require_allowed(Action.CHECK_IN, appointment, now)
    keep_change(
        *(appointment, Action.CHECK_IN, now, actor),
        lambda: _check_in(appointment, now, actor, reason),
    )


def _check_in(appointment: Appointment, now: datetime, actor: str, reason: str) -> None:
    if appointment.status is Status.NOSHOW:
        _revert_no_show(appointment, now)
    if appointment.is_infusion and appointment.patient_id is not None:
        _require_clearance_or_reason(appointment, appointment.patient_id, actor, reason, now)
    appointment.status, appointment.arrived_at, appointment.suspended_at = Status.ARRIVED, now, None
    calendars.pin_claims(appointment.id, location_of(appointment), appointment.local_date)
    close_call_task(appointment.id, now)
    audit.record(actor, "check_in", "appointment", appointment.id, now)


def _require_allowed(action: Action, appointment: Appointment, now: datetime) -> None:
    require_action_allowed(
        action,
        appointment.status,
        appointment.starts_at,
        now,
        is_its_day=is_its_day(appointment, now),
    )


def is_its_day(appointment: Appointment, now: datetime) -> bool:
    """Tell whether it is still, or already, the local day of an appointment."""
    return now.astimezone(ZoneInfo(appointment.time_zone)).date() == appointment.local_date


def _revert_no_show(appointment: Appointment, now: datetime) -> None:
    latest = next(iter(list_standing_changes(appointment.id)), None)
    if latest is None or latest.action is not Action.MARK_NO_SHOW:
        raise UndoRefused(UndoProblem.NOT_LATEST)
    revert_change(latest, appointment, now)


def _require_clearance_or_reason(
    appointment: Appointment, patient_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Let a practitioner who says why treat who isn't cleared; that they did is in the audit trail."""
    clearance = screening.get_clearance(patient_id, appointment.local_date)
    if clearance is Clearance.CLEARED:
        return
    may_override = staff.find_role(actor) is Role.PRACTITIONER
    if not (may_override and reason):
        raise NotCleared(clearance, accepts_reason=may_override)
    record_reason(appointment, reason)
    audit.record(
        actor, "override_clearance", "appointment", appointment.id, now, clearance=clearance.value
    )


@transaction()
def fulfil(
    appointment_id: int,
    outcome: Outcome,
    now: datetime,
    actor: str,
    *,
    expected_version: int | None = None,
) -> None:
    """The appointment is over, with this outcome; what is left of its time is free again.

    Another outcome is recorded in its place while the day lasts: what followed from the first is taken back.
    Raises `StaleVersion`, `ActionNotAllowed`, `UndoRefused`, `ValueError` for an outcome this appointment
    can't have.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    _require_allowed(Action.FULFIL, appointment, now)
    require_outcome_allowed(
        outcome, is_infusion=appointment.is_infusion, starts_at=appointment.starts_at, now=now
    )
    change = _correct_outcome if appointment.status is Status.FULFILLED else _record_outcome
    keep_change(
        *(appointment, Action.FULFIL, now, actor),
        lambda: change(appointment, outcome, now, actor),
    )


def _record_outcome(appointment: Appointment, outcome: Outcome, now: datetime, actor: str) -> None:
    appointment.outcome = outcome
    check_change(Change(appointment, Action.FULFIL, actor, now, True))
    appointment.status, appointment.ended_at = Status.FULFILLED, now
    calendars.release_remaining_claims(
        appointment.id, location_of(appointment), appointment.local_date, now
    )
    audit.record(actor, "fulfil", "appointment", appointment.id, now, outcome=outcome.value)


def _correct_outcome(appointment: Appointment, outcome: Outcome, now: datetime, actor: str) -> None:
    """Let another outcome follow from an appointment; its time stays as it ended."""
    if _find_outcome_change(appointment.id) is None:
        raise UndoRefused(UndoProblem.NOT_LATEST)
    while latest := _find_outcome_change(appointment.id):  # the first, and its corrections
        revert_effects(latest, appointment, now)
    appointment.outcome = outcome
    check_change(Change(appointment, Action.FULFIL, actor, now, True))
    facts = {"outcome": outcome.value}
    audit.record(actor, "correct_outcome", "appointment", appointment.id, now, **facts)


def _find_outcome_change(appointment_id: int) -> AppointmentChange | None:
    latest = next(iter(list_standing_changes(appointment_id)), None)
    return latest if latest is not None and latest.action is Action.FULFIL else None


@transaction()
def mark_no_show(
    appointment_id: int, now: datetime, actor: str, *, expected_version: int | None = None
) -> None:
    """Mark an appointment as a no-show, and release what is left of its time; no rule refuses a fact.

    Raises `StaleVersion`, `ActionNotAllowed`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    _require_allowed(Action.MARK_NO_SHOW, appointment, now)
    keep_change(
        *(appointment, Action.MARK_NO_SHOW, now, actor),
        lambda: _mark_no_show(appointment, now, actor),
    )


def _mark_no_show(appointment: Appointment, now: datetime, actor: str) -> None:
    check_change(Change(appointment, Action.MARK_NO_SHOW, actor, now, True))
    appointment.status, appointment.ended_at = Status.NOSHOW, now
    close_call_task(appointment.id, now)
    calendars.release_remaining_claims(
        appointment.id, location_of(appointment), appointment.local_date, now
    )
    audit.record(actor, "mark_no_show", "appointment", appointment.id, now)
