"""What the desk did is undone where it is said to be done; facts are taken from whoever says them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from time_machine import Traveller

from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.series.models import Session
from booking.series.progress import SessionState
from tests.builders import NOW, Clinic, a_booking, a_patient, an_infusion, local
from tests.desk.page_forms import PageForm, form_on, forms_on, send
from tests.desk.pressers import Pressers, two_pressers
from tests.desk.scenarios import SAFE
from tests.desk.signed_in import open_session
from tests.reminders.test_rules import RULES
from tests.series.prescribed import a_booked_series, appointments

TODAY = NOW.date()
TEN, TWO = local(10, day=TODAY), local(14, day=TODAY)
ROUNDS = 3


@pytest.fixture(autouse=True)
def _nobody_is_signed_out(app: Flask) -> None:
    app.config["STAFF_IDLE_MINUTES"] = 24 * 60


def status_of(appointment: Appointment) -> Status:
    db.session.rollback()
    return db.session.get_one(Appointment, appointment.id).status


def page_of(appointment: Appointment, verb: str = "") -> str:
    return f"/desk/visits/{appointment.id}{verb}"


def undo_form(text: str, page: str) -> PageForm:
    return next(form for form in forms_on(text, page) if "/undo/" in form.action)


def press(desk: FlaskClient, page: str, action: str, **typed: str) -> str:
    """Send a form of a page; return the page that it leads to."""
    response = send(desk, form_on(desk, page, action), typed)
    assert response.status_code == 302, response.text
    return desk.get(response.location).text


def cancel(desk: FlaskClient, appointment: Appointment, **typed: str) -> str:
    page = page_of(appointment, "/cancel")
    return press(desk, page, page, **{"who": "patient", "reason": "", **typed})


def move(desk: FlaskClient, appointment: Appointment, to: object = TWO) -> str:
    page = page_of(appointment, "/move")
    return press(desk, page, page, start=to.isoformat())  # type: ignore[attr-defined]


def undo(desk: FlaskClient, text: str) -> str:
    response = send(desk, undo_form(text, "/desk/"), {})
    assert response.status_code == 302, response.text
    return desk.get(response.location).text


def test_a_cancellation_is_undone_where_it_is_said(desk: FlaskClient) -> None:
    appointment = a_booking(TEN)
    text = cancel(desk, appointment)
    assert "Cancelled." in text
    assert "The patient is told at 8:05 AM, if it is not undone." in text
    assert "Undone: the cancellation." in undo(desk, text)
    assert status_of(appointment) is Status.BOOKED


def test_a_move_is_undone_and_leads_to_the_day_it_is_on_again(desk: FlaskClient) -> None:
    appointment = a_booking(TEN)
    text = move(desk, appointment, local(10))
    assert "Tuesday, December 1" in text
    text = undo(desk, text)
    assert "Undone: the move." in text
    assert f'id="visit-{appointment.id}"' in text
    assert "Monday, November 30" in text


def test_the_day_s_steps_are_undone(desk: FlaskClient, clock: Traveller) -> None:
    appointment = a_booking(TEN)
    clock.move_to(TEN)
    page = page_of(appointment)
    undo(desk, press(desk, page, page_of(appointment, "/no-show")))
    press(desk, page, page_of(appointment, "/check-in"))
    text = press(desk, page, page_of(appointment, "/outcome"), outcome="seen")
    assert "Undone: the outcome." in undo(desk, text)
    text = desk.get(page).text
    assert "Done at 10:00 AM" in text
    assert "Undone: the check-in." in undo(desk, text)
    assert status_of(appointment) is Status.BOOKED


def test_the_notice_says_nothing_of_undoing_once_it_was_undone(desk: FlaskClient) -> None:
    appointment = a_booking(TEN)
    text = undo(desk, cancel(desk, appointment))
    assert "/undo/" not in text
    assert "/undo/" not in desk.get(page_of(appointment)).text


def test_what_the_patient_was_told_of_is_moved_back_instead(
    desk: FlaskClient, clock: Traveller
) -> None:
    with transaction():
        rules = [rule.to_dict() for rule in RULES]
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=rules, created_at=NOW))
    appointment = a_booking(TEN)
    derive_messages(NOW)
    form = undo_form(move(desk, appointment, local(11)), "/desk/")
    clock.shift(timedelta(minutes=6))
    derive_messages(NOW + timedelta(minutes=6))
    with transaction():
        db.session.execute(update(Message).values(tries=1, status=MessageStatus.SENT))
    response = send(desk, form, {})
    assert response.status_code == 422
    assert "The patient has been told of it" in response.text
    assert f"/move?location=ahwatukee&amp;date={TODAY}" in response.text
    assert "/undo/" not in response.text


def test_who_comes_late_is_checked_in_from_the_day(desk: FlaskClient, clock: Traveller) -> None:
    appointment = a_booking(TEN)
    attendance.mark_no_show(appointment.id, TEN, "staff:1")
    clock.move_to(TEN + timedelta(minutes=20))
    day = f"/desk/day/ahwatukee/{TODAY}"
    assert "Check in late" in desk.get(day).text
    assert "Checked in." in press(desk, day, page_of(appointment, "/check-in"))
    assert status_of(appointment) is Status.ARRIVED


def test_before_its_start_only_what_can_be_true_is_offered(
    desk: FlaskClient, clinic: Clinic, clock: Traveller
) -> None:
    appointment = an_infusion(clinic, TEN, a_patient(clinic))
    attendance.check_in(appointment.id, NOW, "staff:1")
    page = page_of(appointment)
    assert 'value="treated"' not in desk.get(page).text
    assert 'value="no_ride"' in desk.get(page).text
    form = form_on(desk, page, page_of(appointment, "/outcome"))
    assert send(desk, form, {"outcome": "treated"}).status_code == 422
    clock.move_to(TEN)
    assert 'value="treated"' in desk.get(page).text


def test_an_outcome_is_corrected_from_its_page(
    desk: FlaskClient, clinic: Clinic, clock: Traveller
) -> None:
    appointment = an_infusion(clinic, TEN, a_patient(clinic))
    attendance.check_in(appointment.id, TEN, "staff:1")
    attendance.fulfil(appointment.id, Outcome.TREATED, TEN, "staff:1")
    clock.move_to(TWO)
    page = page_of(appointment)
    assert "Correct" in desk.get(page).text
    press(desk, page, page_of(appointment, "/outcome"), outcome="declined")
    db.session.rollback()
    assert db.session.get_one(Appointment, appointment.id).outcome is Outcome.DECLINED


@pytest.mark.parametrize("verb", ["/move", "/cancel"])
def test_after_the_start_a_reason_is_asked_for(
    desk: FlaskClient, clock: Traveller, verb: str
) -> None:
    appointment = a_booking(TEN)
    clock.move_to(TEN + timedelta(minutes=5))
    page = page_of(appointment, verb)
    typed = {"start": TWO.isoformat()} if verb == "/move" else {"who": "impossible"}
    response = send(desk, form_on(desk, page, page), typed)
    assert response.status_code == 422
    assert "give the reason" in response.text
    form = next(form for form in forms_on(response.text, page) if form.action == page)
    response = send(desk, form, {**typed, "reason": "The doctor is ill"})
    assert response.status_code == 302
    assert status_of(appointment) is (Status.BOOKED if verb == "/move" else Status.CANCELLED)


def test_invariant_6_the_front_desk_says_that_a_nurse_is_ill_and_a_practitioner_decides(
    desk: FlaskClient, clinic: Clinic
) -> None:
    third = appointments(a_booked_series(clinic))[2]
    cancel(desk, third, who="impossible", reason="The nurse is ill")
    session = db.session.scalars(select(Session).filter_by(appointment_id=third.id)).one()
    assert session.state is SessionState.MISSED
    tasks = desk.get("/desk/tasks?owner=practitioner").text
    assert f"/desk/sessions/{session.id}/heal" in tasks


@pytest.fixture(scope="module")
def pressers() -> Iterator[Pressers]:
    with two_pressers() as both:
        yield both


def test_invariant_1_an_undo_and_a_booking_at_once_never_both_have_the_time(
    app: Flask, pressers: Pressers, database_url: str, desk: FlaskClient, clinic: Clinic
) -> None:
    for number in range(ROUNDS):
        starts_at = local(10 + 2 * number)
        cancelled = a_booking(starts_at)
        text = cancel(desk, cancelled)
        page = f"/desk/patients/{a_patient().id}/book"
        booking = form_on(desk, f"{page}?date=2026-12-01", page)
        keys = (open_session(clinic.front_desk), open_session(clinic.front_desk))
        forms = (undo_form(text, "/desk/"), booking)
        answers = pressers.press(
            database_url, keys, forms, {"start": starts_at.isoformat(), **SAFE}
        )
        assert sorted(status for status, _to in answers) == [302, 422], answers
        db.session.rollback()
        taken = select(func.count(Claim.appointment_id.distinct())).filter_by(starts_at=starts_at)
        assert db.session.scalar(taken) == 1
        is_undone = answers[0][0] == 302
        assert (status_of(cancelled) is Status.BOOKED) is is_undone
