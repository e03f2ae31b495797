"""A session that was lost is healed at the desk: what the page, its notice and its visit say then."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from booking import clock as booking_clock
from booking.appointments import attendance, operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.opt_outs import record_opt_out
from booking.messaging.rules import Channel
from booking.patients.models import Patient
from booking.patients.operations import record_consent
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.reminders.rules import MessageKind, ReminderRule
from booking.series import endings
from booking.series.endings import SeriesEnd
from booking.series.models import InfusionSeries
from booking.series.queries import list_sessions
from tests.builders import NOW, Clinic
from tests.desk.page_forms import form_on, send
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments

TOLD, CALL_THEM = "The patient is told.", "The patient gets no messages: call them."
TELL_THEM = "By the reminder rules no message says so: tell the patient."


@pytest.fixture
def missed(clinic: Clinic, clock: time_machine.Traveller) -> Appointment:
    """The third session of a series, missed just now."""
    first, second, third, *_ = appointments(a_booked_series(clinic, RECOMMENDED))
    for appointment in (first, second):
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    clock.move_to(third.starts_at + timedelta(minutes=20))
    attendance.mark_no_show(third.id, third.starts_at + timedelta(minutes=20), "staff:1")
    return third


def page_of(missed: Appointment) -> str:
    series = db.session.scalars(db.select(InfusionSeries).filter_by(patient_id=missed.patient_id))
    return f"/desk/sessions/{list_sessions(series.one().id)[2].session.id}/heal"


def heal(missed: Appointment, practitioner: FlaskClient) -> str:
    """Make the session up, and return the page that follows."""
    page = page_of(missed)
    response = send(
        practitioner, form_on(practitioner, page, page), {"way": "repeat", "reason": "Overslept"}
    )
    return practitioner.get(response.location).text


def be_reached_by(
    missed: Appointment, *, phone: str | None = None, email: str | None = None
) -> None:
    with transaction():
        patient = db.session.get_one(Patient, missed.patient_id)
        patient.phone, patient.email = phone, email


def confirm_by(channel: Channel) -> None:
    """Confirm each booking by a channel, by rule."""
    rule = ReminderRule(MessageKind.CONFIRMATION, channel).to_dict()
    with transaction():
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=[rule], created_at=NOW))


@pytest.mark.parametrize(("email", "notice"), [("maria@example.com", TOLD), (None, CALL_THEM)])
def test_the_notice_says_whether_the_patient_is_told(
    missed: Appointment, practitioner: FlaskClient, email: str | None, notice: str
) -> None:
    confirm_by(Channel.EMAIL)
    be_reached_by(missed, email=email)
    assert f"Done: 1 new, 0 moved. {notice}" in heal(missed, practitioner)


@pytest.mark.parametrize("channel", [None, Channel.SMS])
def test_where_no_rule_confirms_a_booking_to_them_the_desk_tells_the_patient(
    missed: Appointment, practitioner: FlaskClient, channel: Channel | None
) -> None:
    if channel:
        confirm_by(channel)
    be_reached_by(missed, email="maria@example.com")
    assert f"Done: 1 new, 0 moved. {TELL_THEM}" in heal(missed, practitioner)
    derive_messages(booking_clock.now())
    told = db.select(Message).filter_by(person=f"patient:{missed.patient_id}", kind="confirmation")
    assert db.session.scalars(told).all() == []


def test_who_has_stopped_texts_is_called(missed: Appointment, practitioner: FlaskClient) -> None:
    phone, agreed_at = "+16025550142", missed.starts_at
    be_reached_by(missed, phone=phone)
    patient = db.session.get_one(Patient, missed.patient_id)
    record_consent(patient, phone, "Text me", agreed_at, granted=True)
    record_opt_out(phone, "text", agreed_at)
    assert CALL_THEM in heal(missed, practitioner)


def test_sent_once_more_from_an_older_page_it_says_that_there_is_a_time(
    missed: Appointment, practitioner: FlaskClient
) -> None:
    page = page_of(missed)
    older = form_on(practitioner, page, page)
    heal(missed, practitioner)
    response = send(practitioner, older, {"way": "repeat", "reason": "Overslept"})
    assert response.status_code == 422
    assert "The session has a time by now." in response.text
    assert "no time yet" not in response.text


def test_who_comes_late_after_all_is_found_a_time_today(
    missed: Appointment, practitioner: FlaskClient
) -> None:
    heal(missed, practitioner)
    page = f"/desk/visits/{missed.id}"
    response = send(practitioner, form_on(practitioner, page, f"{page}/check-in"), {})
    assert response.status_code == 422
    assert "cancel that other time and find one for today" in response.text


def test_a_miss_past_the_end_of_its_series_leads_nowhere(
    clinic: Clinic, clock: time_machine.Traveller, practitioner: FlaskClient
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    last = appointments(series)[-1]
    operations.cancel(last.id, NOW, "online", by_patient=True)
    find_a_time = f'href="/desk/sessions/{list_sessions(series.id)[-1].session.id}/'
    record = f"/desk/patients/{series.patient_id}"
    assert find_a_time in practitioner.get(record).text
    end = SeriesEnd(None, 2)
    endings.end_series_after(series.id, end, clinic.practitioner.id, NOW, reason="Enough")
    assert find_a_time not in practitioner.get(record).text
    assert find_a_time not in practitioner.get(f"/desk/series/{series.id}").text
    for page in ("heal", "place"):
        answer = practitioner.get(f"{find_a_time[6:]}{page}")
        assert answer.status_code == 302
        assert answer.location.startswith(record)
