"""One location's day, read for the day page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from booking.appointments import contacts, queries
from booking.appointments.announcements import lateness_by_appointment, notes_by_appointment
from booking.appointments.attendance import is_its_day
from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.models import Appointment, PatientNote
from booking.appointments.readiness import Readiness, readiness_by_appointment
from booking.appointments.rules import Action, is_action_allowed
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.local_days import CELL, LocalDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.misfits import MisfitReason
from booking.calendars.operations import ClaimedTime
from booking.desk.day.grid import GridBlock, GridRow, lay_out_grid
from booking.locations import operations as locations
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.patients.queries import get_patients_by_id
from booking.patients.rules import Contact
from booking.screening import flags
from booking.screening.models import Flag

SHOWN = (ResourceKind.ROOM, ResourceKind.CHAIR, ResourceKind.PRACTITIONER)


@dataclass(frozen=True, slots=True)
class AppointmentDetails:
    """An appointment with what the desk needs beside it; `steps` are those possible now.

    `misfit` tells why it can't take place as booked.
    """

    appointment: Appointment
    patient: Patient
    contact: Contact  # where its messages go: as typed for it, else as on file
    resources: tuple[Resource, ...]
    flags: Sequence[Flag]
    is_first: bool
    steps: frozenset[Action]
    misfit: MisfitReason | None
    notes: Sequence[PatientNote]  # written by the patient on its page
    minutes_late: int | None  # as the patient announced
    readiness: Readiness | None  # what the patient said the day before


@dataclass(frozen=True, slots=True)
class DayView:
    """The table (columns and rows) and the list of one day's appointments."""

    location: LocationCalendar
    local_date: date
    columns: Sequence[Resource]
    lines: Sequence[GridRow]
    appointments: dict[int, AppointmentDetails]  # by appointment id, in order of time

    def row_start(self, line: GridRow) -> datetime:
        """Return the instant at which a row begins."""
        return self.location.local_day(self.local_date).cell_start(line.cell)


def read_day_view(location: LocationCalendar, local_date: date, now: datetime) -> DayView:
    """Read a location's day: a fixed number of queries, however many appointments there are."""
    appointments = queries.list_appointments_of_day(location.id, local_date)
    claims_by_appointment = calendars.claims_by_appointment(
        [appointment.id for appointment in appointments]
    )
    open_cells = _opened(location, local_date)
    used_ids = {claim.resource_id for claims in claims_by_appointment.values() for claim in claims}
    resources = locations.get_resources(sorted(used_ids | open_cells.keys()))
    shown_resources = {
        key: resource for key, resource in resources.items() if resource.kind in SHOWN
    }
    columns = sorted(
        shown_resources.values(), key=lambda r: (SHOWN.index(r.kind), r.position, r.id)
    )
    day = location.local_day(local_date)
    blocks = [
        _stretch(appointment_id, claim, day)
        for appointment_id, claims in claims_by_appointment.items()
        for claim in claims
        if claim.resource_id in shown_resources
    ]
    lines = lay_out_grid([column.id for column in columns], blocks, open_cells)
    return DayView(
        location,
        local_date,
        columns,
        lines,
        add_details(appointments, claims_by_appointment, shown_resources, now),
    )


def _opened(location: LocationCalendar, local_date: date) -> dict[int, int]:
    """Return resource id → cells in which it can be had, for rooms, chairs and who is on shift."""
    free = location.free_day(local_date)
    sets = {key: cells for kind in SHOWN for key, cells in free.by_kind(kind).items()}
    absent = {key for key, cells in free.by_kind(ResourceKind.PRACTITIONER).items() if not cells}
    there = {key: cells for key, cells in sets.items() if key not in absent}
    return {key: cells & ~free.busy.get(key, 0) for key, cells in there.items()}


def _stretch(appointment_id: int, claim: ClaimedTime, day: LocalDay) -> GridBlock:
    """Return the cells that an appointment takes, or took, of a resource; buffers are among them."""
    first, end = claim.starts_at - day.starts_at, claim.ends_at - day.starts_at
    return GridBlock(claim.resource_id, appointment_id, first // CELL, -(-end // CELL))


def add_details(
    appointments: Sequence[Appointment],
    claims_by_appointment: dict[int, list[ClaimedTime]],
    shown_resources: dict[int, Resource],
    now: datetime,
) -> dict[int, AppointmentDetails]:
    """Return appointments, by id, with their patients, resources, flags and possible steps."""
    ids = [appointment.id for appointment in appointments]
    patient_ids = {
        appointment.patient_id for appointment in appointments if appointment.patient_id is not None
    }
    patients = get_patients_by_id(patient_ids)
    open_flags = flags.open_flags_by_patient(list(patients.values()))
    first = queries.first_start_by_patient(patient_ids)
    impossibles = list_impossible_appointments(availability.current_catalogue(), now, ids)
    contacts_by_id = contacts.contacts_by_appointment(ids)
    notes, lateness = notes_by_appointment(ids), lateness_by_appointment(ids)
    readiness = readiness_by_appointment(ids)
    details = {}
    for appointment in appointments:
        if appointment.patient_id is None:
            continue
        keys = (claim.resource_id for claim in claims_by_appointment.get(appointment.id, ()))
        resources = tuple(shown_resources[key] for key in keys if key in shown_resources)
        details[appointment.id] = AppointmentDetails(
            appointment=appointment,
            patient=patients[appointment.patient_id],
            contact=contacts_by_id.get(appointment.id, patients[appointment.patient_id].contact),
            resources=resources,
            flags=open_flags.get(appointment.patient_id, ()),
            is_first=first.get(appointment.patient_id) == appointment.starts_at,
            steps=allowed_actions(appointment, now),
            misfit=impossibles[appointment.id].reason if appointment.id in impossibles else None,
            notes=notes.get(appointment.id, ()),
            minutes_late=lateness.get(appointment.id),
            readiness=readiness.get(appointment.id),
        )
    return details


def read_appointment_details(appointment: Appointment, now: datetime) -> AppointmentDetails:
    """Read one appointment as the day page does."""
    claims_by_appointment = calendars.claims_by_appointment([appointment.id])
    resources = locations.get_resources(
        [claim.resource_id for claim in claims_by_appointment.get(appointment.id, ())]
    )
    shown_resources = {
        key: resource for key, resource in resources.items() if resource.kind in SHOWN
    }
    return add_details([appointment], claims_by_appointment, shown_resources, now)[appointment.id]


def allowed_actions(appointment: Appointment, now: datetime) -> frozenset[Action]:
    """Return what can be done to an appointment now, with a reason where one is asked for."""
    return frozenset(
        action
        for action in Action
        if is_action_allowed(
            action,
            appointment.status,
            appointment.starts_at,
            now,
            has_reason=True,
            is_its_day=is_its_day(appointment, now),
        )
    )
