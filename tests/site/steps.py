"""The steps of a booking as requests, and what a patient answers and types."""

import re
from collections.abc import Mapping

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from booking.extensions import db
from tests.builders import local

BIRTH = {"birth_month": "2", "birth_day": "29", "birth_year": "1980"}
NO = {"q-danger": "no", "q-psychosis": "no", "q-pregnancy": "no"}
YOU = {
    "given_name": "Test",
    "family_name": "Person",
    "phone": "602 555 0123",
    "email": "person@example.com",
    "sms_consent": "y",
}


def hold(client: FlaskClient, hour: int = 10) -> TestResponse:
    start = local(hour).isoformat()
    return client.post("/book/hold", data={"location": "ahwatukee", "start": start})


def answer(client: FlaskClient, **changed: str) -> TestResponse:
    return send(client, "/book/safety", {**BIRTH, **NO, **changed})


def up_to_check(client: FlaskClient) -> None:
    hold(client)
    answer(client)
    send(client, "/book/you", YOU)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def carried(client: FlaskClient, path: str) -> dict[str, str]:
    """Return what a step's form carries of what it shows, as a window that is open does."""
    return dict(re.findall(r'name="(shown-[a-z]+)" value="([^"]*)"', client.get(path).text))


def send(client: FlaskClient, path: str, typed: Mapping[str, str] | None = None) -> TestResponse:
    """Send a step's form as a window does in which its page has just been opened, or as it showed before."""
    sent = dict(typed or {})
    window = {} if "shown-hold" in sent else carried(client, path)
    return client.post(path, data=window | sent)


def words(page: str) -> str:
    """Return a page without what keeps its times in one piece."""
    return re.sub(r'<span class="unbroken">(.*?)</span>', r"\1", page)


def key_in(page: str) -> str:
    """Return the one-time key of a page's form."""
    key = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    assert key
    return key[1]
