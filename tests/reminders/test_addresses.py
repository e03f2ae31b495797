"""Messages about an appointment go where its own contact says, and only to numbers that may be texted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import contacts
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import ReplyMeaning
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.inbound import receive_reply
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, a_patient, local
from tests.reminders.prepared import NEXT_WEEK, Tick, a_clinic_that_reminds

OLD, NEW = "+16025550123", "+16025550177"
SOON = NOW + timedelta(minutes=1)
KNOWN = Contact("José", "Person", OLD, "old@example.com")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


@pytest.fixture
def appointment(clinic: Clinic, tick: Tick) -> Appointment:
    """An appointment of someone known, told of already."""
    appointment = a_booking(local(9, day=NEXT_WEEK), contact=KNOWN)
    tick(NOW)
    return appointment


def a_second(**changed: str | None) -> Appointment:
    contact = replace(KNOWN, **changed)  # type: ignore[arg-type]
    return a_booking(local(14, day=NEXT_WEEK), NOW, contact=contact)


def recipients(messages: list[Message]) -> set[str]:
    return {message.recipient for message in messages}


@pytest.mark.parametrize("changed", [{"phone": NEW}, {"email": "new@example.com"}])
def test_a_new_phone_or_address_gets_the_confirmation(
    appointment: Appointment, tick: Tick, changed: dict[str, str]
) -> None:
    a_second(**changed)
    expected = {"phone": OLD, "email": "old@example.com", **changed}
    assert recipients(tick(SOON)) == set(expected.values())


def test_the_cancellation_goes_where_the_confirmation_went(
    appointment: Appointment, tick: Tick
) -> None:
    booked = a_second(phone=NEW, email="old@example.com")
    told = recipients(tick(SOON))
    appointment_operations.cancel(booked.id, SOON, "online", by_patient=True)
    assert recipients(tick(SOON)) == told


def test_a_moved_appointment_is_told_of_where_it_was_confirmed(
    appointment: Appointment, tick: Tick
) -> None:
    booked = a_second(phone=NEW)
    told = recipients(tick(SOON))
    appointment_operations.move(booked.id, local(15, day=NEXT_WEEK), SOON, "staff:1")
    assert recipients(tick(SOON)) == told


def test_a_reply_from_the_new_number_confirms_the_appointment(
    appointment: Appointment, tick: Tick
) -> None:
    booked = a_second(phone=NEW)
    tick(SOON)
    assert receive_reply("IN1", NEW, "+16025550100", "1", SOON) is ReplyMeaning.CONFIRM
    assert db.session.get_one(Appointment, booked.id).confirmed_at == SOON


def test_invariant_14_a_message_addresses_whoever_booked_as_they_typed_it(
    appointment: Appointment, tick: Tick
) -> None:
    a_second(given_name="JOSE", email="new@example.com", phone=OLD)
    written = [m.body for m in tick(SOON) if m.recipient == "new@example.com"]
    assert written
    assert all("Hello JOSE," in body and "José" not in body for body in written)


def test_what_the_desk_put_on_file_is_where_all_appointments_are_told_of(
    appointment: Appointment, tick: Tick, clinic: Clinic
) -> None:
    booked = a_second(phone=NEW)
    tick(SOON)
    contacts.copy_contact_to_patient(booked.id, clinic.front_desk.id, SOON)
    appointment_operations.cancel(appointment.id, SOON, "staff:1", by_patient=True)
    assert recipients(tick(SOON)) == {NEW, "old@example.com"}
    assert db.session.get_one(Patient, appointment.patient_id).phone == NEW


def test_an_extension_is_no_part_of_an_address_of_texts(clinic: Clinic, tick: Tick) -> None:
    a_booking(local(14, day=NEXT_WEEK), contact=a_contact(phone=f"{OLD};ext=44", email=None))
    assert recipients(tick(NOW)) == {OLD}


@pytest.mark.parametrize("phone", ["+18095550123", "+34600123456", "+18005550123"])
def test_no_text_goes_abroad_or_to_a_special_number_whatever_was_consented(
    clinic: Clinic, tick: Tick, phone: str
) -> None:
    a_booking(local(14, day=NEXT_WEEK), contact=a_contact(phone=phone, email="a@example.com"))
    assert recipients(tick(NOW)) == {"a@example.com"}


def test_a_merged_record_is_still_reached_as_typed(appointment: Appointment, tick: Tick) -> None:
    booked = a_second(phone=NEW, given_name="Josefa")
    survivor = a_patient()
    with transaction():
        db.session.get_one(Patient, booked.patient_id).merged_into_id = survivor.id
    assert recipients(tick(SOON)) == {NEW, "old@example.com"}


def test_a_text_from_where_none_are_sent_is_read_and_not_answered(
    clinic: Clinic, tick: Tick
) -> None:
    for number, sender in enumerate(("+18095550123", "72345", "BANK")):
        receive_reply(f"IN{number}", sender, "+16025550100", "hello there", NOW)
    assert tick(NOW) == []
    assert len(db.session.scalars(select(Task).filter_by(kind=TaskKind.READ_TEXT)).all()) == 3


def test_whoever_may_be_in_danger_is_answered_wherever_they_are(clinic: Clinic, tick: Tick) -> None:
    receive_reply("IN1", "+34600123456", "+16025550100", "I want to die", NOW)
    assert recipients(tick(NOW)) == {"+34600123456"}
