"""Infusions to come whose patient is no longer cleared for their day: their times are kept until a decision.

Reminders stop, a practitioner has to decide before the next one, and past that deadline the desk is told.
What is cleared again goes on by itself (CLINICAL §2).
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

DECIDE_BEFORE = timedelta(hours=24)  # the next infusion
MIN_DECISION_TIME = timedelta(hours=2)  # to decide in, when the next one is sooner
UNDECIDED_CALL_WITHIN = timedelta(hours=2)  # the desk, once nobody has decided
ACTOR = "scheduler"
UNDECIDED_TASK = TaskKind.CALL_BACK  # about a patient: call them, nobody has decided


def update_suspensions(now: datetime) -> None:
    """Suspend the infusions to come whose patients are no longer cleared, and let the others go on.

    Each person in a transaction of their own. A task closed by hand, with nothing decided, comes back.
    """
    rows = db.session.execute(
        select(Appointment.patient_id, Appointment.local_date, Appointment.suspended_at).where(
            _to_come(now)
        )
    ).all()
    standings = screening.standings_by_patient({row.patient_id for row in rows})
    to_review = {
        row.patient_id
        for row in rows
        if row.suspended_at is not None
        or not standings[row.patient_id].allows_infusion_on(row.local_date)
    }
    asked_ids = tasks.list_open_subjects(TaskKind.DECIDE_SUSPENDED, "patient")
    run_each(
        sorted(to_review | asked_ids),
        lambda patient_id: update_patient_suspension(patient_id, now),
        "suspension_failed",
    )


def _to_come(now: datetime) -> ColumnElement[bool]:
    """Return the condition for infusions to come."""
    is_booked = Appointment.status == Status.BOOKED
    return and_(Appointment.is_infusion, is_booked, Appointment.starts_at > now)


@transaction()
def update_patient_suspension(patient_id: int, now: datetime) -> None:
    """Do so for one person, on all their records: at once, where staff has just decided something."""
    records = patients.list_record_ids(patient_id)
    appointments = _coming_of(records, now)
    basis = screening.get_standing(patient_id)
    for appointment in appointments:
        _set_suspended(
            appointment, now, suspended=not basis.allows_infusion_on(appointment.local_date)
        )
    suspended = [
        appointment for appointment in appointments if appointment.suspended_at is not None
    ]
    if suspended:
        _ask_to_decide(records[0], suspended[0], now)
    else:
        _close_suspension_tasks(records, now)


def _coming_of(records: Collection[int], now: datetime) -> list[Appointment]:
    upcoming = select(Appointment).where(Appointment.patient_id.in_(records), _to_come(now))
    return list(db.session.scalars(upcoming.order_by(Appointment.starts_at).with_for_update()))


def list_suspended_appointments(patient_id: int, now: datetime) -> list[Appointment]:
    """Return a person's infusions to come that are suspended, the soonest first."""
    of_patient = Appointment.patient_id.in_(patients.list_record_ids(patient_id))
    rows = select(Appointment).where(
        of_patient, _to_come(now), Appointment.suspended_at.is_not(None)
    )
    return list(db.session.scalars(rows.order_by(Appointment.starts_at)))


def _set_suspended(appointment: Appointment, now: datetime, *, suspended: bool) -> None:
    if suspended is (appointment.suspended_at is not None):
        return
    appointment.suspended_at = now if suspended else None
    action = "suspend" if suspended else "resume"
    audit.record(ACTOR, action, "appointment", appointment.id, now)


def _ask_to_decide(patient_id: int, next_appointment: Appointment, now: datetime) -> None:
    """Ask for a decision before the next infusion; the task is about the patient, so that there is one.

    When nobody has decided by its deadline, the desk is told. The times are kept: a person cancels.
    """
    due_at = min(
        max(next_appointment.starts_at - DECIDE_BEFORE, now + MIN_DECISION_TIME),
        next_appointment.starts_at,
    )
    tasks.open_task(
        TaskKind.DECIDE_SUSPENDED, Owner.PRACTITIONER, "patient", patient_id, due_at, now
    )
    task = tasks.find_open_task(TaskKind.DECIDE_SUSPENDED, "patient", patient_id)
    if task is not None and task.due_at <= now:
        due_at = min(now + UNDECIDED_CALL_WITHIN, next_appointment.starts_at)
        tasks.open_task(UNDECIDED_TASK, Owner.FRONT_DESK, "patient", patient_id, due_at, now)


def _close_suspension_tasks(records: Collection[int], now: datetime) -> None:
    """Settle what a suspension asked people to do: it is over."""
    for patient_id in records:
        for kind in (TaskKind.DECIDE_SUSPENDED, UNDECIDED_TASK):
            tasks.close_fulfilled_task(kind, "patient", patient_id, now)


@transaction()
def resume_treatment(
    patient_id: int, staff_id: int, now: datetime, *, reason: str, valid_until: date | None = None
) -> None:
    """Keep a practitioner's decision that treatment goes on: a new finding, and every flag is cleared.

    Reminders are derived again; `valid_until` is the last local day that they are cleared for.
    """
    for record in patients.list_records_by_patient([patient_id])[patient_id]:
        for flag in flags.list_open_flags(record.id):
            flags.clear_flag(flag.id, staff_id, now)
    person = patients.get_merged_patient(db.session.get_one(Patient, patient_id))
    screening.record_finding(
        person, Finding.SUITABLE, staff_id, now, valid_until=valid_until, note=reason
    )
    tasks.finish_task_about(TaskKind.DECIDE_SUSPENDED, "patient", person.id, staff_id, reason, now)
    update_patient_suspension(patient_id, now)
