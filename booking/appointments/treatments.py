"""The steps of an infusion on its day, recorded as they happen; each can be undone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from booking.appointments.changes import keep_change
from booking.appointments.day_rules import TreatmentFacts, TreatmentStep, require_step_allowed
from booking.appointments.models import Appointment
from booking.appointments.operations import lock_for_change
from booking.appointments.rules import Action, ActionNotAllowed, require_action_allowed
from booking.appointments.treatment_models import TreatmentTimes
from booking.appointments.versions import increment_version
from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import operations as staff

COLUMNS = {
    TreatmentStep.SEAT: "seated_at",
    TreatmentStep.START: "started_at",
    TreatmentStep.RECOVER: "recovery_at",
    TreatmentStep.READY: "ready_at",
    TreatmentStep.RIDE: "ride_at",
}


@transaction()
def record_step(
    appointment_id: int,
    step: TreatmentStep,
    now: datetime,
    actor: str,
    *,
    expected_version: int | None = None,
) -> None:
    """Record that a step of an infusion happened just now.

    Raises `StaleVersion`, `ActionNotAllowed`: no arrived infusion, not the next step, or not for this person.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    require_action_allowed(Action.RECORD_STEP, appointment.status, appointment.starts_at, now)
    if not appointment.is_infusion:
        raise ActionNotAllowed(Action.RECORD_STEP, "is_no_infusion")
    treatment = _get_or_add(appointment)
    role = staff.find_role(actor)
    is_clinician = role is not None and role.is_clinician
    require_step_allowed(step, _read_facts(treatment), is_clinician=is_clinician)
    keep_change(
        *(appointment, Action.RECORD_STEP, now, actor),
        lambda: _write_step(appointment, treatment, step, now, actor),
    )


def _get_or_add(appointment: Appointment) -> TreatmentTimes:
    """Return what is recorded of an appointment; the row is there before what is kept to undo a step."""
    treatment = db.session.get(TreatmentTimes, appointment.id)
    if treatment is None:
        treatment = TreatmentTimes(appointment_id=appointment.id, checks=[])
        db.session.add(treatment)
        db.session.flush()
    return treatment


def _write_step(
    appointment: Appointment,
    treatment: TreatmentTimes,
    step: TreatmentStep,
    now: datetime,
    actor: str,
) -> None:
    if step is TreatmentStep.CHECK:
        treatment.checks = [*treatment.checks, now.isoformat()]
    else:
        setattr(treatment, COLUMNS[step], now)
    increment_version(appointment)
    audit.record(actor, "record_step", "appointment", appointment.id, now, step=step.value)


def facts_by_appointment(appointment_ids: Collection[int]) -> dict[int, TreatmentFacts]:
    """Return what was recorded of infusions, by appointment; nothing where nothing was."""
    rows = select(TreatmentTimes).where(TreatmentTimes.appointment_id.in_(appointment_ids))
    return {row.appointment_id: _read_facts(row) for row in db.session.scalars(rows)}


def _read_facts(row: TreatmentTimes) -> TreatmentFacts:
    return TreatmentFacts(
        row.seated_at,
        row.started_at,
        tuple(map(datetime.fromisoformat, row.checks)),
        row.recovery_at,
        row.ready_at,
        row.ride_at,
    )
