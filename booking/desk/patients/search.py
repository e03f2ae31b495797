"""Finding a patient by whatever the caller says: name, phone, e-mail, birth date or a visit's reference."""

from collections.abc import Callable
from datetime import date

from booking import clock
from booking.appointments.queries import (
    search_patients_by_email,
    search_patients_by_phone,
    search_patients_by_reference,
)
from booking.appointments.rules import parse_reference
from booking.desk.day.views import last_used_location
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.models import Patient
from booking.patients.searching import search_patients_by_text

MAX_RESULTS = 50  # patients on the page
MAX_SUGGESTIONS = 8  # patients while typing
MIN_LENGTH = 2  # characters worth looking for


def list_matching_patients(text: str, limit: int) -> list[Patient]:
    """Return the patients that `text` may mean, the likeliest first.

    A whole number or address also finds those for whose appointment it was typed.
    """
    query = text.strip()
    if len(query) < MIN_LENGTH:
        return []
    reference = parse_reference(query)
    patients = search_patients_by_reference(reference) if reference else []
    patients += search_patients_by_text(query, _today(), limit)
    if phone := _read(parse_phone, query):
        patients += search_patients_by_phone(phone, limit)
    elif address := _read(parse_email, query):
        patients += search_patients_by_email(address, limit)
    return list({patient.id: patient for patient in patients}.values())[:limit]


def _today() -> date:
    return clock.local_date(clock.now(), last_used_location().zone.key)


def _read(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except InvalidContact:
        return ""
