"""Whatever is sent to whatever address by whomever: no error of ours, and nothing comes back as it was sent.

A share runs with the tests, the same each time. `REQUESTS=100000 FUZZ_SEED=7 make test
TESTS=tests/survival/test_fuzz.py` sends so many on each database, from another seed.
"""

import os
import re
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.models import Role, Staff
from tests.builders import NOW
from tests.desk.page_forms import forms_on
from tests.desk.signed_in import sign_in
from tests.promises.test_pages import rules
from tests.staff.first import first_staff
from tests.staff.managers import confirm
from tests.survival.garbage import MARK, BrokenRequest, Garbage
from tests.web.conftest import samples

__all__ = ["samples"]
REQUESTS = int(os.environ.get("REQUESTS", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "14"))
TURN = 50  # requests of one person, who then signs in anew
FIELD = re.compile(r'<(?:input|select|textarea)[^>]* name="([^"]+)"')
PEOPLE: tuple[Role | None, ...] = (None, *Role)


@pytest.fixture
def sqlite_app(app: Flask) -> Flask:
    """Either database, for the samples that every page has."""
    return app


@pytest.fixture(autouse=True)
def _on_the_builders_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def browser_of(app: Flask, role: Role | None) -> FlaskClient:
    """Return the browser of somebody who works here, still or again, or of nobody."""
    if role is None:
        return app.test_client()
    db.session.rollback()
    person = first_staff(role)
    with transaction():
        db.session.execute(update(Staff).where(Staff.id == person.id).values(active=True))
    return confirm(sign_in(app, person))


def send(browser: FlaskClient, broken: BrokenRequest) -> TestResponse | None:
    """Send it; None where the client itself refuses to."""
    for name, value in broken.cookies.items():
        browser.set_cookie(name, value)
    try:
        return browser.open(broken.path, method=broken.method, **broken.options)
    except (UnicodeError, ValueError):
        return None


def look_wrong(response: TestResponse) -> bool:
    is_page = response.mimetype == "text/html"
    is_fault = (
        response.status_code >= 500 and response.request.path != "/readyz"
    )  # nothing sends here
    return is_fault or (is_page and MARK.encode() in response.data)


def is_readable(response: TestResponse) -> bool:
    """Tell whether it is a page as it is: not compressed."""
    is_page = response.status_code == 200 and response.mimetype == "text/html"
    return is_page and not response.content_encoding


def requests_after(garbage: Garbage, answered: TestResponse, path: str) -> Iterator[BrokenRequest]:
    """Yield each form of the page that was answered, sent with some of it broken."""
    if not is_readable(answered):
        return
    names = FIELD.findall(answered.text)
    garbage.names = list({*garbage.names, *map(unescape, names)})[:400]
    for form in forms_on(answered.text, path):
        typed = {name: garbage.dice.choice(("1", "2026-12-01", "x", MARK)) for name in names}
        yield garbage.request({**typed, **form.hidden}, form.action)


def test_no_garbage_is_a_fault_of_ours_and_none_comes_back(
    app: Flask, samples: dict[str, object]
) -> None:
    addresses = [rule for rule in rules(app) if rule.endpoint != "staff.sign_out"]
    garbage, sent, answered, wrong = Garbage(SEED, addresses, samples), 0, 0, []
    while sent < REQUESTS:
        browser = browser_of(app, PEOPLE[sent // TURN % len(PEOPLE)])
        waiting: list[BrokenRequest] = []
        for _ in range(TURN):
            broken = waiting.pop() if waiting else garbage.request()
            sent += 1
            response = send(browser, broken)
            if response is None:
                continue
            answered += 1
            if look_wrong(response):
                wrong.append((response.status_code, broken))
            waiting += list(requests_after(garbage, response, broken.path))[:3]
    assert wrong == []
    assert answered > sent / 2
