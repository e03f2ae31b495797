"""Two records of one person, each with a little of everything that can belong to a patient."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.merging import operations as merging
from booking.patients import notes
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders.operations import derive_messages
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.series import operations as series_operations
from booking.series.models import PatientAbsence, ScheduleTemplate
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from booking.waitlist.operations import join_waitlist
from tests.builders import NOW, TOMORROW, Clinic, a_patient, local
from tests.series.prescribed import SIX, a_template, starts
from tests.waitlist.waiting import a_wish

PHONES = ("+16025550142", "+16025550143")
# Histories only grow, and counters only rise: what they said before can't be said again.
HISTORIES = {"audit_entry", "audit_seal", "patient_change", "patient_merge"}
COUNTERS = {("appointment", "version"), ("derivation", "version"), ("calendar_day", "version")}


@dataclass(frozen=True)
class RecordFacts:
    """What one of the records has; days are counted from Tuesday."""

    phone: int = 0
    email: str | None = "ana@example.com"
    preferred_name: str | None = None
    safe_to_text: bool = True
    leave_voicemail: bool | None = None
    consents: Sequence[tuple[int, bool]] = ()  # which phone, and the answer
    consultations: Sequence[int] = ()
    waits: bool = False
    flagged: bool = False
    has_series: bool = False
    is_away: bool = False
    tasks: Sequence[TaskKind] = field(default_factory=tuple)


def a_record(clinic: Clinic, facts: RecordFacts, hour: int, week: int = 0) -> Patient:
    """Make a record that has all this; its consultations begin at an hour of their own, in some week."""
    patient = a_patient(
        clinic, given_name="Ana", family_name="Ruiz", phone=PHONES[facts.phone], email=facts.email
    )
    with transaction():
        row = db.session.get_one(Patient, patient.id)
        row.preferred_name, row.safe_to_text = facts.preferred_name, facts.safe_to_text
        row.leave_voicemail = facts.leave_voicemail
    for phone, granted in facts.consents:
        patients.record_consent(patient, PHONES[phone], "May we?", NOW, granted=granted)
    for day in sorted(facts.consultations):
        appointment = a_consultation(
            patient, local(hour, day=TOMORROW + timedelta(days=day, weeks=week))
        )
        if facts.waits and day:
            join_waitlist(appointment.id, a_wish(clinic.location.id), NOW, "online")
    if facts.has_series:
        a_series_of(patient, clinic)
    notes.write_note(patient.id, "Prefers the window chair", clinic.front_desk.id, NOW)
    if facts.flagged:
        flags.raise_flag(
            FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "test",
            patient_id=patient.id,
        )  # fmt: skip
    for kind in facts.tasks:
        tasks.open_task(kind, Owner.FRONT_DESK, "patient", patient.id, NOW, NOW)
    if facts.is_away:
        first = TOMORROW + timedelta(days=90)
        with transaction():
            db.session.add(PatientAbsence(patient_id=patient.id, first_day=first, last_day=first,
                                          recorded_by_id=clinic.front_desk.id, recorded_at=NOW))  # fmt: skip
    derive_messages(NOW)
    return patient


def a_consultation(patient: Patient, starts_at: datetime) -> Appointment:
    """Book a consultation for a patient, as the desk does."""
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["consultation"]
    return book_for_patient(
        patient, location, service, service.demand, starts_at, NOW,
        origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip


def a_series_of(patient: Patient, clinic: Clinic) -> int:
    """Prescribe and book a series in the weeks after the consultations; return its id."""
    template = db.session.scalar(select(ScheduleTemplate)) or a_template()
    series = series_operations.prescribe_series(
        patient, template.id, SIX, Preferences(), "ahwatukee",
        TOMORROW + timedelta(days=21), clinic.practitioner.id, NOW,
    )  # fmt: skip
    series_operations.book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")
    return series.id


def read_tables() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that stands in the database, but histories and counters, in an order of its own."""
    db.session.rollback()
    return {
        name: sorted((tuple(row) for row in db.session.execute(select(*columns))), key=repr)
        for name, table in db.metadata.tables.items()
        if name not in HISTORIES
        and (columns := [each for each in table.columns if (name, each.name) not in COUNTERS])
    }


def merge(clinic: Clinic, survivor: Patient, other: Patient, *fields: str) -> int:
    """Merge one record into another at the desk; return the merge's id."""
    desk = clinic.front_desk.id
    return merging.merge_patients(survivor.id, other.id, fields, desk, NOW.date(), NOW).id
