"""A page of times is made once for all who ask alike, and is never another's nor out of date."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from booking.calendars.answer_cache import AnswerCache, Stamp
from booking.db.engines import STAMPS
from booking.extensions import db
from booking.site import choosing
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_closure, local
from tests.site.steps import hold
from tests.statements import statements

PAGE = f"/book/time?day={TOMORROW}"
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
TEN = re.compile(r"10:00 AM</button>")


def page_of(client: FlaskClient, path: str = PAGE, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.text


def forget(app: Flask) -> None:
    app.extensions.pop("time_pages", None)


@contextmanager
def borrowed_from(engine: Engine) -> Iterator[list[object]]:
    """Collect the connections that are borrowed from an engine's pool meanwhile."""
    borrowed: list[object] = []

    def keep(connection: object, *_others: object) -> None:
        borrowed.append(connection)

    event.listen(engine, "checkout", keep)
    try:
        yield borrowed
    finally:
        event.remove(engine, "checkout", keep)


@pytest.fixture
def clinic(clinic: Clinic) -> Iterator[Clinic]:
    """The clinic, a minute after a moment at which the notice for a time passes."""
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        yield clinic


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is made, not taken from memory."""
    made: list[object] = []
    render = choosing._render_page

    def render_and_count(*given: Any) -> str:
        made.append(given)
        return render(*given)

    monkeypatch.setattr(choosing, "_render_page", render_and_count)
    return made


def test_the_same_page_is_made_once_and_each_visitor_has_a_token_of_their_own(
    client: FlaskClient, clinic: Clinic, made: list[object]
) -> None:
    first, second = page_of(client), page_of(client.application.test_client())
    (one,), (other,) = set(TOKEN.findall(first)), set(TOKEN.findall(second))
    assert one != other
    assert first.replace(one, "") == second.replace(other, "")
    assert len(made) == 1


def test_a_page_has_nothing_of_the_visitor_for_whom_it_was_made(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client, 11)
    holders = TOKEN.sub("", page_of(client))
    forget(client.application)
    assert TOKEN.sub("", page_of(client.application.test_client())) == holders


def test_the_token_of_a_kept_page_holds_a_time(client: FlaskClient, clinic: Clinic) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    page_of(client.application.test_client())
    token = TOKEN.search(page_of(client)).group(1)
    form = {"location": "ahwatukee", "start": local(10).isoformat(), "csrf_token": token}
    assert client.post("/book/hold", data=form).location == "/book/safety"


def test_a_language_and_an_address_have_pages_of_their_own(
    client: FlaskClient, clinic: Clinic, made: list[object]
) -> None:
    pages = {
        TOKEN.sub("", page_of(client, path, language))
        for path in (PAGE, f"{PAGE}&location=ahwatukee")
        for language in ("en", "es")
    }
    assert (len(pages), len(made)) == (4, 4)


def test_a_time_that_is_booked_held_or_free_again_shows(
    client: FlaskClient, clinic: Clinic
) -> None:
    assert TEN.search(page_of(client))
    hold(client, 10)
    assert not TEN.search(page_of(client))
    later = NOW + timedelta(minutes=32)
    with time_machine.travel(later, tick=False):
        assert TEN.search(page_of(client))
        a_booking(local(10), later)
        assert not TEN.search(page_of(client))


def test_a_closure_shows(client: FlaskClient, clinic: Clinic) -> None:
    page_of(client)
    a_closure(clinic.location, TOMORROW)
    assert "We are closed on this day." in page_of(client)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whenever_it_is_asked_for_a_kept_page_is_as_one_made_anew(
    client: FlaskClient, clinic: Clinic, made: list[object]
) -> None:
    """Notice that passes, the end of a day, another first day: for two days, every forty minutes."""
    a_booking(local(9))
    for path in ("/book/time", PAGE):
        for step in range(72):
            with time_machine.travel(NOW + timedelta(minutes=40 * step), tick=False):
                kept = TOKEN.sub("", page_of(client, path))
                memory = client.application.extensions["time_pages"]
                forget(client.application)
                assert TOKEN.sub("", page_of(client, path)) == kept
                client.application.extensions["time_pages"] = memory
    assert len(made) < 2 * 2 * 72


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_kept_page_is_one_question_on_a_connection_that_is_not_tried_first(
    client: FlaskClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(client)
    tries: list[object] = []

    def try_connection(*connection: object) -> bool:
        tries.append(connection)
        return True

    for engine in db.engines.values():
        monkeypatch.setattr(engine.dialect, "do_ping", try_connection)
    with statements() as sessions, borrowed_from(db.engines[STAMPS]) as borrowed:
        page_of(client)
    assert (sessions, len(borrowed), tries) == ([], 1, [])


def test_so_many_answers_are_kept_and_the_oldest_goes(app: Flask, clinic: Clinic) -> None:
    cache: AnswerCache[str] = AnswerCache(2)
    stamp = Stamp("SELECT 1, 1", (1, 1))
    for name in ("a", "b", "c"):
        cache.store(name, name, stamp, NOW + timedelta(minutes=1))
    assert [cache.find(name, NOW) for name in ("a", "b", "c")] == [None, "b", "c"]
    assert cache.find("c", NOW + timedelta(minutes=1)) is None
