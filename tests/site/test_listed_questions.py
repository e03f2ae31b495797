"""Questions asked as one list: what is ticked, what was forgotten, and what comes back to be mended."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.screening.models import ScreeningResponse
from tests.builders import Clinic
from tests.site.listed import ask_in_a_list
from tests.site.steps import BIRTH, NO, hold, send

SAFE = {"q-danger": "no", "q-psychosis": "no"}
NONE = {"none-of-these": "y"}


def list_fields(page: str) -> set[str]:
    """Return the names of what can be filled in on a part of the page."""
    fields = re.findall(
        r'<input (?:class="[^"]*" )?(?:type="(?:radio|checkbox)" )?id="[^"]*" name="([^"]+)"', page
    )
    return {name for name in fields if name.startswith(("q-", "birth_", "none-"))}


@pytest.fixture
def asking(client: FlaskClient, clinic: Clinic) -> FlaskClient:
    """A visitor who holds a time, where the questions are asked as a list."""
    ask_in_a_list()
    hold(client)
    return client


def test_what_was_asked_one_by_one_before_is_asked_anew(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    ask_in_a_list()
    page = send(client, "/book/safety", BIRTH | NO | {"version": "1"})
    assert page.status_code == 409
    assert "The questions have changed" in page.text
    assert " checked" not in page.text


@pytest.mark.parametrize(
    ("ticks", "yes"),
    [(NONE, []), ({"q-heart": "yes"}, ["heart"]), ({"q-heart": "no", **NONE}, [])],
)
def test_what_is_not_ticked_is_a_no(
    asking: FlaskClient, ticks: dict[str, str], yes: list[str]
) -> None:
    assert send(asking, "/book/safety", BIRTH | SAFE | ticks).location == "/book/you"
    answers = db.session.scalars(select(ScreeningResponse)).one().answers
    assert answers == {slug: slug in yes for slug in ("danger", "psychosis", "pregnancy", "heart")}


@pytest.mark.parametrize(
    ("ticks", "problem", "place"),
    [
        ({}, "Check what applies to you, or “None of these”.", "q-pregnancy"),
        ({"q-heart": "no"}, "Check what applies to you, or “None of these”.", "q-pregnancy"),
        ({"q-heart": "yes", **NONE}, "You checked “None of these” and something else", NONE),
    ],
)
def test_nothing_ticked_and_none_beside_another_are_asked_about(
    asking: FlaskClient, ticks: dict[str, str], problem: str, place: str | dict[str, str]
) -> None:
    page = send(asking, "/book/safety", BIRTH | SAFE | ticks)
    assert page.status_code == 422
    link = re.search(r'href="#([a-z-]+)">' + problem, page.text)
    assert link
    assert link[1] == (place if isinstance(place, str) else "none-of-these")
    assert (
        'id="listed-questions" data-none="none-of-these" aria-describedby="listed-error"'
        in page.text
    )
    assert page.text.count('" checked') == len(SAFE) + sum(ticks[name] != "no" for name in ticks)


def test_what_was_forgotten_comes_first_and_the_rest_is_folded(asking: FlaskClient) -> None:
    page = send(asking, "/book/safety", BIRTH | NONE | {"q-psychosis": "no"}).text
    first, folded = page.split("<details", 1)
    assert "Almost done" in first
    assert list_fields(first) == {"q-danger"}
    assert list_fields(folded) == {"birth_month", "birth_day", "birth_year", "q-psychosis",
                                   "q-pregnancy", "q-heart", "none-of-these"}  # fmt: skip
    assert "1. Are you in danger" in first
    assert "3. Do any of these" in folded


@pytest.mark.parametrize("typed", [{}, {"q-heart": "no"}])
def test_where_nothing_was_answered_nothing_is_folded(
    asking: FlaskClient, typed: dict[str, str]
) -> None:
    page = send(asking, "/book/safety", typed).text
    assert "<details" not in page
    assert "Please answer these questions" in page


def test_a_wrong_birth_date_is_not_called_forgotten(asking: FlaskClient) -> None:
    wrong = BIRTH | {"birth_day": "31"}
    page = send(asking, "/book/safety", wrong | SAFE | NONE).text
    first = page.split("<details", 1)[0]
    assert "Please check these answers" in first
    assert list_fields(first) == {"birth_month", "birth_day", "birth_year"}


def test_the_list_is_in_the_language_of_the_page(asking: FlaskClient) -> None:
    page = asking.get("/book/safety", headers={"Accept-Language": "es"}).text
    assert "Embarazo, o posible embarazo" in page
    assert "Ninguna de estas" in page


def test_programs_are_told_of_the_questions_as_before(asking: FlaskClient) -> None:
    questions = asking.get("/api/v1/screening").get_json()["questions"]
    assert questions[2:] == [{"slug": "pregnancy", "text": "pregnancy?"},
                             {"slug": "heart", "text": "heart?"}]  # fmt: skip
