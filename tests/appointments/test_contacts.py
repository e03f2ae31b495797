"""What was typed for an appointment is where its messages go; the record waits (invariant 14)."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import contacts
from booking.appointments import operations as appointment_operations
from booking.appointments.by_phone import book_by_phone
from booking.appointments.contacts import get_contact
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_contact, a_patient, answers, local

NEW_PHONE, NEW_EMAIL = "+16025550177", "new@example.com"
ACTOR = "staff:1"


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def contact(clinic: Clinic) -> Contact:
    """Someone who has booked before."""
    contact = a_contact(given_name="José")
    a_booking(local(9), contact=contact)
    return contact


def patient_of(appointment: Appointment) -> Patient:
    return db.session.get_one(Patient, appointment.patient_id, populate_existing=True)


def to_check() -> list[Task]:
    open_checks = select(Task).filter_by(kind=TaskKind.CHECK_RECORD, done_at=None)
    return list(db.session.scalars(open_checks.execution_options(populate_existing=True)))


@pytest.mark.parametrize("changed", [{"phone": NEW_PHONE}, {"email": NEW_EMAIL}])
def test_invariant_14_what_was_typed_is_the_appointments_and_the_record_stays(
    contact: Contact, changed: dict[str, str]
) -> None:
    typed = replace(contact, given_name="JOSE", **changed)
    appointment = a_booking(local(11), contact=typed)
    assert patient_of(appointment).contact == contact
    assert get_contact(appointment, patient_of(appointment)) == typed
    task = to_check()[0]
    assert (task.subject_kind, task.subject_id, task.details) == (
        "appointment", appointment.id, {"doubtful": []},
    )  # fmt: skip


def test_what_is_on_file_already_is_nothing_to_check(contact: Contact) -> None:
    a_booking(local(11), contact=replace(contact, email=None))
    assert to_check() == []


def test_twins_on_one_phone_are_two_and_the_desk_is_asked_once(contact: Contact) -> None:
    twin = replace(contact, given_name="Josefa")
    first, second = a_booking(local(11), contact=twin), a_booking(local(13), contact=twin)
    assert first.patient_id == second.patient_id
    older = db.session.scalars(select(Patient.id).filter_by(given_name="José")).one()
    assert older != first.patient_id
    assert [(task.subject_id, task.details) for task in to_check()] == [
        (first.id, {"doubtful": [older]})
    ]


def test_a_moved_appointment_keeps_its_own_contact(contact: Contact) -> None:
    typed = replace(contact, phone=NEW_PHONE)
    appointment = a_booking(local(11), contact=typed)
    moved = appointment_operations.move(appointment.id, local(14), NOW, ACTOR)
    assert get_contact(moved, patient_of(moved)) == typed


def test_who_is_booked_at_the_desk_is_reached_as_on_file(clinic: Clinic) -> None:
    patient = a_patient()
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["consultation"]
    desk = clinic.front_desk.id
    result = book_by_phone(patient, location, service, local(10), answers(), desk, NOW)
    appointment = db.session.scalars(select(Appointment)).one()
    assert result is not None
    assert get_contact(appointment, patient) == patient.contact


def test_the_desk_puts_what_was_typed_on_file_for_all_coming_appointments(
    contact: Contact, clinic: Clinic
) -> None:
    appointment = a_booking(local(11), contact=replace(contact, phone=NEW_PHONE))
    earlier = db.session.scalars(select(Appointment).where(Appointment.id != appointment.id)).one()
    versions = {appointment.id: appointment.version, earlier.id: earlier.version}
    assert contacts.copy_contact_to_patient(appointment.id, clinic.front_desk.id, NOW)
    patient = patient_of(appointment)
    assert (patient.phone, patient.email) == (NEW_PHONE, contact.email)
    for one in (appointment, earlier):
        assert get_contact(one, patient) == patient.contact
        assert db.session.get_one(Appointment, one.id).version > versions[one.id]
    assert to_check() == []


def test_what_was_left_out_is_not_taken_off_the_file(contact: Contact, clinic: Clinic) -> None:
    appointment = a_booking(local(11), contact=replace(contact, email=None))
    contacts.copy_contact_to_patient(appointment.id, clinic.front_desk.id, NOW)
    assert patient_of(appointment).email == contact.email


def test_the_desk_sends_an_appointments_messages_to_what_is_on_file(contact: Contact) -> None:
    appointment = a_booking(local(11), contact=replace(contact, phone=NEW_PHONE))
    contacts.delete_contact(appointment.id, ACTOR, NOW)
    assert get_contact(appointment, patient_of(appointment)) == contact
    assert to_check() == []


def test_what_is_decided_already_changes_nothing(contact: Contact, clinic: Clinic) -> None:
    appointment = a_booking(local(11), contact=replace(contact, phone=NEW_PHONE))
    contacts.delete_contact(appointment.id, ACTOR, NOW)
    assert not contacts.copy_contact_to_patient(appointment.id, clinic.front_desk.id, NOW)
    assert patient_of(appointment).contact == contact


def test_invariant_12_the_trail_tells_of_the_choice_and_holds_no_contact(
    contact: Contact, clinic: Clinic
) -> None:
    appointment = a_booking(local(11), contact=replace(contact, phone=NEW_PHONE))
    contacts.copy_contact_to_patient(appointment.id, clinic.front_desk.id, NOW)
    entries = db.session.scalars(select(AuditEntry)).all()
    assert {"edit_patient", "drop_contact"} <= {entry.action for entry in entries}
    written = " ".join(str(entry.facts) for entry in entries)
    for private in (NEW_PHONE, str(contact.phone), str(contact.email), "José"):
        assert private not in written
