"""The task of a call back is done by the booking that the call led to."""

from flask import request
from flask_login import current_user

from booking import clock
from booking.appointments.models import Appointment
from booking.numbers import parse_number
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind
from booking.tasks.rules import may_close

CALL_REQUEST = "call_request"


def find_call_task(patient: Patient) -> Task | None:
    """Return the open call that the page or form names, if it is this patient's or a new one's to make."""
    task = tasks.find_task(parse_number(request.values.get("task", "")) or 0)
    if task is None or task.done_at is not None or task.kind is not TaskKind.CALL_BACK:
        return None
    if not may_close(task.owner, is_practitioner=current_user.may_decide):
        return None
    is_of_patient = task.subject_kind == "patient" and task.subject_id in (
        patients.list_record_ids(patient.id)
    )
    return task if is_of_patient or task.subject_kind == CALL_REQUEST else None


def find_task_of_call_request(call_id: int) -> Task | None:
    """Return the open task to call somebody back who left a number."""
    return tasks.find_open_task(TaskKind.CALL_BACK, CALL_REQUEST, call_id)


def finish_call_task(patient: Patient, appointment: Appointment) -> None:
    """Mark the call as done, with what was booked."""
    if task := find_call_task(patient):
        note = f"Booked: {appointment.reference}"
        tasks.finish_task(
            *(task.id, current_user.id, note, clock.now()), is_practitioner=current_user.may_decide
        )
