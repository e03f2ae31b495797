"""The safety answers on a patient's page: what was answered, and what was answered otherwise before."""

from datetime import timedelta

from flask.testing import FlaskClient

from booking.appointments import booking, hold_details, holds
from booking.appointments.booking import Booked
from tests.builders import NOW, a_booking, a_contact, answers, local

TAKEN_BACK = "First answered yes to “Are you in danger right now?”, changed to no 2 minutes later."


def danger_taken_back() -> str:
    """Say yes to danger, no two minutes later, and book; return the address of the patient's page."""
    for minute, danger in ((0, True), (2, False)):
        hold = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
        sent_at = NOW + timedelta(minutes=minute)
        hold_details.record_screening(
            hold.token, answers(danger=danger), sent_at, history_key="browser"
        )
    hold_details.record_contact(
        hold.token, a_contact(), sms_consent=True, wording="Text me", now=NOW
    )
    result = booking.book_hold(hold.token, NOW)
    assert isinstance(result, Booked)
    return f"/desk/patients/{result.appointment.patient_id}"


def test_a_practitioner_sees_that_danger_was_taken_back(practitioner: FlaskClient) -> None:
    page = practitioner.get(danger_taken_back()).text
    assert TAKEN_BACK in page
    assert "Answered 2 times" in page
    first, second = "Monday, November 30, 8:00 AM: Shown", "Monday, November 30, 8:02 AM: Could"
    assert page.index(first) < page.index("Yes: Are you in danger") < page.index(second)
    assert "Answered yes on Monday, November 30" in page  # the flag that is seen at the visit


def test_answers_that_did_not_change_are_folded(practitioner: FlaskClient) -> None:
    appointment = a_booking(answers=answers(pregnancy=True))
    page = practitioner.get(f"/desk/patients/{appointment.patient_id}").text
    assert "<details><summary>Answered once</summary>" in page
    assert "Could book; flagged for the visit." in page
    assert "Changed" not in page


def test_the_front_desk_sees_the_flag_and_not_the_answers(desk: FlaskClient) -> None:
    page = desk.get(danger_taken_back()).text
    assert "Safety answers" not in page
    assert "Flag: practitioner decides" in page
    assert "Answered yes" not in page
