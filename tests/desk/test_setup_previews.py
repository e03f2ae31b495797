"""Before the set-up is changed, its form says what changes and whom it hurts, in the desk's words."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from booking.desk.setup.typed_hours import format_typed_hours, normalize_hours
from booking.patients.queries import get_patient
from tests.clinic.appointments import booked
from tests.desk.test_setup import (
    HOURS,
    NURSE,
    PLACE,
    QUESTIONS,
    REMINDERS,
    SERVICE,
    applied,
    manager,
    shown,
)

__all__ = ["manager"]
FOLLOW_UP = "/desk/setup/service/follow-up"
HEADING = "What the change does"


def said(browser: FlaskClient, path: str, **typed: str) -> str:
    """Return what a form says that a change does, as its reader sees it."""
    answer = shown(browser, path, **typed)
    assert answer.status_code == 200, answer.text
    section = answer.text.partition(HEADING)[2].partition("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", section)).split())


def test_whom_a_change_hurts_is_said_as_everywhere_at_the_desk(manager: FlaskClient) -> None:
    appointment = booked("consultation", "ahwatukee", 9)
    text = shown(manager, HOURS, **{"hours.wednesday": "12:00-17:30"}).text
    patient = get_patient(appointment.patient_id or 0)
    assert f'/{appointment.id}">Wednesday, December 16, 9:00 AM</a>' in text
    line = said(manager, HOURS, **{"hours.wednesday": "12:00-17:30"})
    assert "Wednesday, December 16, 9:00 AM" in line
    assert f"{patient.listed_name}, Ahwatukee" in line
    assert "It is outside the opening hours." in line
    assert "2026-12-16" not in line


@pytest.mark.parametrize(
    ("path", "typed", "lines"),
    [
        (
            HOURS,
            {"hours.wednesday": "12:00-17:30"},
            ["Wednesday: 8:00 AM – 5:30 PM → 12:00 PM – 5:30 PM"],
        ),
        (HOURS, {"hours.sunday": "9 AM to noon"}, ["Sunday: closed → 9:00 AM – 12:00 PM"]),
        (PLACE, {"chairs": "Chair 1\nChair 2"}, ["Chairs: no longer: Chair 3, Chair 4"]),
        (FOLLOW_UP, {"gone": "y"}, ["Offer it no longer"]),
        (SERVICE, {"online": ""}, ["Patients book it online: no longer"]),
        (SERVICE, {"price_cents": "180"}, ["Price in US dollars: 150 → 180"]),
        (
            QUESTIONS,
            {"questions.danger.texts.en": "Are you in danger?"},
            ["danger In English: Are you in danger right now? → Are you in danger?"],
        ),
        (REMINDERS, {"2.hours": "30"}, ["Message 3 Hours before the visit: "]),
        (
            NURSE,
            {"extra_shifts.0.day": "2026-12-05", "extra_shifts.0.hours": "2 PM - 4 PM"},
            ["Day: none → Sat, Dec 5, 2026", "Hours: none → 2:00 PM – 4:00 PM"],
        ),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_changes_is_said_from_old_to_new(
    manager: FlaskClient, path: str, typed: dict[str, str], lines: list[str]
) -> None:
    answer = said(manager, path, **typed)
    assert [line for line in lines if line not in answer] == [], answer
    assert "changed " not in answer


def test_an_appointment_that_gets_another_chair_is_named_even_if_the_chair_is_new(
    manager: FlaskClient,
) -> None:
    appointment = booked("infusion", "ahwatukee", 11)
    patient = get_patient(appointment.patient_id or 0)
    answer = said(manager, PLACE, chairs="Recliner 1\nRecliner 2\nRecliner 3\nRecliner 4")
    assert "1 visit keeps its time in another chair, room or seat" in answer
    assert f"Wednesday, December 16, 11:00 AM · {patient.listed_name}, Ahwatukee" in answer
    assert "Chairs: new: Recliner 1, Recliner 2" in answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_later_change_names_only_the_appointments_that_it_hurts_itself(
    manager: FlaskClient,
) -> None:
    booked("follow-up", "ahwatukee", 16)
    end = shown(manager, FOLLOW_UP, gone="y")
    assert "The service is no longer offered." in end.text
    assert applied(manager, end, FOLLOW_UP).status_code == 302
    answer = said(manager, HOURS, **{"hours.sunday": "9 AM - noon"})
    assert "No visit is hit." in answer
    assert "The service is no longer offered." not in answer
    hurt = booked("consultation", "ahwatukee", 9)
    answer = said(manager, HOURS, **{"hours.wednesday": "12:00-17:30"})
    assert "1 visit can't take place as booked." in answer
    assert hurt.reference in answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_the_reminder_rules_show_what_is_sent(manager: FlaskClient) -> None:
    assert "What they say" in manager.get(REMINDERS).text
    for path in (HOURS, PLACE, NURSE, SERVICE, QUESTIONS, "/desk/setup/new-place/all"):
        assert "What they say" not in manager.get(path).text


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        (PLACE, {"gone": "y"}, "Ana Reyes still has shifts there."),
        (QUESTIONS, {"questions.danger.leads_to": "flagged"}, "Exactly one question leads to help"),
        (QUESTIONS, {"questions.psychosis.gone": "y"}, "The question about psychosis stays"),
        (PLACE, {"phone": "602"}, "Enter a phone number like +16025550100."),
        (
            NURSE,
            {"extra_shifts.0.day": "2026-12-07", "extra_shifts.0.hours": "9 AM - 11 AM"},
            "Two shifts overlap on Monday, December 7.",
        ),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_refusal_is_said_in_the_words_of_the_clinic_file(
    manager: FlaskClient, path: str, typed: dict[str, str], words: str
) -> None:
    answer = shown(manager, path, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert ": expected" not in answer.text


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("09:00-17:00", "9:00 AM – 5:00 PM"),
        ("09:00-12:00, 13:00-24:00", "9:00 AM – 12:00 PM, 1:00 PM – midnight"),
        ("00:00-06:00", "midnight – 6:00 AM"),
        ("closed", "closed"),
        ("", ""),
        ("9-5", "9-5"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hours_are_shown_as_they_may_be_typed(manager: FlaskClient, file: str, words: str) -> None:
    with manager.application.test_request_context():
        assert format_typed_hours(file) == words
    again = normalize_hours(words)
    assert again.replace("-00:00", "-24:00") == file
