"""Patients from another system's export: each row is one record more, one that is here, or refused."""

import re
from collections.abc import Iterator
from datetime import date, datetime

from booking.calendars import availability
from booking.db.transactions import transaction
from booking.importing.cells import Cells, split_name
from booking.importing.exports import Export
from booking.importing.outcomes import ACTOR, ImportedLine, NotKept, RowOutcome, RowRefused
from booking.importing.statuses import find_reason_left, is_marked
from booking.languages import LANGUAGES
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.duplicates import find_duplicates
from booking.patients.operations import create_patient
from booking.patients.rules import (
    EARLIEST_BIRTH,
    Contact,
    InvalidName,
    normalize_name,
    parse_name,
)
from booking.patients.search_terms import parse_birth_date
from booking.screening.rules import is_adult

LEFT = {
    "deceased": "deceased there",
    "archived": "archived or deleted there",
    "banned": "banned there",
}
NAME_REASONS = {
    "empty": "is empty",
    "long": "is too long",
    "unwritten": "has characters that nobody sees",
    "link": "has a link in it",
}
# A day as databases and spreadsheets write it: 1980-02-29 00:00:00, 2/29/1980 12:00:00 AM
MIDNIGHT = re.compile(r"(?<=\d)[T ]+(?:00?:00(?::00(?:\.0+)?)?|12:00(?::00)?\s*AM)$", re.IGNORECASE)
SEPARATORS = re.compile(r"[,;|\n]")
MOBILE = re.compile(r"mobile|cell", re.IGNORECASE)
LABEL = re.compile(r"\([^()\d]*\)|(?!ext)[^\W\d_]{4,}:?", re.IGNORECASE)  # (Mobile), Home:


def import_patients(export: Export, now: datetime, *, keep: bool) -> Iterator[ImportedLine]:
    """Make a record of each row that has none yet, each in a transaction of its own; yield what became of it.

    Who has the same names and birth date, and nothing that speaks against it, is here already: the same
    file again makes none. Without `keep` nothing is written. Nobody has consented to texts by that.
    """
    persons = set[tuple[str, str, date]]()
    for line in export.table.lines:
        try:
            contact, birth_date = parse_person(export.read(line), availability.get_clinic_date(now))
            person = (*_names(contact.given_name, contact.family_name), birth_date)
            is_new = person not in persons and _add_patient(contact, birth_date, now, keep=keep)
        except RowRefused as error:
            yield ImportedLine(line.number, RowOutcome.REFUSED, str(error))
        else:
            persons.add(person)
            yield ImportedLine(line.number, RowOutcome.NEW if is_new else RowOutcome.HERE)


def parse_person(cells: Cells, today: date) -> tuple[Contact, date]:
    """Return who a row is about. Raises `RowRefused`, also for who has died or is kept no longer."""
    _require_present(cells)
    names = parse_names(cells)
    birth_date = parse_birth_cell(cells, today)
    if birth_date is None or birth_date < EARLIEST_BIRTH:
        raise RowRefused("no birth date that can be read")
    if not is_adult(birth_date, today):
        raise RowRefused("under age")
    language = cells.first("language").lower()[:2]
    contact = Contact(
        *names, *parse_contacts(cells), language if language in LANGUAGES else LANGUAGES[0]
    )
    return contact, birth_date


def _require_present(cells: Cells) -> None:
    marks = (reason for field, reason in LEFT.items() if is_marked(cells.all(field)))
    if reason := next(marks, "") or find_reason_left(cells.all("status")):
        raise RowRefused(reason)


def parse_names(cells: Cells) -> tuple[str, str]:
    """Return a row's given and family name, from two columns or one. Raises `RowRefused`."""
    given_name, family_name = cells.first("given_name"), cells.first("family_name")
    if not (given_name and family_name) and cells.first("name"):
        given_name, family_name = split_name(cells.first("name"))
    try:
        return parse_name(given_name), parse_name(family_name)
    except InvalidName as error:
        raise RowRefused(f"a name {NAME_REASONS[error.reason]}") from error


def parse_birth_cell(cells: Cells, today: date) -> date | None:
    """Return a row's birth date; None where it can't be read."""
    return parse_birth_date(MIDNIGHT.sub("", cells.first("birth_date")), today)


def parse_contacts(cells: Cells) -> tuple[str | None, str | None]:
    """Return a row's phone number and e-mail address, where it has any. Raises `RowRefused`."""
    phone = cells.first("phone") or choose_number(cells.first("phone_numbers"))
    email = cells.first("email")
    try:
        number = parse_phone(phone) if phone else None
    except InvalidContact as error:
        raise RowRefused("the phone number is in no numbering plan") from error
    try:
        return number, parse_email(email) if email else None
    except InvalidContact as error:
        raise RowRefused("mail can't be sent to the e-mail address") from error


def choose_number(text: str) -> str:
    """Return a mobile number of "555-0100 (Home), 555-0123 (Mobile)", else the first, without its label."""
    parts = SEPARATORS.split(text)
    part = next((part for part in parts if MOBILE.search(part)), parts[0])
    return LABEL.sub("", part).strip()


def _add_patient(contact: Contact, birth_date: date, now: datetime, *, keep: bool) -> bool:
    """Make a record; tell whether there was none. Raises `RowRefused` where it may be somebody on file."""
    try:
        with transaction():
            alike = find_duplicates(contact, birth_date)
            names = _names(contact.given_name, contact.family_name)
            if any(_names(each.given_name, each.family_name) == names for each in alike):
                return False
            if alike:
                raise RowRefused(f"may be patient {alike[0].id}: look at the desk")
            create_patient(contact, birth_date, now, ACTOR)
            if not keep:
                raise NotKept
    except NotKept:
        pass
    return True


def _names(given_name: str, family_name: str) -> tuple[str, str]:
    return normalize_name(given_name), normalize_name(family_name)
