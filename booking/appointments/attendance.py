"""What happens on the day: an appointment's patient checks in, is treated, or does not come."""

from datetime import datetime

from booking.appointments.guards import Change, check_change
from booking.appointments.impossible import close_call_task
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of, lock_for_change, record_reason
from booking.appointments.patient_booking import NotCleared
from booking.appointments.rules import (
    Action,
    Outcome,
    Status,
    allowed_outcomes,
    require_action_allowed,
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

    Without it a practitioner may go on by a `reason`, which is kept.
    Raises `StaleVersion`, `ActionNotAllowed`,
    `NotCleared`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    require_action_allowed(Action.CHECK_IN, appointment.status, appointment.starts_at, now)
    if appointment.is_infusion and appointment.patient_id is not None:
        _require_clearance_or_reason(appointment, appointment.patient_id, actor, reason, now)
    appointment.status, appointment.arrived_at, appointment.suspended_at = Status.ARRIVED, now, None
    calendars.pin_claims(appointment.id, location_of(appointment), appointment.local_date)
    close_call_task(appointment.id, now)
    audit.record(actor, "check_in", "appointment", appointment.id, now)


def _require_clearance_or_reason(
    appointment: Appointment, patient_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Let a practitioner who says why treat who isn't cleared; that they did is in the audit trail."""
    clearance = screening.get_clearance(patient_id, appointment.local_date)
    if clearance is Clearance.CLEARED:
        return
    may_override = staff.find_role(actor) is Role.PRACTITIONER
    if not (may_override and reason):
        raise NotCleared(clearance, reason_helps=may_override)
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

    Raises `StaleVersion`, `ActionNotAllowed`, `ValueError` for an outcome this appointment can't have.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    require_action_allowed(Action.FULFIL, appointment.status, appointment.starts_at, now)
    if outcome not in allowed_outcomes(appointment.is_infusion):
        raise ValueError(outcome)
    appointment.outcome = outcome
    check_change(Change(appointment, Action.FULFIL, actor, now, True))
    appointment.status, appointment.ended_at = Status.FULFILLED, now
    calendars.release_remaining_claims(
        appointment.id, location_of(appointment), appointment.local_date, now
    )
    audit.record(actor, "fulfil", "appointment", appointment.id, now, outcome=outcome.value)


@transaction()
def mark_no_show(
    appointment_id: int, now: datetime, actor: str, *, expected_version: int | None = None
) -> None:
    """The patient did not come: a fact; what is left of the time is free again.

    Raises `StaleVersion`, `ActionNotAllowed`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    require_action_allowed(Action.MARK_NO_SHOW, appointment.status, appointment.starts_at, now)
    check_change(Change(appointment, Action.MARK_NO_SHOW, actor, now, True))
    appointment.status, appointment.ended_at = Status.NOSHOW, now
    close_call_task(appointment.id, now)
    calendars.release_remaining_claims(
        appointment.id, location_of(appointment), appointment.local_date, now
    )
    audit.record(actor, "mark_no_show", "appointment", appointment.id, now)
