"""People whom someone has to call: before anything is booked, or because they asked for it."""

from datetime import datetime, timedelta

from booking.calendars.places import Place
from booking.db import transaction
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

CALL_WITHIN = timedelta(days=1)  # a clinician calls back by then
AT_ONCE = timedelta(minutes=15)  # someone was in danger


@transaction()
def ask_to_call_first(
    name: str,
    phone: str,
    now: datetime,
    *,
    place: Place | None = None,
    wanted_start: datetime | None = None,
    flag_id: int | None = None,
) -> None:
    """Keep a number and give a clinician the task of calling it before anything is booked.

    A flag that the same person has just raised learns the number, so that it is matched later.
    """
    if flag_id is not None:
        screening.name_flag(flag_id, phone)
    request = patients.ask_for_call(
        name,
        phone,
        now,
        location_id=place.id if place else None,
        wanted_start=wanted_start,
    )
    tasks.open_task(
        TaskKind.CALL_FIRST,
        Owner.PRACTITIONER,
        "call_request",
        request.id,
        now + CALL_WITHIN,
        now,
    )


@transaction()
def ask_to_call_back(
    name: str,
    phone: str,
    now: datetime,
    *,
    location_id: int | None = None,
    note: str = "",
) -> None:
    """Keep the number of someone who would rather book by phone, and give the desk the task."""
    request = patients.ask_for_call(name, phone, now, location_id=location_id, note=note)
    tasks.open_task(
        TaskKind.CALL_BACK,
        Owner.FRONT_DESK,
        "call_request",
        request.id,
        now + CALL_WITHIN,
        now,
    )


@transaction()
def ask_to_call_patient_first(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of calling a patient before anything is booked."""
    tasks.open_task(
        TaskKind.CALL_FIRST,
        Owner.PRACTITIONER,
        "patient",
        patient.id,
        now + CALL_WITHIN,
        now,
    )


@transaction()
def ask_after_danger(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of asking at once after a patient who said they were in danger."""
    tasks.open_task(TaskKind.CRISIS, Owner.PRACTITIONER, "patient", patient.id, now + AT_ONCE, now)
