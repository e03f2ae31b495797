"""Coming appointments from another system's export: each is booked here, was already, or is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.guards import ChangeRefused
from booking.appointments.notices import leave_unannounced
from booking.appointments.patient_booking import (
    NotAnAdult,
    NotCleared,
    OpenFlag,
    PatientBusy,
    book_for_patient,
    find_same_appointment,
)
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.calendars.availability import current_catalogue
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.dates import latest_plannable_date
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.importing.cells import Cells
from booking.importing.exports import Export
from booking.importing.outcomes import ACTOR, ImportedLine, NotKept, RowOutcome, RowRefused
from booking.importing.patients import parse_birth_cell, parse_contacts, parse_names
from booking.importing.starts import parse_start_cells
from booking.importing.statuses import is_cancelled, is_marked, require_standing
from booking.patients.models import Patient
from booking.patients.rules import normalize_name

Offered = TypeVar("Offered", LocationCalendar, BookableService)
REFUSALS: Mapping[type[Exception], str] = {
    SlotTaken: "the time isn't free or not open here",
    OverlapError: "the time isn't free",
    PatientBusy: "the patient has another appointment then",
    NotCleared: "an infusion needs a practitioner's finding first",
    ChangeRefused: "too near to another infusion",
    NotAnAdult: "under age",
    OpenFlag: "a practitioner has to decide first",
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that say nothing of it: slugs, or empty."""

    location: str = ""
    service: str = ""


def import_appointments(
    export: Export, defaults: Defaults, now: datetime, *, keep: bool
) -> Iterator[ImportedLine]:
    """Book each row, in a transaction of its own, as the desk would; yield what became of it.

    Patients have to be on file. The same file again books nothing. Nobody is told: they know. Without `keep`
    nothing is written, so that rows aren't tried against each other.
    """
    for line in export.table.lines:
        try:
            is_new = _book_line(export.read(line), defaults, now, keep=keep)
        except RowRefused as error:
            yield ImportedLine(line.number, RowOutcome.REFUSED, str(error))
        except tuple(REFUSALS) as error:
            reason = next(reason for kind, reason in REFUSALS.items() if isinstance(error, kind))
            yield ImportedLine(line.number, RowOutcome.REFUSED, reason)
        else:
            yield ImportedLine(line.number, RowOutcome.NEW if is_new else RowOutcome.HERE)


def _book_line(cells: Cells, defaults: Defaults, now: datetime, *, keep: bool) -> bool:
    """Book one row; tell whether it wasn't already. Raises `RowRefused` and those of `REFUSALS`."""
    if is_marked(cells.all("cancelled")) or is_cancelled(cells.all("status")):
        raise RowRefused("cancelled or missed there")
    location = _choose_location(cells, defaults)
    service = _choose(cells.first("service") or defaults.service, _services(), "service")
    starts_at = parse_start_cells(cells.first("date"), cells.first("start"), location.zone)
    _require_to_come(starts_at, location.zone, now)
    require_standing(cells.first("status"))
    patient = _find_patient(cells, now)
    try:
        return _book(patient, location, service, starts_at, now, keep=keep)
    except NotKept:
        return True


def _require_to_come(starts_at: datetime, zone: ZoneInfo, now: datetime) -> None:
    """Raise `RowRefused` for a start that is over, or on no day that the desk could type."""
    if starts_at <= now:
        raise RowRefused("it is over")
    last_day = latest_plannable_date(now.astimezone(zone).date())
    if starts_at >= datetime.combine(last_day + timedelta(days=1), time.min, zone):
        raise RowRefused(f"after {last_day}, the last day that can be planned")


@transaction()
def _book(
    patient: Patient,
    location: LocationCalendar,
    service: BookableService,
    starts_at: datetime,
    now: datetime,
    *,
    keep: bool,
) -> bool:
    if find_same_appointment(patient.id, location.id, service.id, starts_at):
        return False
    appointment = book_for_patient(
        *(patient, location, service, service.demand, starts_at, now),
        origin=Origin.DESK,
        actor=ACTOR,
    )
    leave_unannounced(appointment.id, now, ACTOR)
    if not keep:
        raise NotKept
    return True


def _choose_location(cells: Cells, defaults: Defaults) -> LocationCalendar:
    """Return where a row is. A calendar that has no location's name is a person's, and says nothing."""
    locations = _locations()
    names = {normalize_name(name) for name in locations}
    calendars = (each for each in cells.all("calendar") if normalize_name(each) in names)
    name = cells.first("location") or next(calendars, defaults.location)
    return _choose(name, locations, "location")


def _choose(text: str, offered: Mapping[str, Offered], kind: str) -> Offered:
    """Return what a text names, by slug or name; the only one where it is empty. Raises `RowRefused`."""
    choices = list({each.id: each for each in offered.values()}.values())
    if not text and len(choices) == 1:
        return choices[0]
    for name, choice in offered.items():
        if normalize_name(name) == normalize_name(text):
            return choice
    raise RowRefused(f"no {kind} here is called that" if text else f"it names no {kind}")


def _locations() -> dict[str, LocationCalendar]:
    """Return the locations by slug and by name."""
    locations = current_catalogue().locations.values()
    return {name: each for each in locations for name in (each.slug, each.name)}


def _services() -> dict[str, BookableService]:
    """Return the services by slug and by each of their names."""
    services = current_catalogue().services.values()
    return {name: each for each in services for name in (each.slug, *each.names.values())}


def _find_patient(cells: Cells, now: datetime) -> Patient:
    """Return who has these names and this number, address or birth date. Raises `RowRefused`."""
    (given_name, family_name), (phone, email) = parse_names(cells), parse_contacts(cells)
    birth_date = parse_birth_cell(cells, availability.get_clinic_date(now))
    namesakes = db.session.scalars(
        select(Patient).where(
            Patient.family_key == normalize_name(family_name), Patient.merged_into_id.is_(None)
        )
    ).all()
    patients = [
        patient
        for patient in namesakes
        if normalize_name(patient.given_name) == normalize_name(given_name)
        and any(
            value is not None and value == on_file
            for value, on_file in (
                (phone, patient.phone), (email, patient.email), (birth_date, patient.birth_date)
            )
        )
    ]  # fmt: skip
    if len(patients) != 1:
        raise RowRefused(
            "several patients on file may be meant" if patients else "no such patient on file"
        )
    return patients[0]
