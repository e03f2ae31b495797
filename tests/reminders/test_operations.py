"""Messages follow the visits that stand: each told once, none after it stopped being true."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import operations as appointments
from booking.appointments.booking import book
from booking.appointments.models import Appointment
from booking.db import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import Owed
from booking.messaging.rules import Status
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders import operations, owing
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive
from booking.series import operations as series
from booking.series.proposing import propose
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
from tests.series.prescribed import SIX, a_series

NEXT_WEEK = TOMORROW + timedelta(days=7)


def a_policy() -> None:
    with transaction():
        db.session.add(
            ReminderPolicy(
                version=1, digest="0" * 64, rules=[r.as_data() for r in RULES], created_at=NOW
            )
        )


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    made = a_clinic(weekdays=range(5))
    a_policy()
    return made


def messages(status: Status = Status.PLANNED) -> list[tuple[str, str, int]]:
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
    derive(NOW)
    derive(NOW)
    assert sorted(messages()) == ALL


def test_an_unchanged_visit_is_not_looked_at_again(clinic: Clinic) -> None:
    a_booking(local(14, day=NEXT_WEEK))
    assert (derive(NOW), derive(NOW)) == (1, 0)


def test_without_consent_no_text_is_owed(clinic: Clinic) -> None:
    book(a_request(local(14, day=NEXT_WEEK), sms_consent=False), NOW)
    derive(NOW)
    assert {channel for _, channel, _ in messages()} == {"email"}


def test_without_an_address_no_email_is_owed(clinic: Clinic) -> None:
    book(a_request(local(14, day=NEXT_WEEK), contact=a_contact(email=None)), NOW)
    derive(NOW)
    assert {channel for _, channel, _ in messages()} == {"sms"}


def test_a_move_retires_the_old_time_and_tells_the_new(clinic: Clinic) -> None:
    visit = a_booking(local(14, day=NEXT_WEEK))
    derive(NOW)
    appointments.move(visit.id, local(15, day=NEXT_WEEK), NOW, "staff:1")
    derive(NOW)
    assert sorted(messages(Status.RETIRED)) == ALL
    assert {revision for _, _, revision in messages()} == {1}
    assert ("moved", "sms", 1) in messages()


def test_a_move_there_and_back_tells_the_truth_each_time(clinic: Clinic) -> None:
    visit = a_booking(local(14, day=NEXT_WEEK))
    for hour in (15, 14):
        derive(NOW)
        appointments.move(visit.id, local(hour, day=NEXT_WEEK), NOW, "staff:1")
    derive(NOW)
    told = db.session.scalars(select(Message).filter_by(kind="moved", channel="sms")).all()
    assert [(m.revision, m.status) for m in told] == [(1, Status.RETIRED), (2, Status.PLANNED)]
    assert "2:00" in told[1].body


def test_invariant_9_a_cancellation_retires_reminders_and_is_told(clinic: Clinic) -> None:
    visit = a_booking(local(14, day=NEXT_WEEK))
    derive(NOW)
    appointments.cancel(visit.id, NOW, "online", by_patient=True)
    derive(NOW)
    assert sorted(messages()) == [("cancellation", "email", 1), ("cancellation", "sms", 1)]
    email = db.session.scalars(
        select(Message).filter_by(kind="cancellation", channel="email")
    ).one()
    assert email.attachment is not None
    assert "METHOD:CANCEL" in email.attachment
    assert "SEQUENCE:1" in email.attachment


def test_a_confirmed_visit_that_is_not_the_first_loses_its_two_hour_text(clinic: Clinic) -> None:
    contact = a_contact()
    a_booking(local(9, day=NEXT_WEEK), contact=contact)
    second = a_booking(local(14, day=NEXT_WEEK + timedelta(days=1)), contact=contact)
    derive(NOW)
    appointments.confirm(second.id, NOW, "text")
    derive(NOW)
    assert messages(Status.RETIRED) == [("hours_before", "sms", 0)]


def test_invariant_9_of_a_visit_that_has_begun_nothing_is_owed(clinic: Clinic) -> None:
    a_booking(local(14))
    derive(local(14))
    assert messages() == []


def test_every_message_expires_when_its_visit_starts(clinic: Clinic) -> None:
    visit = a_booking(local(14, day=NEXT_WEEK))
    derive(NOW)
    assert {m.expires_at for m in db.session.scalars(select(Message))} == {visit.starts_at}


def test_a_series_is_told_of_by_one_text_and_one_email(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    patients.record_consent(patient, str(patient.phone), "Text me", NOW, granted=True)
    made = a_series(clinic, SIX, patient)
    chosen = [session.starts_at for session in propose(made, NOW).plans[0].sessions]
    series.book_plan(made.id, chosen, NOW, "staff:1")
    derive(NOW)
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
    made = a_series(clinic, SIX, patient)
    chosen = [session.starts_at for session in propose(made, NOW).plans[0].sessions]
    series.book_plan(made.id, chosen, NOW, "staff:1")
    a_booking(local(14, day=NEXT_WEEK))
    derive(NOW)
    said = " ".join(
        f"{m.subject} {m.body} {m.attachment}" for m in db.session.scalars(select(Message))
    ).lower()
    for word in ("ketamin", "infusion", "drip", "depress", "series", "treatment", "consultation"):
        assert word not in said


def test_a_visit_of_another_patient_is_told_to_that_patient_only(clinic: Clinic) -> None:
    visit = a_booking(local(14, day=NEXT_WEEK))
    derive(NOW)
    patient = db.session.get_one(Patient, visit.patient_id)
    recipients = {m.recipient for m in db.session.scalars(select(Message))}
    assert recipients == {patient.phone, patient.email}


def test_one_visit_that_cannot_be_derived_holds_up_nobody_else(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = a_booking(local(9)), a_booking(local(14))

    def break_one(visit: Appointment, now: datetime) -> list[Owed]:
        if visit.id == broken.id:
            raise LookupError
        return owing.owed_for(visit, now)

    monkeypatch.setattr(operations, "owed_for", break_one)
    assert derive(NOW) == 1
    topics = set(db.session.scalars(select(Message.topic)))
    assert topics == {f"appointment:{fine.id}"}
    assert operations.changed_visits(NOW) == [broken.id]
