"""What was typed for an appointment beside what is on file: the desk chooses which one counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking import clock
from booking.appointments import contacts
from booking.appointments.queries import find_appointment
from booking.desk.form_versions import require_contact_version
from booking.desk.submitting import RedirectWithNotice
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.queries import get_patient, get_patients_by_id
from booking.patients.rules import Contact
from booking.tasks.models import Task, TaskKind

PUT_ON_FILE, KEEP_FILE = "typed", "record"


@dataclass(frozen=True, slots=True)
class ContactConflict:
    """What a task to check a record is about.

    `entered` is gone once it was decided on; `doubtful` are records that may be the same person's.
    """

    patient: Patient
    entered: Contact | None
    possible_duplicates: Sequence[Patient]


def contact_conflicts_by_task(tasks: Sequence[Task]) -> dict[int, ContactConflict]:
    """Return, by task id, what each task to check a record is about."""
    return {task.id: check for task in tasks if (check := _check(task)) is not None}


def _check(task: Task) -> ContactConflict | None:
    if task.kind is not TaskKind.CHECK_RECORD or task.subject_kind != "appointment":
        return None
    appointment = find_appointment(task.subject_id)
    if appointment is None or appointment.patient_id is None:
        return None
    patient = patients.get_merged_patient(get_patient(appointment.patient_id))
    contact = contacts.contacts_by_appointment([appointment.id]).get(appointment.id)
    rows = get_patients_by_id(task.details.get("doubtful", ()))
    records = (patients.get_merged_patient(rows[key]) for key in sorted(rows))
    others = {record.id: record for record in records if record.id != patient.id}
    return ContactConflict(patient, contact, list(others.values()))


def resolve_contact_conflict(task: Task) -> RedirectWithNotice:
    """Do what was chosen; raises `StaleVersion` when the record is no longer as it was shown."""
    check, now = _check(task), clock.now()
    choice, notice = request.form.get("choice"), ""
    if check is not None and choice in (PUT_ON_FILE, KEEP_FILE):
        require_contact_version(check.patient.id)
        if choice == PUT_ON_FILE:
            contacts.copy_contact_to_patient(task.subject_id, current_user.id, now)
            notice = str(_("Put on file. All coming visits are told of there."))
        else:
            contacts.delete_contact(task.subject_id, current_user.actor, now)
            notice = str(_("Messages about this visit go to what is on file."))
    return RedirectWithNotice(url_for("desk.tasks", owner=request.args.get("owner")), notice)
