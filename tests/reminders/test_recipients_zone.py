"""Texts keep to the night where the patient lives, who may live elsewhere than the clinic is."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.outages.asking import plan_question
from booking.patients.models import Patient
from booking.reminders.operations import derive_messages
from booking.reminders.patient_details import PatientUpdate, update_patient_details
from tests.builders import NOW, local
from tests.reminders.prepared import NEXT_WEEK, a_clinic_that_reminds, an_appointment, on_record

HONOLULU = "Pacific/Honolulu"  # three hours behind Phoenix


@pytest.fixture
def appointment(app: Flask) -> Appointment:
    a_clinic_that_reminds()
    appointment = an_appointment(local(9, day=NEXT_WEEK))
    derive_messages(NOW)
    return appointment


def live_in(appointment: Appointment, zone: str | None) -> None:
    patient = db.session.get_one(Patient, appointment.patient_id)
    preferences = replace(patient.preferences, time_zone=zone)
    details = PatientUpdate(
        patient.contact, preferences, patient.birth_date, may_text=None, wording=""
    )
    update_patient_details(patient.id, details, 1, NOW)
    derive_messages(NOW)


def reminders() -> list[Message]:
    rows = on_record(status=MessageStatus.PLANNED, channel=Channel.SMS)
    return [each for each in rows if each.kind != "confirmation"]


def hours_of(messages: list[Message], zone: str) -> list[int]:
    return [message.send_at.astimezone(ZoneInfo(zone)).hour for message in messages]


def test_no_reminder_is_planned_in_the_night_of_where_they_live(appointment: Appointment) -> None:
    before = [(each.kind, each.send_at) for each in reminders()]
    live_in(appointment, HONOLULU)
    assert {each.time_zone for each in reminders()} == {HONOLULU}
    assert [each.send_at for each in reminders()] != [send_at for _kind, send_at in before]
    assert all(8 <= hour <= 21 for hour in hours_of(reminders(), HONOLULU))
    live_in(appointment, None)
    assert [(each.kind, each.send_at) for each in reminders()] == before


def test_a_question_about_a_new_time_waits_for_their_morning(appointment: Appointment) -> None:
    new_start = appointment.starts_at + timedelta(days=1)
    live_in(appointment, HONOLULU)
    times = plan_question([(appointment, new_start)], NOW).times  # 08:00 in Phoenix
    assert times is not None
    assert times.ask_at.astimezone(ZoneInfo(HONOLULU)).hour == 8
