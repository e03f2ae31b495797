"""What patients change of their own appointment by its link: the token is the proof, there is no account."""

from datetime import date, datetime

from booking.appointments.contacts import set_upcoming_language
from booking.appointments.models import Appointment
from booking.appointments.move_slots import move_window
from booking.appointments.operations import cancel, lock_for_change, move
from booking.appointments.queries import find_by_token
from booking.appointments.rules import Action, require_action_allowed
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.db.versions import require_version
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient

ACTOR = "online"


class UnknownToken(LookupError):
    """No booked appointment has this token."""


def get_own_appointment(token: str) -> Appointment:
    """Return the appointment whose link has this token; raise `UnknownToken`."""
    appointment = find_by_token(token)
    if appointment is None:
        raise UnknownToken
    return appointment


@transaction()
def move_own_appointment(
    token: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> Appointment:
    """Move an appointment within its service's notice and horizon, whoever may book that service.

    The time it has already is no move. Raises `UnknownToken`, `StaleVersion`, `ActionNotAllowed`,
    `UnknownSlug`, `SlotTaken`, `ChangeRefused`, `PatientBusy`, `NotCleared`.
    """
    appointment = lock_for_change(get_own_appointment(token).id, None)
    require_action_allowed(Action.MOVE, appointment.status, appointment.starts_at, now)
    catalogue = availability.current_catalogue()
    new_location = availability.get_location(catalogue, location)
    if (new_location.id, starts_at) == (appointment.location_id, appointment.starts_at):
        return appointment  # pressed twice, or there already
    require_version(appointment.version, expected_version)
    service = catalogue.services_by_id[appointment.service_id]
    if not move_window(service, new_location, now).allows(starts_at):
        raise SlotTaken
    return move(appointment.id, starts_at, now, ACTOR, location=location)


@transaction()
def cancel_own_appointment(
    token: str, now: datetime, *, expected_version: int | None = None
) -> Appointment:
    """Cancel an appointment: the patient's own wish, a fact.

    Raises `UnknownToken`, `StaleVersion`, `ActionNotAllowed`.
    """
    appointment_id = get_own_appointment(token).id
    return cancel(appointment_id, now, ACTOR, by_patient=True, expected_version=expected_version)


def is_own_birth_date(token: str, birth_date: date) -> bool:
    """Tell whether whoever an appointment is for was born that day. Raises `UnknownToken`."""
    appointment = get_own_appointment(token)
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    return patient.birth_date == birth_date


@transaction()
def set_own_language(token: str, language: str, now: datetime) -> None:
    """Write to whoever an appointment is for in `language` from now on. Raises `UnknownToken`."""
    appointment = get_own_appointment(token)
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    patient.language = language
    set_upcoming_language(patient.id, language, now)
    audit.record(ACTOR, "set_language", "patient", patient.id, now)
