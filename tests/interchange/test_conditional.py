"""Answers are sent again only when they have changed: ETag, If-None-Match, 304."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.calendars.availability import increment_catalogue_version
from tests.builders import NOW, TOMORROW, Clinic, a_closure, local
from tests.interchange.asking import body, post, slots
from tests.site.steps import hold

LISTS = ("/locations", "/services", "/screening", "/openapi.json")
SLOTS = f"/slots?service=consultation&start={TOMORROW}&end={TOMORROW}"


def again(client: FlaskClient, first: TestResponse) -> TestResponse:
    """Return the answer to the same question of a program that has the first one."""
    return client.get(first.request.url, headers={"If-None-Match": first.headers["ETag"]})


@pytest.mark.parametrize("path", [*LISTS, SLOTS])
def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, clinic: Clinic, path: str
) -> None:
    first = client.get("/api/v1" + path)
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers.getlist("Cache-Control") == ["no-cache"]
    second = again(client, first)
    assert (second.status_code, second.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert second.headers[name] == first.headers[name]


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_an_etag_means_the_same_however_it_was_compressed(
    client: FlaskClient, clinic: Clinic, coding: str
) -> None:
    plain = client.get("/api/v1" + SLOTS)
    compressed = client.get("/api/v1" + SLOTS, headers={"Accept-Encoding": coding})
    assert compressed.headers.get("Content-Encoding", "identity") == coding
    assert compressed.headers["ETag"] == plain.headers["ETag"]
    assert again(client, compressed).status_code == 304


def test_a_booking_changes_the_etag_of_its_day_alone(client: FlaskClient, clinic: Clinic) -> None:
    other = TOMORROW + timedelta(days=1)
    first = slots(client)
    elsewhere = client.get(f"/api/v1/slots?service=consultation&start={other}&end={other}")
    assert post(client, body()).status_code == 201
    assert again(client, first).status_code == 200
    assert again(client, elsewhere).status_code == 304


def test_a_hold_that_expires_changes_the_etag_back(client: FlaskClient, clinic: Clinic) -> None:
    free = slots(client)
    assert hold(client, 10).status_code == 302
    held = slots(client)
    assert held.headers["ETag"] != free.headers["ETag"]
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        assert again(client, held).status_code == 200
        assert again(client, free).status_code == 304


def test_notice_that_passes_changes_the_etag(client: FlaskClient, clinic: Clinic) -> None:
    first = slots(client)
    before, after = local(9) - timedelta(minutes=120), local(9) - timedelta(minutes=119)
    with time_machine.travel(before, tick=False):
        assert again(client, first).status_code == 304
    with time_machine.travel(after, tick=False):
        later = again(client, first)
    assert (later.status_code, later.json["slots"]) == (200, first.json["slots"][1:])


def test_a_closure_changes_the_etag(client: FlaskClient, clinic: Clinic) -> None:
    first = slots(client)
    a_closure(clinic.location, TOMORROW)
    assert again(client, first).json == {"slots": []}


def test_a_version_counted_up_for_nothing_is_not_sent_again(
    client: FlaskClient, clinic: Clinic
) -> None:
    first = slots(client)
    increment_catalogue_version()
    assert again(client, first).status_code == 304


def test_a_head_request_has_the_etag(client: FlaskClient, clinic: Clinic) -> None:
    first = slots(client)
    assert client.head(first.request.url).headers["ETag"] == first.headers["ETag"]
