"""Messages follow the appointments that stand: each told once, none after it stopped being true."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.booking import book_slot
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import MessageStatus
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders import drafts, operations, queries
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.series import operations as series_operations
from booking.series.proposals import propose_plans
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_patient,
    a_request,
    local,
)
from tests.reminders.test_rules import RULES
from tests.series.prescribed import SIX, a_series, starts

NEXT_WEEK = TOMORROW + timedelta(days=7)


def a_policy() -> None:
    with transaction():
        db.session.add(
            ReminderPolicy(
                version=1, digest="0" * 64, rules=[r.to_dict() for r in RULES], created_at=NOW
            )
        )


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    made = a_clinic(weekdays=range(5))
    a_policy()
    return made


def messages(status: MessageStatus = MessageStatus.PLANNED) -> list[tuple[str, str, int]]:
    rows = db.session.scalars(select(Message).filter_by(status=status).order_by(Message.id))
    return [(row.kind, row.channel.value, row.revision) for row in rows]


ALL = [
    ("confirmation", "email", 0),
    ("confirmation", "sms", 0),
    ("day_before", "sms", 0),
    ("days_before", "email", 0),
    ("hours_before", "sms", 0),
]


def test_a_booking_is_owed_its_messages_once(clinic: Clinic) -> None:
    a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    derive_messages(NOW)
    assert sorted(messages()) == ALL


def test_an_unchanged_appointment_is_not_looked_at_again(clinic: Clinic) -> None:
    a_booking(local(14, day=NEXT_WEEK))
    assert (derive_messages(NOW), derive_messages(NOW)) == (1, 0)


def test_without_consent_no_text_is_owed(clinic: Clinic) -> None:
    book_slot(a_request(local(14, day=NEXT_WEEK), sms_consent=False), NOW)
    derive_messages(NOW)
    assert {channel for _, channel, _ in messages()} == {"email"}


def test_without_an_address_no_email_is_owed(clinic: Clinic) -> None:
    book_slot(a_request(local(14, day=NEXT_WEEK), contact=a_contact(email=None)), NOW)
    derive_messages(NOW)
    assert {channel for _, channel, _ in messages()} == {"sms"}


def test_a_move_retires_the_old_time_and_tells_the_new(clinic: Clinic) -> None:
    appointment = a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    appointment_operations.move(appointment.id, local(15, day=NEXT_WEEK), NOW, "staff:1")
    derive_messages(NOW)
    assert sorted(messages(MessageStatus.RETIRED)) == ALL
    assert {revision for _, _, revision in messages()} == {1}
    assert ("moved", "sms", 1) in messages()


def test_a_move_there_and_back_tells_the_truth_each_time(clinic: Clinic) -> None:
    appointment = a_booking(local(14, day=NEXT_WEEK))
    for hour in (15, 14):
        derive_messages(NOW)
        appointment_operations.move(appointment.id, local(hour, day=NEXT_WEEK), NOW, "staff:1")
    derive_messages(NOW)
    moved = select(Message).filter_by(kind="moved", channel="sms")
    told = db.session.scalars(moved.order_by(Message.id)).all()
    assert [(m.revision, m.status) for m in told] == [
        (1, MessageStatus.RETIRED),
        (2, MessageStatus.PLANNED),
    ]
    assert "2:00" in told[1].body


def test_invariant_9_a_cancellation_retires_reminders_and_is_told(clinic: Clinic) -> None:
    appointment = a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    derive_messages(NOW)
    assert sorted(messages()) == [("cancellation", "email", 1), ("cancellation", "sms", 1)]
    email = db.session.scalars(
        select(Message).filter_by(kind="cancellation", channel="email")
    ).one()
    assert email.attachment is not None
    assert "METHOD:CANCEL" in email.attachment
    assert "SEQUENCE:1" in email.attachment


def test_a_confirmed_appointment_that_is_not_the_first_loses_its_two_hour_text(
    clinic: Clinic,
) -> None:
    contact = a_contact()
    a_booking(local(9, day=NEXT_WEEK), contact=contact)
    second = a_booking(local(14, day=NEXT_WEEK + timedelta(days=1)), contact=contact)
    derive_messages(NOW)
    appointment_operations.confirm(second.id, NOW, "text")
    derive_messages(NOW)
    assert messages(MessageStatus.RETIRED) == [("hours_before", "sms", 0)]


def test_invariant_9_of_an_appointment_that_has_begun_nothing_is_owed(clinic: Clinic) -> None:
    a_booking(local(14))
    derive_messages(local(14))
    assert messages() == []


def test_every_message_expires_when_its_appointment_starts(clinic: Clinic) -> None:
    appointment = a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    assert {m.expires_at for m in db.session.scalars(select(Message))} == {appointment.starts_at}


def test_a_series_is_told_of_by_one_text_and_one_email(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    patients.record_consent(patient, str(patient.phone), "Text me", NOW, granted=True)
    series = a_series(clinic, SIX, patient)
    chosen = starts(propose_plans(series, NOW))
    series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    derive_messages(NOW)
    told = [(kind, channel) for kind, channel, _ in messages() if kind == "confirmation"]
    assert sorted(told) == [("confirmation", "email"), ("confirmation", "sms")]
    email = db.session.scalars(
        select(Message).filter_by(kind="confirmation", channel="email")
    ).one()
    assert str(email.attachment).count("BEGIN:VEVENT") == 6
    assert email.body.count("\n- ") == 6


def test_invariant_10_no_message_tells_what_is_treated(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    patients.record_consent(patient, str(patient.phone), "Text me", NOW, granted=True)
    series = a_series(clinic, SIX, patient)
    chosen = starts(propose_plans(series, NOW))
    series_operations.book_plan(series.id, chosen, NOW, "staff:1")
    a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    said = " ".join(
        f"{m.subject} {m.body} {m.attachment}" for m in db.session.scalars(select(Message))
    ).lower()
    for word in ("ketamin", "infusion", "drip", "depress", "series", "treatment", "consultation"):
        assert word not in said


def test_an_appointment_of_another_patient_is_told_to_that_patient_only(clinic: Clinic) -> None:
    appointment = a_booking(local(14, day=NEXT_WEEK))
    derive_messages(NOW)
    patient = db.session.get_one(Patient, appointment.patient_id)
    recipients = {m.recipient for m in db.session.scalars(select(Message))}
    assert recipients == {patient.phone, patient.email}


def test_one_appointment_that_cannot_be_derived_holds_up_nobody_else(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = a_booking(local(9)), a_booking(local(14))

    def break_one(appointment: Appointment, now: datetime) -> list[MessageDraft]:
        if appointment.id == broken.id:
            raise LookupError
        return drafts.draft_messages_for_appointment(appointment, now)

    monkeypatch.setattr(operations, "draft_messages_for_appointment", break_one)
    assert derive_messages(NOW) == 1
    topics = set(db.session.scalars(select(Message.topic)))
    assert topics == {f"appointment:{fine.id}"}
    assert queries.list_changed_appointments(NOW) == [broken.id]
