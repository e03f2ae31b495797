"""“Why not then?” on the desk's pages: each rule in words, who may override it, and the form to do so."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.appointments import operations as appointment_operations
from booking.appointments.patient_rules import PatientRule
from booking.appointments.rules import Status
from booking.calendars.overrides import CalendarRule
from booking.desk.why_not.relaxation_words import CHANGE_WORDS
from booking.desk.why_not.rule_words import RULE_WORDS
from booking.series.gap_rules import SeriesRule
from booking.series.queries import list_sessions
from booking.series.relaxations import PRICES
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_closure, a_patient, local
from tests.desk.page_forms import forms_on, send
from tests.series.prescribed import a_booked_series, appointments


@dataclass(frozen=True)
class LostSession:
    """The page for placing the last session of six, which has lost its time, and the fifth's day."""

    page: str
    fifth: date

    def day(self, gap: int) -> date:
        return self.fifth + timedelta(days=gap)


def asked(page: str, day: date, time: str, location: str = "ahwatukee") -> str:
    return f"{page}?why_date={day}&why_time={time}&why_location={location}"


def short(day: date) -> str:
    """Return a day as the desk's lists have it, like "Tue, Dec 1"."""
    return f"{day:%a, %b} {day.day}"


def answer(browser: FlaskClient, address: str) -> str:
    """Return the text of the answer, without tags."""
    text = browser.get(address).text
    section = text[text.index('id="why-not"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(section)).split())


def book_from_answer(browser: FlaskClient, address: str, **typed: str) -> TestResponse:
    """Send the form that stands below an answer."""
    forms = forms_on(browser.get(address).text, address)
    (form,) = [form for form in forms if "start" in form.hidden]
    return send(browser, form, typed)


@pytest.fixture
def lost(clinic: Clinic) -> LostSession:
    """A session for which a time is looked for."""
    return lose_session(clinic)


def lose_session(clinic: Clinic) -> LostSession:
    """Cancel the last session of a series that is booked."""
    series = a_booked_series(clinic)
    fifth, last = appointments(series)[-2:]
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    page = f"/desk/sessions/{list_sessions(series.id)[-1].session.id}/place"
    return LostSession(page, fifth.local_date)


def test_every_rule_that_blocks_is_in_words(
    clinic: Clinic, desk: FlaskClient, lost: LostSession
) -> None:
    day = lost.day(13)
    a_closure(clinic.location, day)
    text = answer(desk, asked(lost.page, day, "16:10"))
    assert f"6 rules stand against 4:10 PM (Mountain Standard Time), {day:%A, %B} {day.day}" in text
    for words in (
        "Visits begin every 15 minutes: the nearest times are 4:00 PM and 4:15 PM.",
        "The location is closed on that day: Closed.",
        "With setup and recovery it would last until 5:40 PM, 40 minutes past closing at 5:00 PM.",
        "No nurse is on shift at 5:00 PM to watch the patient.",
        "No practitioner is on site: 5:00 PM – 5:40 PM.",
        f"From session 5 ({short(lost.fifth)}) to session 6 ({short(day)}) it would be 13 days.",
    ):
        assert words in text


def test_a_gap_says_its_numbers_and_days_and_who_may_allow_it(
    desk: FlaskClient, practitioner: FlaskClient, lost: LostSession
) -> None:
    address = asked(lost.page, lost.day(1), "10:00")
    text = answer(desk, address)
    days = short(lost.fifth), short(lost.day(1))
    assert "From session 5 ({}) to session 6 ({}) it would be 1 day.".format(*days) in text
    assert "The series allows 2 to 5." in text
    assert "A practitioner may allow it, with a reason." in text
    assert "A practitioner who signs in may book it here with a reason." in text
    assert "Book the session then" not in text
    assert "Book the session then" in answer(practitioner, address)


def test_a_day_of_another_year_has_its_year(desk: FlaskClient, lost: LostSession) -> None:
    text = answer(desk, asked(lost.page, date(2031, 12, 1), "10:00"))
    assert "Monday, December 1, 2031, Ahwatukee" in text
    assert f"({short(lost.fifth)}) to session 6 (Mon, Dec 1, 2031)" in text


def test_a_practitioner_overrides_a_gap_from_the_answer(
    practitioner: FlaskClient, lost: LostSession
) -> None:
    page = asked(lost.page, lost.day(13), "10:00")
    response = book_from_answer(practitioner, page, reason="Away over the holidays")
    assert response.status_code == 302
    booked = practitioner.get(response.location).text
    assert "The session is booked." in booked
    assert f"{short(lost.day(13))}, 10:00 AM" in booked


def test_a_time_with_nothing_against_it_is_booked_from_the_answer(
    desk: FlaskClient, lost: LostSession
) -> None:
    page = asked(lost.page, lost.day(3), "15:00")
    assert "Nothing stands against 3:00 PM" in answer(desk, page)
    response = book_from_answer(desk, page)
    assert f"{short(lost.day(3))}, 3:00 PM" in desk.get(response.location).text


def test_a_session_is_placed_at_the_other_location(desk: FlaskClient, lost: LostSession) -> None:
    a_clinic(slug="scottsdale")
    page = asked(lost.page, lost.day(3), "15:00", "scottsdale")
    response = book_from_answer(desk, page)
    assert response.status_code == 302
    placed = list_sessions(1)[-1].appointment
    assert placed is not None
    assert (placed.location_id, placed.status) == (2, Status.BOOKED)


def test_a_move_is_asked_about_and_made(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    a_booking(local(14))
    page = f"/desk/visits/{appointment.id}/move"
    text = answer(desk, asked(page, TOMORROW, "14:00"))
    assert "The one room is not free at 2:00 PM." in text
    assert "No practitioner is there and free at 2:00 PM." in text
    response = book_from_answer(desk, asked(page, TOMORROW, "15:00"))
    assert response.location == f"/desk/day/ahwatukee/{TOMORROW}#visit-{appointment.id}"


def test_what_binds_online_alone_does_not_bind_the_desk(desk: FlaskClient) -> None:
    page = f"/desk/patients/{a_patient().id}/book"
    text = answer(desk, asked(page, NOW.date(), "09:30"))
    assert "Nothing stands against 9:30 AM" in text
    assert "Online, times are offered from Monday, November 30, 10:00 AM on." in text
    text = answer(desk, asked(page, NOW.date() + timedelta(days=80), "09:30"))
    assert "Online, times are offered up to Friday, January 29, 2027." in text


def test_a_patients_other_appointment_is_named(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/patients/{appointment.patient_id}/book"
    text = answer(desk, asked(page, TOMORROW, "10:30"))
    other = "Consultation, 10:00 AM – 10:45 AM, Ahwatukee Clinic"
    assert f"The patient has another visit then: {other}." in text


def test_when_nothing_fits_the_rule_that_binds_and_the_smallest_change_are_named(
    clinic: Clinic, desk: FlaskClient, lost: LostSession
) -> None:
    for gap in range((NOW.date() - lost.fifth).days, 7):
        a_closure(clinic.location, lost.day(gap))
    text = unescape(desk.get(lost.page).text)
    assert "No time keeps every rule from Monday, November 30" in text
    assert "What binds: the days between infusions." in text
    change = "with a gap of 7 days instead of 5 (from session 5 to session 6)"
    assert f"{short(lost.day(7))}, 9:00 AM</a>: {change}" in text
    link = re.search(rf'href="([^"]*)">{short(lost.day(7))}, 9:00', text)
    assert link is not None
    assert "One rule stands against 9:00 AM" in answer(desk, link[1])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("why_date=&why_time=10:00&why_location=ahwatukee", "Enter a day."),
        ("why_date=9999-99-99&why_time=10:00&why_location=ahwatukee", "Enter a day."),
        ("why_date=0001-01-01&why_time=10:00&why_location=ahwatukee", "Enter a day."),
        ("why_date=2026-12-03&why_time=&why_location=ahwatukee", "Enter a time, like 10:00."),
        ("why_date=2026-12-03&why_time=noon&why_location=ahwatukee", "Enter a time, like 10:00."),
        ("why_date=2026-12-03&why_time=25:00&why_location=ahwatukee", "Enter a time, like 10:00."),
        ("why_time=10:00", "Enter a day."),
    ],
)
def test_a_question_that_is_none_is_said_so(
    desk: FlaskClient, lost: LostSession, query: str, words: str
) -> None:
    response = desk.get(f"{lost.page}?{query}")
    assert response.status_code == 200
    assert words in response.text
    assert "stand against" not in response.text


def test_an_unknown_location_is_the_one_of_the_page(desk: FlaskClient, lost: LostSession) -> None:
    assert "against 10:00 AM" in answer(desk, asked(lost.page, lost.day(13), "10:00", "nowhere"))


def test_a_time_that_the_clocks_skip_is_none_and_one_shown_twice_is_two(
    desk: FlaskClient, lost: LostSession
) -> None:
    a_clinic(slug="denver", zone="America/Denver")
    skipped = answer(desk, asked(lost.page, date(2027, 3, 14), "02:30", "denver"))
    assert "The clocks skip that time on that day." in skipped
    twice = answer(desk, asked(lost.page, date(2027, 11, 7), "01:30", "denver"))
    assert "1:30 AM (Mountain Daylight Time)" in twice
    assert "1:30 AM (Mountain Standard Time)" in twice


def test_every_rule_has_its_words_and_every_change_too() -> None:
    assert RULE_WORDS.keys() == {*CalendarRule, *PatientRule, *SeriesRule}
    assert CHANGE_WORDS.keys() == PRICES.keys()
