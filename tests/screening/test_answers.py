"""Answers: to which questions, judged for which day, kept where and for how long."""

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import create_app, scheduler
from booking.appointments import booking, hold_cleanup, hold_details, holds
from booking.appointments.booking import Booked, NotBooked
from booking.appointments.models import Appointment, BookingDraft
from booking.calendars import availability
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import Flag, Questionnaire, ScreeningResponse
from booking.screening.operations import OutdatedQuestions, ScreeningAnswers
from booking.screening.rules import ScreeningOutcome
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_request,
    answers,
    local,
)
from tests.databases import settings_for

DAY = timedelta(days=1)
EIGHTEEN_TOMORROW = date(2008, 12, 1)
BORN = date(1980, 2, 29)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(closes=time(20))


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def a_second_version() -> None:
    with transaction():
        first = db.session.get_one(Questionnaire, 1)
        db.session.add(
            Questionnaire(
                version=2, digest="1" * 64, approved_by="Test", questions=first.questions[1:],
                created_at=NOW,
            )
        )  # fmt: skip
        availability.increment_catalogue_version()


def an_abandoned_booking() -> str:
    """Hold a time, answer and tell who it is for, and go away; return the hold's token."""
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    hold_details.record_screening(appointment.token, answers(pregnancy=True), NOW)
    hold_details.record_contact(
        appointment.token, a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    return appointment.token


def test_the_newest_questions_are_asked(clinic: Clinic) -> None:
    assert availability.current_catalogue().questions.version == 1
    a_second_version()
    newest = availability.current_catalogue().questions
    assert newest.version == 2
    assert [question.slug for question in newest.questions] == ["psychosis", "pregnancy"]


def test_answers_to_questions_that_have_changed_are_refused(clinic: Clinic) -> None:
    a_second_version()
    with pytest.raises(OutdatedQuestions):
        screening.evaluate_answers(availability.current_catalogue().questions, answers(), TOMORROW)
    given = ScreeningAnswers(2, {"psychosis": False, "pregnancy": False}, BORN)
    result = screening.evaluate_answers(availability.current_catalogue().questions, given, TOMORROW)
    assert result.outcome is ScreeningOutcome.GO_ON


@pytest.mark.parametrize(
    ("starts_at", "done"),
    [
        (local(18, day=date(2026, 11, 30)), NotBooked),  # 1 December in UTC already
        (local(9, day=date(2026, 12, 1)), Booked),
    ],
)
def test_an_adult_by_the_locations_date(clinic: Clinic, starts_at: datetime, done: type) -> None:
    request = a_request(starts_at, answers=answers(EIGHTEEN_TOMORROW))
    assert isinstance(booking.book_slot(request, NOW), done)


def test_a_held_time_is_judged_by_the_locations_date_too(clinic: Clinic) -> None:
    appointment = holds.create_hold(
        "consultation", "ahwatukee", local(18, day=date(2026, 11, 30)), NOW
    )
    result, _ = hold_details.record_screening(appointment.token, answers(EIGHTEEN_TOMORROW), NOW)
    assert result.outcome is ScreeningOutcome.ADULTS_ONLY


def test_answers_are_judged_again_when_the_time_has_changed(clinic: Clinic) -> None:
    appointment = holds.create_hold(
        "consultation", "ahwatukee", local(10, day=date(2026, 12, 1)), NOW
    )
    hold_details.record_screening(appointment.token, answers(EIGHTEEN_TOMORROW), NOW)
    hold_details.record_contact(
        appointment.token, a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    holds.change_hold_time(appointment.token, "ahwatukee", local(14, day=date(2026, 11, 30)), NOW)
    assert booking.book_hold(appointment.token, NOW) == NotBooked(ScreeningOutcome.ADULTS_ONLY)


def test_answers_given_again_take_the_place_of_earlier_ones(clinic: Clinic) -> None:
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    hold_details.record_screening(appointment.token, answers(pregnancy=True), NOW)
    hold_details.record_screening(appointment.token, answers(), NOW)
    response = screening.find_answers(appointment.id)
    assert response.outcome is ScreeningOutcome.GO_ON
    assert response.answers == {"danger": False, "psychosis": False, "pregnancy": False}


def test_a_booking_keeps_answers_with_their_version_and_patient(clinic: Clinic) -> None:
    appointment = a_booking(answers=answers(pregnancy=True))
    response = screening.find_answers(appointment.id)
    assert (response.version, response.birth_date, response.patient_id) == (
        1,
        BORN,
        appointment.patient_id,
    )
    assert (response.answers["pregnancy"], response.outcome) == (True, ScreeningOutcome.FLAGGED)


@pytest.mark.parametrize("slug", ["danger", "psychosis"])
def test_answers_that_stop_a_booking_are_not_kept(clinic: Clinic, slug: str) -> None:
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    hold_details.record_screening(appointment.token, answers(BORN, **{slug: True}), NOW)
    assert count(Appointment) == count(ScreeningResponse) == count(Claim) == 0


def test_abandoned_answers_are_gone_within_a_day(clinic: Clinic) -> None:
    an_abandoned_booking()
    how_often = timedelta(hours=1)
    assert hold_cleanup.delete_abandoned_holds(NOW + DAY - how_often) == 0
    assert count(ScreeningResponse) == 1
    assert hold_cleanup.delete_abandoned_holds(NOW + DAY - timedelta(seconds=1)) == 1
    gone = (Appointment, ScreeningResponse, BookingDraft, Claim)
    assert [count(table) for table in gone] == [0, 0, 0, 0]


def test_the_scheduler_looks_for_abandoned_answers_often_enough(app: Flask) -> None:
    made = create_app(settings_for(app.config["DATABASE_URL"]))
    seconds, job = scheduler.list_jobs(made, {})["delete_abandoned"]
    assert job == hold_cleanup.delete_abandoned_holds
    assert hold_cleanup.ABANDONED + timedelta(seconds=seconds) <= DAY


def test_answers_of_a_booked_appointment_stay(clinic: Clinic) -> None:
    booking.book_hold(an_abandoned_booking(), NOW)
    assert hold_cleanup.delete_abandoned_holds(NOW + 9 * DAY) == 0
    assert count(ScreeningResponse) == 1


def test_a_flag_by_which_nobody_can_be_known_again_goes_too(clinic: Clinic) -> None:
    request = a_request(answers=answers(psychosis=True))
    booking.book_slot(request, NOW)
    for hour, phone in ((10, None), (12, "+16025550123")):
        appointment = holds.create_hold("consultation", "ahwatukee", local(hour), NOW)
        _, flag_id = hold_details.record_screening(appointment.token, answers(psychosis=True), NOW)
        if phone:
            flags.add_phone_to_flag(flag_id or 0, phone)
    hold_cleanup.delete_abandoned_holds(NOW + DAY - timedelta(seconds=1))
    assert sorted(flag.phone or "" for flag in db.session.scalars(select(Flag))) == sorted(
        ["+16025550123", request.details.contact.phone or ""]
    )
