"""The demo clinic with appointments of each kind, and the real command that loads a clinic file."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening.models import Suitability
from booking.screening.rules import Finding
from booking.staff.models import Role
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, PHOENIX, a_patient, local
from tests.clinic.files import DEMO, without_table
from tests.clinic.loads import loaded
from tests.staff.first import first_staff
from tests.written_once import written_once

DAY = date(2026, 12, 16)  # a Wednesday


@dataclass(frozen=True)
class Made:
    """One appointment of each kind at Ahwatukee, and a consultation at Scottsdale."""

    consultation: Appointment
    infusion: Appointment
    follow_up: Appointment
    elsewhere: Appointment

    def names_of(self, references: set[str]) -> set[str]:
        """Return which of these the references are."""
        return {name for name, one in vars(self).items() if one.reference in references}


@written_once
def a_clinic_with_appointments() -> Made:
    """Load the demo clinic and book its appointments, each of somebody else, on one Wednesday."""
    loaded()
    return Made(
        booked("consultation", "ahwatukee", 9),
        booked("infusion", "ahwatukee", 11),
        booked("follow-up", "ahwatukee", 16),
        booked("consultation", "scottsdale", 9),
    )


def booked(service: str, location: str, hour: int, day: date = DAY) -> Appointment:
    """Book an appointment for a new patient, who is cleared, at a local hour."""
    catalogue = availability.current_catalogue()
    offer, place = catalogue.services[service], catalogue.locations[location]
    return book_for_patient(
        cleared_patient(), place, offer, offer.demand, local(hour, day=day), NOW,
        origin=Origin.DESK, actor="staff:1",
    )  # fmt: skip


def cleared_patient() -> Patient:
    """Make a patient whom a practitioner of the demo clinic has found suitable."""
    patient = a_patient()
    found_by = first_staff(Role.PRACTITIONER)
    with transaction():
        suitable = Suitability(
            patient_id=patient.id, finding=Finding.SUITABLE, found_by_id=found_by.id, found_at=NOW
        )
        db.session.add(suitable)
    return patient


def command(app: Flask, folder: Path, text: str, *options: str) -> Result:
    """Run `flask clinic load` with a file that says `text`; it must succeed."""
    file = folder / "clinic.toml"
    file.write_text(text, encoding="utf-8")
    run = app.test_cli_runner().invoke(args=["clinic", "load", str(file), *options])
    assert run.exit_code == 0, (run.output, run.exception)
    return run


def named_in(output: str) -> set[str]:
    """Return the references of the appointments that a load named."""
    lines = [line for line in output.splitlines() if line.startswith("appointment ")]
    return {line.split()[1].rstrip(",") for line in lines}


def calls(*, done: bool = False) -> list[Task]:
    """Return the calls that are to be made, or were, about appointments; the most urgent first."""
    db.session.rollback()
    of_kind = select(Task).filter_by(kind=TaskKind.MOVE_APPOINTMENT).order_by(Task.due_at, Task.id)
    return [task for task in db.session.scalars(of_kind) if (task.done_at is not None) is done]


def called(*, done: bool = False) -> set[str]:
    """Return the references of the appointments that calls are about."""
    ids = [task.subject_id for task in calls(done=done)]
    return set(db.session.scalars(select(Appointment.reference).where(Appointment.id.in_(ids))))


def shown(starts_at: datetime) -> str:
    """Return a time as the command shows it."""
    return f"{starts_at.astimezone(PHOENIX):%a %Y-%m-%d %H:%M} (America/Phoenix)"


def closed(name: str = "Repairs", first: date = DAY, last: date = DAY, text: str = DEMO) -> str:
    """Return the demo clinic's file with a closure of Ahwatukee."""
    hours_end = 'saturday = "08:00-13:00"\n'
    closure = f'\n[[locations.closures]]\nname = "{name}"\nfirst = {first}\nlast = {last}\n'
    return text.replace(hours_end, hours_end + closure, 1)


def without_scottsdale() -> str:
    """Return the demo clinic's file without one of the locations and who works there alone."""
    from_file = DEMO
    for slug in ("scottsdale", "lena-fox", "mia-park", "sam-tran", "max-dunn"):
        header = "[[locations]]\n" if slug == "scottsdale" else "[[staff]]\n"
        from_file = without_table(header, f'slug = "{slug}"', from_file)
    there = from_file.index("[staff.shifts.scottsdale]")
    return from_file[:there] + from_file[from_file.index("[[", there) :]
