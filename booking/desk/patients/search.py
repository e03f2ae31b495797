"""Finding a patient by whatever the caller says: name, phone, e-mail or birth date."""

from collections.abc import Callable
from datetime import date, datetime

from booking.appointments.queries import search_patients_by_email, search_patients_by_phone
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.models import Patient
from booking.patients.queries import search_patients_by_birth_date, search_patients_by_name

DATES = ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d")  # as people here say them, and ISO 8601
MAX_RESULTS = 50  # patients shown
SHORTEST = 2  # characters worth looking for


def find_patients(text: str) -> list[Patient]:
    """Return the patients that `text` may mean, by name; records merged into another are left out.

    A birth date as 02/29/1980 or 1980-02-29; a phone number in any form; an e-mail address or its
    beginning; a family or given name or the beginning of one, or both in either order.
    """
    query = text.strip()
    if len(query) < SHORTEST:
        return []
    if (birth_date := parse_birth_date(query)) is not None:
        return search_patients_by_birth_date(birth_date, MAX_RESULTS)
    if "@" in query:
        address = _read(parse_email, query) or query.lower()
        return search_patients_by_email(address, MAX_RESULTS)
    if any(letter.isdigit() for letter in query):
        phone = _read(parse_phone, query)
        return search_patients_by_phone(phone, MAX_RESULTS) if phone else []
    return search_patients_by_name(query, MAX_RESULTS)


def _read(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except InvalidContact:
        return ""


def parse_birth_date(text: str) -> date | None:
    """Return the date that `text` names, or None."""
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            continue
    return None
