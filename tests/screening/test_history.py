"""The history of answers: kept for the practitioner with a booking, and gone within a day without one."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from booking.appointments import booking, hold_cleanup, hold_details, holds
from booking.appointments.booking import Booked
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening import flags, history
from booking.screening.models import FlagKind, ScreeningSubmission
from booking.screening.rules import ScreeningOutcome
from tests.builders import BORN, NOW, Clinic, a_booking, a_clinic, a_contact, answers, local

KEY, MINUTE, DAY = "browser", timedelta(minutes=1), timedelta(days=1)
HELP, FLAGGED, GO_ON = ScreeningOutcome.HELP_FIRST, ScreeningOutcome.FLAGGED, ScreeningOutcome.GO_ON


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def a_hold(hour: int = 10) -> str:
    return holds.create_hold("consultation", "ahwatukee", local(hour), NOW).token


def answer(token: str, minute: int = 0, born: date = BORN, key: str = KEY, **yes: bool) -> None:
    now = NOW + minute * MINUTE
    hold_details.record_screening(token, answers(born, **yes), now, history_key=key)


def book(token: str, contact: Contact | None = None) -> Appointment:
    hold_details.record_contact(
        token, contact or a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    result = booking.book_hold(token, NOW + 9 * MINUTE)
    assert isinstance(result, Booked)
    return result.appointment


def count() -> int:
    return db.session.scalar(select(func.count(ScreeningSubmission.id))) or 0


def outcomes(appointment: Appointment) -> list[ScreeningOutcome]:
    (found,) = history.list_histories(appointment.patient_id or 0)
    assert found.response.appointment_id == appointment.id
    return [each.outcome for each in found.submissions]


def test_danger_taken_back_is_kept_with_the_booking_and_seen_at_it() -> None:
    answer(a_hold(), danger=True)
    token = a_hold()
    answer(token, 2)
    appointment = book(token)
    assert outcomes(appointment) == [HELP, GO_ON]
    (record,) = history.list_histories(appointment.patient_id or 0)
    (change,) = record.changes
    assert (change.slug, change.to_yes, change.after) == ("danger", False, 2 * MINUTE)
    (flag,) = flags.list_open_flags(appointment.patient_id or 0)
    assert (flag.kind, flag.questions) == (FlagKind.SEEN_AT_APPOINTMENT, ["danger"])
    assert record.response.outcome is GO_ON


def test_each_submission_is_kept_once() -> None:
    token = a_hold()
    for minute in (0, 1):
        answer(token, minute, pregnancy=True)
    answer(token, 2)
    appointment = book(token)
    assert outcomes(appointment) == [FLAGGED, GO_ON]
    assert flags.list_open_flags(appointment.patient_id or 0) == []


def test_what_was_asked_at_the_desk_or_by_a_program_is_its_own_history() -> None:
    appointment = a_booking(answers=answers(pregnancy=True))
    assert outcomes(appointment) == [FLAGGED]
    assert count() == 0


def test_another_birth_date_is_another_person() -> None:
    answer(a_hold(), born=date(1970, 1, 1), danger=True)
    token = a_hold()
    answer(token, 2)
    appointment = book(token)
    assert outcomes(appointment) == [GO_ON]
    assert flags.list_open_flags(appointment.patient_id or 0) == []


def test_another_name_forgets_what_was_answered() -> None:
    answer(a_hold(), danger=True)
    token = a_hold()
    answer(token, 1)
    hold_details.record_contact(token, a_contact(), sms_consent=True, wording="Text me", now=NOW)
    hold_details.record_contact(token, a_contact(), sms_consent=True, wording="Text me", now=NOW)
    assert count() == 0


def test_of_minors_nothing_is_kept() -> None:
    child = date(2012, 1, 1)
    answer(a_hold(), born=child, danger=True)
    answer(a_hold(), born=child, psychosis=True)
    answer(a_hold(), born=child)
    assert count() == 0


def test_what_led_to_no_booking_goes_within_a_day() -> None:
    answer(a_hold(), danger=True)
    token = a_hold()
    answer(token, 2, pregnancy=True)
    answer(a_hold(14), 3, key="another", psychosis=True)
    appointment = book(token)
    assert count() == 3
    hold_cleanup.delete_abandoned_holds(NOW + DAY)
    assert count() == 2
    history.delete_history(KEY)
    assert outcomes(appointment) == [HELP, FLAGGED]


def test_a_submission_is_never_changed_but_may_go() -> None:
    answer(a_hold(), danger=True)
    with pytest.raises(DBAPIError, match="screening_submission_never_updated"), transaction():
        db.session.execute(db.text("UPDATE screening_submission SET answers = '{}'"))
    with transaction():
        db.session.execute(db.text("DELETE FROM screening_submission"))
    assert count() == 0


def test_invariant_12_the_trail_holds_no_answers() -> None:
    answer(a_hold(), danger=True)
    token = a_hold()
    answer(token, 2, pregnancy=True)
    book(token)
    for entry in db.session.scalars(select(AuditEntry)):
        assert "danger" not in str(entry.facts)
        assert "pregnancy" not in str(entry.facts)
