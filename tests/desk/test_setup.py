"""Managers change the set-up by forms: whom it hits is shown first, and nothing is done twice or unseen."""

import re
from html import unescape

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.audit.models import AuditEntry
from booking.calendars.models import Service
from booking.clinic.models import ClinicLoad
from booking.desk.setup.typed_hours import normalize_hours
from booking.extensions import db
from booking.locations.models import OpeningHours, Resource
from booking.reminders.models import ReminderPolicy
from booking.screening.models import Questionnaire
from booking.staff.models import Role, Shift, Staff
from tests.clinic.appointments import booked
from tests.clinic.loads import loaded
from tests.desk.page_forms import forms_on
from tests.desk.signed_in import sign_in
from tests.staff.managers import confirm

HOURS, PLACE = "/desk/setup/hours/ahwatukee", "/desk/setup/place/ahwatukee"
REMINDERS, QUESTIONS = "/desk/setup/reminders/all", "/desk/setup/questions/all"
NURSE, SERVICE = "/desk/setup/staff/iris-cole", "/desk/setup/service/consultation"
INPUT = re.compile(r'<input id="[^"]*" name="([^"]+)"[^>]* value="([^"]*)"')
AREA = re.compile(r'<textarea id="[^"]*" name="([^"]+)"[^>]*>([^<]*)</textarea>')
SELECT = re.compile(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
CHECKED = re.compile(r'<input type="checkbox" id="[^"]*" name="([^"]+)" value="([^"]+)" checked')
HIT = "can't take place as booked"


@pytest.fixture
def manager(app: Flask, clock: time_machine.Traveller) -> FlaskClient:
    """The browser of the demo clinic's manager."""
    loaded()
    return confirm(
        sign_in(app, db.session.scalars(select(Staff).filter_by(role=Role.MANAGER)).one())
    )


def chosen(choices: str) -> str:
    """Return what a browser sends of a list: what is selected, or the first."""
    selected = re.search(r'value="([^"]*)" selected', choices) or re.search(
        r'value="([^"]*)"', choices
    )
    return selected.group(1) if selected else ""


def fields_of(text: str, path: str) -> dict[str, str]:
    """Return all that a set-up form carries, as a browser would send it."""
    form = next(form for form in forms_on(text, path) if form.action == path)
    selected = {name: chosen(choices) for name, choices in SELECT.findall(text)}
    typed = {**dict(INPUT.findall(text)), **dict(AREA.findall(text)), **selected}
    typed |= dict(CHECKED.findall(text))
    return {**{name: unescape(value) for name, value in typed.items()}, **form.hidden}


def shown(browser: FlaskClient, path: str, **typed: str) -> TestResponse:
    """Type into a set-up form, and press the button that shows what it does."""
    fields = fields_of(browser.get(path).text, path)
    return browser.post(path, data={**fields, **typed, "step": "show"})


def applied(browser: FlaskClient, answer: TestResponse, path: str) -> TestResponse:
    """Press the button that does it on a page that shows what it does."""
    return browser.post(path, data={**fields_of(answer.text, path), "step": "apply"})


def loads() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(ClinicLoad.id)).all())


def test_hours_show_whom_they_hit_and_are_changed_once(manager: FlaskClient) -> None:
    appointment = booked("consultation", "ahwatukee", 9)
    answer = shown(manager, HOURS, **{"hours.wednesday": "12:00-17:30"})
    assert HIT in answer.text
    assert appointment.reference in answer.text
    assert loads() == 1
    first, again = applied(manager, answer, HOURS), applied(manager, answer, HOURS)
    assert (first.status_code, first.location) == (302, again.location)
    assert loads() == 2
    opens = select(OpeningHours.opens).filter_by(weekday=2, valid_to=None)
    assert 12 in [at.hour for at in db.session.scalars(opens)]
    entries = select(AuditEntry).filter_by(action="load_clinic").order_by(AuditEntry.id)
    entry = db.session.scalars(entries).all()[-1]
    assert entry.actor.startswith("staff:")


def test_an_outdated_form_and_other_consequences_than_shown_change_nothing(
    manager: FlaskClient,
) -> None:
    first = shown(manager, PLACE, chairs="Chair 1\nChair 2\nChair 3")
    second = shown(manager, PLACE, chairs="Chair 1")
    booked("infusion", "ahwatukee", 11)
    elsewhere = shown(manager, HOURS, **{"hours.wednesday": ""})
    booked("consultation", "ahwatukee", 9)
    refused = applied(manager, elsewhere, HOURS)
    assert (refused.status_code, HIT in refused.text) == (422, True)
    assert applied(manager, first, PLACE).status_code == 302
    stale = applied(manager, second, PLACE)
    assert stale.status_code == 422
    assert "It says now: Chair 1" in stale.text
    chairs = select(Resource.name).filter_by(kind="chair", location_id=1, active=True)
    assert len(db.session.scalars(chairs).all()) == 3


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        (HOURS, {"hours.monday": "9-17"}, "Enter hours like 8:00 AM"),
        (HOURS, {"hours_from": "2020-01-01"}, "Enter today or a later day"),
        (HOURS, {"hours_from": "soon"}, "hours_from"),
        (PLACE, {"neutral_name": "Ketamine"}, "tells nothing of the treatment"),
        (PLACE, {"chairs": "Chair 1\nChair 1"}, "each chair once"),
        (NURSE, {"watches": "0"}, "watches"),
        (
            NURSE,
            {"extra_shifts.0.day": "2026-12-07", "extra_shifts.0.hours": "09:00-11:00"},
            "overlap",
        ),
        (SERVICE, {"minutes": "7"}, "Enter a multiple of 5"),
        (SERVICE, {"price_cents": "dear"}, "Enter a number"),
        (SERVICE, {"minutes": "--45"}, "Enter a number"),
        (SERVICE, {"minutes": "9" * 5000}, "Enter a number"),
        (SERVICE, {"price_cents": "9" * 5000}, "Enter a number"),
        (SERVICE, {"price_cents": "1e5000"}, "Enter a number"),
        (SERVICE, {"price_cents": "12,50"}, "Enter a number"),
        (SERVICE, {"price_cents": "1e3"}, "Enter a number"),
        (REMINDERS, {"2.hours": "1e5000"}, "Enter a number"),
        (REMINDERS, {"3.hours": "1,5"}, "Enter a number"),
        (QUESTIONS, {"questions.danger.position": "--1"}, "Enter a number"),
        (QUESTIONS, {"questions.psychosis.gone": "y"}, "psychosis"),
        (REMINDERS, {"0.hours": "5"}, "Enter how many hours before the visit"),
        (REMINDERS, {"2.hours": "0.1"}, "Enter half an hour or more"),
        (REMINDERS, {"2.hours": ""}, "Enter how many hours before the visit"),
        (SERVICE, {"minutes": "0"}, "Enter 5 minutes or more"),
        (SERVICE, {"needs.0.minutes": "-5"}, "Enter a multiple of 5, more than 0"),
        (SERVICE, {"price_cents": "9999999"}, "Enter $1,000,000 or less"),
        (SERVICE, {"names.en": ""}, "Enter a text in English"),
        (PLACE, {"name": ""}, "Enter a text"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    manager: FlaskClient, path: str, typed: dict[str, str], words: str
) -> None:
    answer = shown(manager, path, **typed)
    assert answer.status_code == 422
    assert words in answer.text
    kept = fields_of(answer.text, path)
    assert {name: kept.get(name, "y") for name in typed} == typed
    assert loads() == 1


@pytest.mark.parametrize(
    ("path", "typed", "field"),
    [
        (REMINDERS, {"0.kind": "", "4.hours": "0.1"}, "4.hours"),
        (REMINDERS, {"6.kind": "day_before", "6.channel": "sms", "6.hours": "30"}, "6.kind"),
        (
            NURSE,
            {"extra_shifts.1.day": "2026-12-07", "extra_shifts.1.hours": "soon"},
            "extra_shifts.1.hours",
        ),
    ],
)
def test_what_is_wrong_is_said_at_the_row_that_was_typed(
    manager: FlaskClient, path: str, typed: dict[str, str], field: str
) -> None:
    answer = shown(manager, path, **typed)
    assert answer.status_code == 422
    errors = re.findall(r'class="field-error" id="([^"]*)-error"', answer.text)
    assert errors == [field]


def test_a_change_of_rules_says_what_becomes_of_what_is_booked(manager: FlaskClient) -> None:
    assert "Visits booked already follow these rules, too" in manager.get(REMINDERS).text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("8 AM - 5:30 PM", "08:00-17:30"),
        ("8:00–17:30", "08:00-17:30"),
        ("9:00 a.m. to 12pm; 1 pm-5 pm", "09:00-12:00, 13:00-17:00"),
        ("12 AM - 6 AM", "00:00-06:00"),
        ("Closed", "closed"),
        ("9-5", "9-5"),
        ("13 PM - 14 PM", "13 PM - 14 PM"),
        ("08:00-17:30", "08:00-17:30"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert normalize_hours(typed) == kept


@pytest.mark.parametrize(
    ("typed", "cents"), [("$1,250.50", 125_050), ("1250", 125_000), ("", None), ("0.5", 50)]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_price_is_read_as_it_is_written(
    manager: FlaskClient, typed: str, cents: int | None
) -> None:
    assert applied(manager, shown(manager, SERVICE, price_cents=typed), SERVICE).status_code == 302
    price = select(Service.price_cents).filter_by(slug="consultation")
    assert db.session.scalars(price).one() == cents


def test_shifts_questions_and_reminders_are_changed_by_new_rows_and_versions(
    manager: FlaskClient,
) -> None:
    saturday = {"extra_shifts.0.day": "2026-12-05", "extra_shifts.0.hours": "14:00-16:00"}
    question = {"new.texts.en": "Do you have a latex allergy?", "new.leads_to": "flagged"}
    rule = {"5.kind": "day_before", "5.channel": "email", "5.hours": "25.5"}
    for path, typed in ((NURSE, saturday), (QUESTIONS, question), (REMINDERS, rule)):
        answer = shown(manager, path, **typed)
        assert answer.status_code == 200, answer.text
        assert applied(manager, answer, path).status_code == 302
    assert db.session.scalars(select(Shift).filter_by(valid_from=Shift.valid_to)).one().weekday == 5
    newest = db.session.scalars(
        select(Questionnaire).order_by(Questionnaire.version.desc())
    ).first()
    assert newest is not None
    assert newest.questions[-1]["slug"] == "do-you-have-a-latex-allergy"
    policy = db.session.scalars(
        select(ReminderPolicy).order_by(ReminderPolicy.version.desc())
    ).first()
    assert policy is not None
    assert policy.rules[-1]["minutes_before"] == 1530


def test_the_words_of_each_reminder_are_shown_with_what_a_text_takes(manager: FlaskClient) -> None:
    text = manager.get(REMINDERS).text
    assert "GSM-7, 1 part of" in text
    for words in ("Ready?", "NEW TIME", "is cancelled", "before an infusion"):
        assert words in text
    assert "Reply STOP" in text
    assert 'lang="es"' in text
    for path in ("/desk/setup/", SERVICE, "/desk/setup/service/infusion"):
        assert manager.get(path).status_code == 200
    for path in ("/desk/setup/hours/nowhere", "/desk/setup/none/all", "/desk/setup/hours/all"):
        assert manager.get(path).status_code == 404
