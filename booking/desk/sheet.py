"""One location's day, read for the day page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from booking.appointments import contacts
from booking.appointments import operations as appointments
from booking.appointments.misfits import find_impossible
from booking.appointments.models import Appointment
from booking.appointments.rules import Status, Step, StepRefused, require_step
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.days import CELL, Day
from booking.calendars.fitting import Misfit
from booking.calendars.operations import Claimed
from booking.calendars.places import Place
from booking.desk import people
from booking.desk.grid import Line, Stretch, lay_out
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.models import Flag

SHOWN = (ResourceKind.ROOM, ResourceKind.CHAIR, ResourceKind.PRACTITIONER)


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit with what the desk needs beside it; `steps` are those possible now.

    `misfit` tells why it can't take place as booked.
    """

    visit: Appointment
    patient: Patient
    contact: Contact  # where its messages go: as typed for it, else as on file
    resources: tuple[Resource, ...]
    flags: Sequence[Flag]
    is_first: bool
    steps: frozenset[Step]
    misfit: Misfit | None


@dataclass(frozen=True, slots=True)
class DaySheet:
    """The table (columns and rows) and the list of one day's visits."""

    place: Place
    local_date: date
    columns: Sequence[Resource]
    lines: Sequence[Line]
    visits: dict[int, DayVisit]  # by appointment id, in order of time

    def starts(self, line: Line) -> datetime:
        """Return the instant at which a row begins."""
        return self.place.day(self.local_date).instant(line.cell)


def read_day(place: Place, local_date: date, now: datetime) -> DaySheet:
    """Read a location's day: a fixed number of queries, however many visits there are."""
    visits = appointments.on_day(place.id, local_date)
    claimed = calendars.claims_of([visit.id for visit in visits])
    opened = _opened(place, local_date)
    used = {one.resource_id for claims in claimed.values() for one in claims}
    resources = locations.resources(sorted(used | opened.keys()))
    shown = {key: found for key, found in resources.items() if found.kind in SHOWN}
    columns = sorted(shown.values(), key=lambda r: (SHOWN.index(r.kind), r.position, r.id))
    day = place.day(local_date)
    stretches = [
        _stretch(visit_id, one, day)
        for visit_id, claims in claimed.items()
        for one in claims
        if one.resource_id in shown
    ]
    lines = lay_out([column.id for column in columns], stretches, opened)
    return DaySheet(place, local_date, columns, lines, with_people(visits, claimed, shown, now))


def _opened(place: Place, local_date: date) -> dict[int, int]:
    """Return resource id → cells in which it is there, for rooms, chairs and who is on shift."""
    free = place.open_day(local_date)
    sets = {key: cells for kind in SHOWN for key, cells in free.of_kind(kind).items()}
    absent = {key for key, cells in free.of_kind(ResourceKind.PRACTITIONER).items() if not cells}
    return {key: cells for key, cells in sets.items() if key not in absent}


def _stretch(visit_id: int, claimed: Claimed, day: Day) -> Stretch:
    """Return the cells that a visit takes, or took, of a resource; buffers are among them."""
    first, end = claimed.starts_at - day.begins, claimed.ends_at - day.begins
    return Stretch(claimed.resource_id, visit_id, first // CELL, -(-end // CELL))


def with_people(
    visits: Sequence[Appointment],
    claimed: dict[int, list[Claimed]],
    shown: dict[int, Resource],
    now: datetime,
) -> dict[int, DayVisit]:
    """Return visits, by id, with their patients, resources, flags and possible steps."""
    ids = {visit.patient_id for visit in visits if visit.patient_id is not None}
    patients = people.patients_by_ids(ids)
    flags = screening.open_flags_among(list(patients.values()))
    first = people.first_visits(ids)
    impossible = find_impossible(offering.catalogue(), now, [visit.id for visit in visits])
    typed = contacts.typed_for([visit.id for visit in visits])
    found = {}
    for visit in visits:
        if visit.patient_id is None:
            continue
        keys = (one.resource_id for one in claimed.get(visit.id, ()))
        resources = tuple(shown[key] for key in keys if key in shown)
        found[visit.id] = DayVisit(
            visit=visit,
            patient=patients[visit.patient_id],
            contact=typed.get(visit.id, patients[visit.patient_id].contact),
            resources=resources,
            flags=flags.get(visit.patient_id, ()),
            is_first=first.get(visit.patient_id) == visit.starts_at,
            steps=possible_steps(visit, now),
            misfit=impossible[visit.id].why if visit.id in impossible else None,
        )
    return found


def read_visit(visit: Appointment, now: datetime) -> DayVisit:
    """Read one visit as the day page does."""
    claimed = calendars.claims_of([visit.id])
    resources = locations.resources([one.resource_id for one in claimed.get(visit.id, ())])
    shown = {key: found for key, found in resources.items() if found.kind in SHOWN}
    return with_people([visit], claimed, shown, now)[visit.id]


def find_visit(visit_id: int) -> Appointment | None:
    """Return a booked visit; a hold has no patient yet and is none of the desk's."""
    return db.session.scalar(
        select(Appointment).where(Appointment.id == visit_id, Appointment.status != Status.PENDING)
    )


def possible_steps(visit: Appointment, now: datetime) -> frozenset[Step]:
    """Return what can be done to a visit now."""
    return frozenset(step for step in Step if _is_possible(step, visit, now))


def _is_possible(step: Step, visit: Appointment, now: datetime) -> bool:
    try:
        require_step(step, visit.status, visit.starts_at, now)
    except StepRefused:
        return False
    return True
