"""A form by its link: the birth date first, nine items, sent in once; danger shows the help page."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood import operations as mood
from booking.mood.models import MoodForm
from booking.patients.models import Patient
from booking.series.models import InfusionSeries
from booking.site.birth_proof import PROOF_LASTS
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_clinic
from tests.mood.asked import CALM, IN_DANGER, a_form
from tests.series.prescribed import appointments, tasks_of
from tests.site.steps import BIRTH
from tests.web.test_every_page import HOST, ask, looks_wrong, serve_from

Typed = dict[str, str]


@pytest.fixture
def form(clinic: Clinic) -> MoodForm:
    return a_form(clinic)


def typed(answers: list[int]) -> Typed:
    return {f"item-{number}": str(answer) for number, answer in enumerate(answers, start=1)}


def prove(client: FlaskClient, form: MoodForm, **fields: str) -> None:
    client.post(f"/q/{form.token}/birth-date", data={**BIRTH, **fields})


def kept(form: MoodForm) -> list[int] | None:
    db.session.rollback()
    return db.session.get_one(MoodForm, form.id, populate_existing=True).answers


def test_before_the_birth_date_nothing_is_asked_or_kept(
    client: FlaskClient, form: MoodForm
) -> None:
    page = client.get(f"/q/{form.token}").text
    assert "date of birth" in page
    assert "<title>A short form</title>" in page
    assert "2 weeks" not in page
    assert client.post(f"/q/{form.token}", data=typed(CALM)).status_code == 403
    wrong = client.post(f"/q/{form.token}/birth-date", data={**BIRTH, "birth_day": "28"})
    assert wrong.status_code == 422
    assert "2 weeks" not in client.get(f"/q/{form.token}").text
    assert kept(form) is None


def test_nine_items_are_sent_in_once(client: FlaskClient, form: MoodForm) -> None:
    prove(client, form)
    assert client.get(f"/q/{form.token}").text.count('type="radio"') == 36
    for answers in (CALM, [3] * 8 + [0]):
        answer = client.post(f"/q/{form.token}", data=typed(answers))
        assert answer.location == f"/q/{form.token}"
    page = client.get(f"/q/{form.token}").text
    assert "<h1>Thank you</h1>" in page
    assert "1 form was answered: 4 of 27 points." in page
    assert not any(word in page.lower() for word in ("minimal", "mild", "severe", "depress"))
    assert kept(form) == CALM


def test_forgotten_items_are_named_and_the_others_stay(client: FlaskClient, form: MoodForm) -> None:
    prove(client, form)
    some = {**typed(CALM), "item-3": "", "item-8": "7"}
    answer = client.post(f"/q/{form.token}", data=some)
    assert answer.status_code == 422
    assert answer.text.count("Choose one of the four.") == 2
    assert all(f"Question {number}: choose one" in answer.text for number in (3, 8))
    assert answer.text.count(" checked") == 7
    assert kept(form) is None


def test_danger_shows_the_help_page_and_tells_a_person(client: FlaskClient, form: MoodForm) -> None:
    prove(client, form)
    answer = client.post(f"/q/{form.token}", data=typed(IN_DANGER))
    assert client.get(answer.location or "").location == "/book/help"
    assert "Call 988" in client.get("/book/help").text
    assert [task.subject_id for task in tasks_of(TaskKind.CRISIS)] == [form.id]


def test_answers_wait_while_the_birth_date_is_given_again(
    client: FlaskClient, clinic: Clinic, form: MoodForm
) -> None:
    prove(client, form)
    later = form.asked_at + PROOF_LASTS + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        page = client.post(f"/q/{form.token}", data=typed(CALM))
        assert page.status_code == 403
        assert "Your answers are still here." in page.text
        assert '<input type="hidden" name="item-4" value="2">' in page.text
        again = client.post(f"/q/{form.token}/birth-date", data={**BIRTH, **typed(CALM)})
    assert again.text.count(" checked") == 9
    assert kept(form) is None


def test_a_closed_form_says_so_and_an_unknown_one_is_not_found(
    client: FlaskClient, form: MoodForm
) -> None:
    with time_machine.travel(form.expires_at + timedelta(days=2), tick=False):
        assert "This form is closed" in client.get(f"/q/{form.token}").text
        prove(client, form)
        assert client.post(f"/q/{form.token}", data=typed(CALM)).status_code == 409
    assert client.get("/q/nobodys").status_code == 404


def test_it_is_in_spanish_for_who_is_written_to_in_spanish(
    client: FlaskClient, form: MoodForm
) -> None:
    with transaction():
        series = db.session.get_one(InfusionSeries, form.series_id)
        db.session.get_one(Patient, series.patient_id).language = "es"
    prove(client, form)
    page = client.get(f"/q/{form.token}").text
    assert "Poco interés o placer en hacer cosas" in page
    assert "Casi todos los días" in page
    switched = client.post(f"/q/{form.token}", data={**typed(CALM), "switch-language": "en"})
    assert "Little interest or pleasure in doing things" in switched.text
    assert switched.text.count(" checked") == 9


def test_the_line_is_on_the_timeline_behind_the_birth_date(
    client: FlaskClient, form: MoodForm
) -> None:
    mood.answer_form(form.token, CALM, form.asked_at)
    (first, *_) = appointments(db.session.get_one(InfusionSeries, form.series_id))
    path = f"/a/{first.token}/visits"
    assert "27 points" not in client.get(path).text
    client.post(path, data=BIRTH)
    assert "1 form was answered: 4 of 27 points." in client.get(path).text


def test_its_pages_are_accessible_and_fit(sqlite_app: Flask, page: Page) -> None:
    client = sqlite_app.test_client()
    form = a_form(a_clinic(weekdays=range(5)))
    with time_machine.travel(NOW, tick=False):
        prove(client, form)
    serve_from(client, page)
    problems: list[str] = []
    for answers, shown in ((None, "Several days"), (CALM, "How you have been")):
        if answers:
            mood.answer_form(form.token, answers, form.asked_at)
        page.goto(f"{HOST}/q/{form.token}")
        assert shown in page.locator("main").inner_text()
        problems += looks_wrong(page)
    assert problems == []
    assert ask(client, f"{HOST}/q/{form.token}").status_code == 200
