"""What was typed beside what is on file: the desk chooses."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.contacts import contacts_by_appointment
from booking.appointments.models import Appointment
from booking.extensions import db
from booking.patients import editing
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.tasks.models import Task
from tests.builders import NOW, Clinic, a_booking, local

KNOWN = Contact("José", "Person", "+16025550123", "old@example.com")
TYPED = replace(KNOWN, given_name="JOSE", phone="+16025550177;ext=4")


@pytest.fixture
def appointment(clinic: Clinic) -> Appointment:
    """An appointment of someone known, booked with another number."""
    a_booking(local(9), contact=KNOWN)
    return a_booking(local(11), contact=TYPED)


def task_id() -> int:
    return db.session.scalars(select(Task.id).order_by(Task.id.desc())).first() or 0


def choose(desk: FlaskClient, choice: str, **sent: str) -> str:
    """Choose, and return the page that follows."""
    response = desk.post(f"/desk/tasks/{task_id()}/contact", data={"choice": choice, **sent})
    return response.text if response.status_code == 422 else desk.get(response.location).text


def on_file(appointment: Appointment) -> Contact:
    return db.session.get_one(Patient, appointment.patient_id, populate_existing=True).contact


def test_both_values_are_shown_side_by_side(desk: FlaskClient, appointment: Appointment) -> None:
    page = desk.get("/desk/tasks").text
    for shown in (
        "Check a patient", "On file", "Typed for this visit", "(602) 555-0123",
        "(602) 555-0177 ext. 4", "old@example.com", "JOSE Person",
    ):  # fmt: skip
        assert shown in page, shown


def test_the_desk_puts_what_was_typed_on_file(desk: FlaskClient, appointment: Appointment) -> None:
    assert "Put on file." in choose(desk, "typed")
    assert (on_file(appointment).phone, on_file(appointment).email) == (TYPED.phone, TYPED.email)
    assert db.session.scalars(select(Task).filter_by(done_at=None)).all() == []


def test_the_desk_keeps_what_is_on_file(desk: FlaskClient, appointment: Appointment) -> None:
    choose(desk, "record")
    assert on_file(appointment) == KNOWN
    assert contacts_by_appointment([appointment.id]) == {}


def test_a_choice_made_of_an_older_record_is_shown_and_changes_nothing(
    desk: FlaskClient, appointment: Appointment, clinic: Clinic
) -> None:
    page = desk.get("/desk/tasks").text
    version = re.findall(r'name="shown_version" value="([^"]+)"', page)[0]
    mended = replace(KNOWN, phone="+16025550150")
    editing.update_patient(
        appointment.patient_id or 0, mended, date(1980, 2, 29), clinic.front_desk.id, NOW
    )
    assert "This was not changed" in choose(desk, "typed", shown_version=version)
    assert on_file(appointment).phone == "+16025550150"
    assert contacts_by_appointment([appointment.id]) == {appointment.id: TYPED}


def test_no_choice_changes_nothing(desk: FlaskClient, appointment: Appointment) -> None:
    choose(desk, "neither")
    assert on_file(appointment) == KNOWN
    assert contacts_by_appointment([appointment.id]) == {appointment.id: TYPED}


def test_a_twin_is_shown_with_who_they_may_be(desk: FlaskClient, clinic: Clinic) -> None:
    first = a_booking(local(9), contact=KNOWN)
    a_booking(local(11), contact=replace(KNOWN, given_name="Josefa"))
    page = desk.get("/desk/tasks").text
    assert "It may be the same person as:" in page
    assert f'href="/desk/patients/{first.patient_id}"' in page


def test_the_appointments_page_shows_how_this_appointment_is_reached(
    desk: FlaskClient, appointment: Appointment
) -> None:
    page = desk.get(f"/desk/visits/{appointment.id}").text
    assert "tel:+16025550177;ext=4" in page
    assert "on file: (602) 555-0123" in page
    assert page.count("typed for this visit") == 1


@pytest.mark.parametrize("asked", ["602 555 0177", "old@example.com", "602 555 0123"])
def test_a_patient_is_found_by_what_was_typed_for_an_appointment(
    desk: FlaskClient, appointment: Appointment, asked: str
) -> None:
    page = desk.get("/desk/patients", query_string={"q": asked}).text
    assert f'href="/desk/patients/{appointment.patient_id}"' in page


def test_details_corrected_at_the_desk_are_where_all_coming_appointments_are_told_of(
    desk: FlaskClient, appointment: Appointment
) -> None:
    response = desk.post(
        f"/desk/patients/{appointment.patient_id}/details",
        data={
            "given_name": "José", "family_name": "Person", "birth_date": "02/29/1980",
            "phone": "602 555 0150 x7", "email": "old@example.com", "language": "en", "texts": "yes",
            "safe_to_text": "yes",
        },
    )  # fmt: skip
    assert response.status_code == 302
    assert on_file(appointment).phone == "+16025550150;ext=7"
    assert contacts_by_appointment([appointment.id]) == {}
    assert db.session.scalars(select(Task).filter_by(done_at=None)).all() == []
