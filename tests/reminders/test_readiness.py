"""The evening before an infusion, a message leads to the question whether its patient is ready."""

from datetime import time, timedelta

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from booking.calendars.local_days import resolve_wall_clock
from booking.extensions import db
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders.drafts import draft_messages_for_appointment
from booking.reminders.rules import MessageKind
from tests.builders import NOW, PHOENIX
from tests.reminders.prepared import a_clinic_that_reminds
from tests.series.prescribed import a_booked_series, appointments


@pytest.fixture
def infusion(app: Flask) -> Appointment:
    return appointments(a_booked_series(a_clinic_that_reminds()))[-1]


def answer_consent(infusion: Appointment, *, granted: bool) -> None:
    patient = db.session.get_one(Patient, infusion.patient_id)
    patients.record_consent(patient, patient.phone or "", "May we?", NOW, granted=granted)


def questions(infusion: Appointment) -> dict[Channel, MessageDraft]:
    drafts = draft_messages_for_appointment(infusion, NOW)
    return {draft.channel: draft for draft in drafts if draft.kind == MessageKind.DAY_BEFORE.value}


def test_a_text_goes_that_evening_by_the_clocks_there_or_else_an_email(
    infusion: Appointment,
) -> None:
    day_before = infusion.local_date - timedelta(days=1)
    evening = resolve_wall_clock(day_before, time(18), PHOENIX)
    for granted, channel in ((True, Channel.SMS), (False, Channel.EMAIL)):
        answer_consent(infusion, granted=granted)
        owed = questions(infusion)
        assert {each: draft.send_at for each, draft in owed.items()} == {channel: evening}
        assert f"/a/{infusion.token}" in owed[channel].body
        assert "ready?" in owed[channel].body.lower()
