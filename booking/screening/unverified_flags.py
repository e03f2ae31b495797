"""What somebody online said about a patient on file: a question for a practitioner, until accepted."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening.flags import applies_to_patient
from booking.screening.models import Flag, Suitability
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

# After a report; by then it has its task, or is about nobody treated
REPORT_MAX_AGE = timedelta(days=7)
REVIEW_WITHIN = timedelta(days=1)


@transaction()
def open_review_tasks(now: datetime) -> None:
    """Give practitioners a task for each patient under treatment whom an unverified flag may be about.

    Not done when the answers are given, so that how long that takes tells nobody who is a patient.
    """
    unverified = select(Flag).where(
        Flag.is_verified.is_(False),
        Flag.cleared_at.is_(None),
        Flag.raised_at > now - REPORT_MAX_AGE,
    )
    for flag in db.session.scalars(unverified.order_by(Flag.id)).all():
        for patient in _under_treatment(flag):
            if not _was_asked(patient, flag):
                tasks.open_task(
                    TaskKind.REVIEW_REPORT,
                    Owner.PRACTITIONER,
                    "patient",
                    patient.id,
                    now + REVIEW_WITHIN,
                    now,
                    flag=flag.id,
                )


def _under_treatment(flag: Flag) -> list[Patient]:
    """Return the patients with a practitioner's finding whom a flag may be about."""
    has_finding = (
        select(Suitability.patient_id).where(Suitability.patient_id == Patient.id).exists()
    )
    same_birth_date = select(Patient).where(
        Patient.birth_date == flag.birth_date, Patient.merged_into_id.is_(None), has_finding
    )
    return [
        patient
        for patient in db.session.scalars(same_birth_date)
        if applies_to_patient(patient, flag)
    ]


def _was_asked(patient: Patient, flag: Flag) -> bool:
    return tasks.was_handled_since(
        TaskKind.REVIEW_REPORT, "patient", patient.id, since=flag.raised_at
    )


@transaction()
def confirm_flag(flag_id: int, patient_id: int, staff_id: int, now: datetime) -> None:
    """A practitioner finds that an unverified flag is this patient's: from now on it stops infusions."""
    flag = db.session.get_one(Flag, flag_id, with_for_update=True)
    if flag.is_verified or flag.cleared_at is not None:
        return
    flag.is_verified, flag.patient_id, flag.raised_at = True, patient_id, now
    audit.record(staff_actor(staff_id), "accept_flag", "flag", flag.id, now, patient=patient_id)
    tasks.close_fulfilled_task(TaskKind.REVIEW_REPORT, "patient", patient_id, now)
