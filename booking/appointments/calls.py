"""People whom someone has to call: before anything is booked, or because they asked for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from booking.appointments.limits import most_calls_an_hour
from booking.calendars import offering
from booking.calendars.deadlines import Deadline, end_of_open_day
from booking.calendars.places import Place
from booking.db import transaction
from booking.patients import call_requests
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.statements import lock_name
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

AT_ONCE = timedelta(minutes=15)  # someone was in danger: by the clock, open or not


def call_deadline(place: Place | None, now: datetime) -> Deadline:
    """Return by when someone who asks for a call now is called: the end of the next working day.

    Without a `place`, at the one that keeps it first: any of them may call.
    """
    return end_of_open_day([place] if place else _every_place(), now)


def _every_place() -> Iterable[Place]:
    return offering.catalogue().places.values()


class TooManyCalls(Exception):
    """So many people have asked to be called that no more is promised: they can call."""


def _is_asked(kind: TaskKind, name: str, phone: str) -> bool:
    """Tell whether this person's call is still to be made."""
    asked = call_requests.call_requests_of(name, phone)
    return tasks.is_open([kind], "call_request", asked)


def _require_few_calls(location_id: int | None, now: datetime) -> None:
    """Raise `TooManyCalls` when a location was asked for as many calls as anyone can make."""
    lock_name(f"calls {location_id}")
    asked = call_requests.count_call_requests(location_id, now - timedelta(hours=1))
    if asked >= most_calls_an_hour():
        raise TooManyCalls


@transaction()
def ask_to_call_first(
    name: str,
    phone: str,
    now: datetime,
    *,
    place: Place | None = None,
    wanted_start: datetime | None = None,
    flag_id: int | None = None,
) -> Deadline:
    """Keep a number and give a clinician the task of calling it before anything is booked; return by when.

    A flag that the same person has just raised learns the number, so that it is matched later. Asked again,
    it is one task. Raises `TooManyCalls`.
    """
    if flag_id is not None:
        screening.name_flag(flag_id, phone)
    due = call_deadline(place, now)
    if _is_asked(TaskKind.CALL_FIRST, name, phone):
        return due
    _require_few_calls(place.id if place else None, now)
    request = call_requests.ask_for_call(
        name,
        phone,
        now,
        location_id=place.id if place else None,
        wanted_start=wanted_start,
    )
    tasks.open_task(
        TaskKind.CALL_FIRST, Owner.PRACTITIONER, "call_request", request.id, due.at, now
    )
    return due


@transaction()
def ask_to_call_back(
    name: str,
    phone: str,
    now: datetime,
    *,
    location_id: int | None = None,
    note: str = "",
) -> Deadline:
    """Keep the number of someone who would rather book by phone, give the desk the task; return by when.

    Asked again, it is one task. Raises `TooManyCalls`.
    """
    place = offering.catalogue().places_by_id[location_id] if location_id else None
    due = call_deadline(place, now)
    if _is_asked(TaskKind.CALL_BACK, name, phone):
        return due
    _require_few_calls(location_id, now)
    request = call_requests.ask_for_call(name, phone, now, location_id=location_id, note=note)
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "call_request", request.id, due.at, now)
    return due


@transaction()
def ask_to_call_patient_first(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of calling a patient before anything is booked."""
    due = call_deadline(None, now)
    tasks.open_task(TaskKind.CALL_FIRST, Owner.PRACTITIONER, "patient", patient.id, due.at, now)


@transaction()
def ask_after_danger(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of asking at once after a patient who said they were in danger."""
    tasks.open_task(TaskKind.CRISIS, Owner.PRACTITIONER, "patient", patient.id, now + AT_ONCE, now)
