"""Who said that texts aren't safe gets none, and each that wasn't sent says so; e-mail goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.rules import Channel, MessageStatus, Reason
from booking.messaging.sending import send_due
from booking.patients.models import Patient
from booking.patients.rules import ContactPreferences
from booking.reminders.contexts import get_recipient
from booking.reminders.drafts import compute_message_channels
from booking.reminders.patient_details import PatientUpdate, update_patient_details
from booking.reminders.recipients import find_channel_recipient
from booking.scheduler import render_messages
from tests.builders import NOW, Clinic
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import EMAIL, Tick, a_clinic_that_reminds, an_appointment, on_record

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


def allow(appointment: Appointment, clinic: Clinic, **changed: str | bool | None) -> Patient:
    """Correct what an appointment's patient allows, as the desk does; return them."""
    patient = db.session.get_one(Patient, appointment.patient_id)
    name = changed.pop("preferred_name", patient.preferred_name)
    details = PatientUpdate(
        replace(patient.contact, preferred_name=name),  # type: ignore[arg-type]
        replace(patient.preferences, **changed),  # type: ignore[arg-type]
        patient.birth_date, None, "Text me",
    )  # fmt: skip
    update_patient_details(patient.id, details, clinic.front_desk.id, NOW)
    return patient


def test_planned_texts_are_kept_back_and_say_why(clinic: Clinic, tick: Tick) -> None:
    appointment = an_appointment()
    tick(NOW)
    planned = on_record(channel=Channel.SMS, status=MessageStatus.PLANNED)
    assert planned
    allow(appointment, clinic, safe_to_text=False)
    kept_back = on_record(channel=Channel.SMS, status=MessageStatus.SKIPPED)
    assert {message.id for message in kept_back} == {message.id for message in planned}
    assert {message.reason for message in kept_back} == {Reason.NOT_SAFE}
    tick(appointment.starts_at - timedelta(hours=2))
    assert on_record(channel=Channel.EMAIL, status=MessageStatus.SENT)
    assert all(message.sent_at is None for message in on_record(reason=Reason.NOT_SAFE))


def test_what_is_booked_later_is_owed_by_mail_alone(clinic: Clinic, tick: Tick) -> None:
    appointment = an_appointment()
    allow(appointment, clinic, safe_to_text=False)
    assert compute_message_channels(appointment, NOW).confirmation == {Channel.EMAIL}
    assert {message.channel for message in tick(SOON)} == {Channel.EMAIL}
    assert on_record(channel=Channel.SMS, status=MessageStatus.PLANNED) == []
    asked_at = find_channel_recipient(appointment)
    assert asked_at is not None
    assert (asked_at.channel, asked_at.address) == (Channel.EMAIL, EMAIL)


def test_one_that_was_owed_at_that_very_moment_is_stopped_as_it_is_leased(
    clinic: Clinic, tick: Tick
) -> None:
    appointment, sender = an_appointment(), ObedientSender()
    tick(NOW)
    with transaction():
        db.session.get_one(Patient, appointment.patient_id).safe_to_text = False
    due = on_record(channel=Channel.SMS, status=MessageStatus.PLANNED)[0]
    senders = {Channel.SMS: sender}
    send_due(due.send_at, "worker", 9, senders, threads=1, render=render_messages)
    assert sender.accepted == []
    assert on_record(id=due.id)[0].reason == Reason.NOT_SAFE


def test_texts_still_to_come_go_again_once_they_are_safe(clinic: Clinic, tick: Tick) -> None:
    appointment = an_appointment()
    tick(NOW)
    planned = {m.id for m in on_record(channel=Channel.SMS, status=MessageStatus.PLANNED)}
    allow(appointment, clinic, safe_to_text=False)
    allow(appointment, clinic, safe_to_text=True)
    assert {m.id for m in on_record(channel=Channel.SMS, status=MessageStatus.PLANNED)} == planned


def test_greetings_use_the_name_they_want_to_be_called(clinic: Clinic, tick: Tick) -> None:
    appointment = an_appointment()
    patient = allow(appointment, clinic, preferred_name="Robin")
    assert get_recipient(appointment).contact.greeting_name == "Robin"
    (mail,) = [message for message in tick(SOON) if message.channel is Channel.EMAIL]
    assert mail.body.startswith("Hello Robin,")
    assert patient.display_name == "Test “Robin” Person"


def test_invariant_14_what_was_typed_for_another_number_is_not_greeted_by_it(
    clinic: Clinic,
) -> None:
    appointment = an_appointment()
    with transaction():
        patient = db.session.get_one(Patient, appointment.patient_id)
        patient.preferred_name, patient.phone = "Robin", "+16025550188"
    assert get_recipient(appointment).contact.greeting_name == "Test"


def test_what_is_allowed_is_kept_with_what_was(clinic: Clinic) -> None:
    patient = allow(an_appointment(), clinic, leave_voicemail=False)
    assert patient.preferences == ContactPreferences(safe_to_text=True, leave_voicemail=False)
