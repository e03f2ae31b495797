"""Finding a patient by whatever the caller says: name, phone, e-mail or birth date."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from booking.appointments.contacts import select_patient_ids_by_contact
from booking.extensions import db
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.models import Patient
from booking.patients.operations import matches_phone
from booking.patients.rules import normalize_name

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
    statement = (
        select(Patient)
        .where(Patient.merged_into_id.is_(None), or_(*_search_conditions(query)))
        .order_by(Patient.family_key, Patient.given_name, Patient.id)
        .limit(MAX_RESULTS)
    )
    return list(db.session.scalars(statement))


def _search_conditions(query: str) -> list[ColumnElement[bool]]:
    if (birth_date := parse_birth_date(query)) is not None:
        return [Patient.birth_date == birth_date]
    if "@" in query:
        return _by_email(_read(parse_email, query) or query.lower())
    if any(letter.isdigit() for letter in query):
        return _by_phone(_read(parse_phone, query))
    return _by_name(query)


def _by_name(query: str) -> list[ColumnElement[bool]]:
    words = query.replace(",", " ").split()
    given_name = func.lower(Patient.given_name)
    conditions: list[ColumnElement[bool]] = []
    if key := normalize_name(query):
        conditions += [
            Patient.family_key.startswith(key),
            given_name.startswith(query.lower(), autoescape=True),
        ]
    if len(words) > 1:
        conditions += [
            given_name.startswith(name.lower(), autoescape=True)
            & Patient.family_key.startswith(normalize_name(" ".join(other_names)))
            for name, other_names in ((words[0], words[1:]), (words[-1], words[:-1]))
        ]
    return conditions or [Patient.id.is_(None)]


def _by_email(address: str) -> list[ColumnElement[bool]]:
    by_appointment = Patient.id.in_(select_patient_ids_by_contact(email=address))
    return [Patient.email.startswith(address, autoescape=True), by_appointment]


def _by_phone(phone: str) -> list[ColumnElement[bool]]:
    if not phone:
        return [Patient.id.is_(None)]
    return [
        matches_phone(Patient.phone, [phone]),
        Patient.id.in_(select_patient_ids_by_contact(phone=phone)),
    ]


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
