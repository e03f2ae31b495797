"""People whom someone has to call: before anything is booked, or because they asked for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from booking.appointments.limits import max_calls_per_hour
from booking.calendars import availability
from booking.calendars.deadlines import Deadline, end_of_business_day
from booking.calendars.location_calendars import LocationCalendar
from booking.db.statements import lock_name
from booking.db.transactions import transaction
from booking.patients import call_requests
from booking.patients.models import Patient
from booking.screening import flags
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

CRISIS_WITHIN = timedelta(minutes=15)  # someone was in danger: by the clock, open or not


def compute_callback_deadline(location: LocationCalendar | None, now: datetime) -> Deadline:
    """Return by when someone who asks for a call now is called: the end of the next working day.

    Without a `location`, at the one that keeps it first: any of them may call.
    """
    return end_of_business_day([location] if location else _all_locations(), now)


def _all_locations() -> Iterable[LocationCalendar]:
    return availability.current_catalogue().locations.values()


class TooManyCallRequests(Exception):
    """So many people have asked to be called that no more is promised: they can call."""


def _is_already_requested(kind: TaskKind, name: str, phone: str) -> bool:
    """Tell whether this person's call is still to be made."""
    request_ids = call_requests.list_call_requests(name, phone)
    return tasks.has_open_task([kind], "call_request", request_ids)


def _require_call_limit(location_id: int | None, now: datetime) -> None:
    """Raise `TooManyCallRequests` when a location was asked for as many calls as anyone can make."""
    lock_name(f"calls {location_id}")
    recent_calls = call_requests.count_call_requests(location_id, now - timedelta(hours=1))
    if recent_calls >= max_calls_per_hour():
        raise TooManyCallRequests


@transaction()
def request_call_before_booking(
    name: str,
    phone: str,
    now: datetime,
    *,
    location: LocationCalendar | None = None,
    wanted_start: datetime | None = None,
    flag_id: int | None = None,
) -> Deadline:
    """Keep a number and give a clinician the task of calling it before anything is booked; return by when.

    A flag that the same person has just raised learns the number, so that it is matched later. Asked again,
    it is one task. Raises `TooManyCallRequests`.
    """
    if flag_id is not None:
        flags.add_phone_to_flag(flag_id, phone)
    deadline = compute_callback_deadline(location, now)
    if _is_already_requested(TaskKind.CALL_FIRST, name, phone):
        return deadline
    _require_call_limit(location.id if location else None, now)
    request = call_requests.create_call_request(
        name,
        phone,
        now,
        location_id=location.id if location else None,
        wanted_start=wanted_start,
    )
    tasks.open_task(
        TaskKind.CALL_FIRST, Owner.PRACTITIONER, "call_request", request.id, deadline.at, now
    )
    return deadline


@transaction()
def request_callback(
    name: str,
    phone: str,
    now: datetime,
    *,
    location_id: int | None = None,
    note: str = "",
) -> Deadline:
    """Keep the number of someone who would rather book by phone, give the desk the task; return by when.

    Asked again, it is one task. Raises `TooManyCallRequests`.
    """
    location = (
        availability.current_catalogue().locations_by_id[location_id] if location_id else None
    )
    deadline = compute_callback_deadline(location, now)
    if _is_already_requested(TaskKind.CALL_BACK, name, phone):
        return deadline
    _require_call_limit(location_id, now)
    request = call_requests.create_call_request(
        name, phone, now, location_id=location_id, note=note
    )
    tasks.open_task(
        TaskKind.CALL_BACK, Owner.FRONT_DESK, "call_request", request.id, deadline.at, now
    )
    return deadline


@transaction()
def open_call_before_booking_task(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of calling a patient before anything is booked."""
    deadline = compute_callback_deadline(None, now)
    tasks.open_task(
        TaskKind.CALL_FIRST, Owner.PRACTITIONER, "patient", patient.id, deadline.at, now
    )


@transaction()
def open_crisis_task(patient: Patient, now: datetime) -> None:
    """Give a clinician the task of asking at once after a patient who said they were in danger."""
    tasks.open_task(
        TaskKind.CRISIS, Owner.PRACTITIONER, "patient", patient.id, now + CRISIS_WITHIN, now
    )
