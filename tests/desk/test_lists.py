"""Lists of the desk ask the database as often for many rows as for few."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_contact, a_patient, answers, local
from tests.desk.test_alerts import a_crisis
from tests.statements import statements

FEW, MANY = 10, 60
AddOne = Callable[[Patient, int], None]


def an_appointment_with_a_text(patient: Patient, number: int) -> None:
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["follow-up"]
    starts_at = local(9) + timedelta(days=number // 6, hours=number % 6)
    appointment = book_for_patient(
        patient,
        location,
        service,
        service.demand,
        starts_at,
        NOW,
        origin=Origin.DESK,
        actor="staff:1",
    )
    messaging.enqueue(
        MessageDraft(
            topic=f"appointment:{appointment.id}", revision=0, kind="day_before", channel=Channel.SMS,
            recipient="+16025550142", body="Tomorrow", send_at=NOW + timedelta(hours=1),
            language="en", expires_at=starts_at, time_zone="America/Phoenix",
        ),
        NOW,
    )  # fmt: skip


def a_task_of_an_appointment(_patient: Patient, number: int) -> None:
    other = a_patient()
    an_appointment_with_a_text(other, number)
    appointment_id = db.session.scalars(db.select(db.func.max(Appointment.id))).one()
    tasks.open_task(
        TaskKind.MOVE_APPOINTMENT, Owner.FRONT_DESK, "appointment", appointment_id, NOW, NOW
    )
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", other.id, NOW, NOW)


def a_flag_of_nobody(_patient: Patient, number: int) -> None:
    flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), answers().birth_date, NOW, "api",
        contact=a_contact(family_name=f"Other {number}"),
    )  # fmt: skip


def one_of_the_same_name(_patient: Patient, _number: int) -> None:
    a_patient(family_name="Samename")


def a_text_of_despair(_patient: Patient, number: int) -> None:
    a_crisis(number=number + 1, sender=f"+1602555{number + 1000:04}")


LISTS: dict[str, tuple[str, AddOne]] = {
    "patient": ("/desk/patients/{patient}", an_appointment_with_a_text),
    "tasks": ("/desk/tasks", a_task_of_an_appointment),
    "flags": ("/desk/flags", a_flag_of_nobody),
    "found": ("/desk/patients?q=Samename", one_of_the_same_name),
    "crises": ("/desk/crisis", a_text_of_despair),
    "alerts": ("/desk/alerts", a_text_of_despair),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_a_fixed_number_of_questions(
    clinic: Clinic, practitioner: FlaskClient, name: str
) -> None:
    page, add_one = LISTS[name]
    patient = a_patient(clinic)
    counts, sizes = [], []
    for numbers in (range(FEW), range(FEW, MANY)):
        for number in numbers:
            add_one(patient, number)
        page = page.format(patient=patient.id)
        practitioner.get(page)
        with statements() as asked:
            response = practitioner.get(page)
        assert response.status_code == 200
        counts.append(len(asked))
        sizes.append(len(response.text))
    assert counts[0] == counts[1]
    assert sizes[0] < sizes[1]
