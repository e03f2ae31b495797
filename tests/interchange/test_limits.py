"""A program that asks too often is told so, and when to come again."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.extensions import db
from booking.interchange.booking_details import STOPS_ALLOWED
from booking.interchange.own_appointments import CHANGES_ALLOWED
from booking.web import limits
from booking.web.models import RateWindow
from tests.builders import NOW, a_booking, a_clinic, local
from tests.interchange.asking import body, post

ELEVEN = {"start": "2026-12-01T11:00:00-07:00", "location": "ahwatukee"}


@pytest.fixture
def limited(app: Flask) -> Iterator[FlaskClient]:
    """A program whose requests are counted; 2 a minute of each kind from one address."""
    app.config |= {"LIMITS_STORAGE_URL": "database://", "API_BOOKING_LIMIT": "2 per minute"}
    limits.init_app(app)
    with time_machine.travel(NOW, tick=False):
        a_clinic()
        yield app.test_client()


def refusal(response: TestResponse) -> tuple[int, str, int, str]:
    """Return what a program reads of a refusal: status, type, the problem's status, seconds to wait."""
    stated: dict[str, Any] = response.json or {}
    seconds = response.headers["Retry-After"]
    return response.status_code, str(response.mimetype), stated["status"], seconds


def test_bookings_of_an_address_are_limited(limited: FlaskClient) -> None:
    statuses = [post(limited, body(), key=f"k-{number}").status_code for number in range(2)]
    assert statuses == [201, 409]
    third = post(limited, body(), key="k-3")
    assert refusal(third) == (429, "application/problem+json", 429, "60")


@pytest.mark.parametrize("change", ["move", "cancel"])
def test_changes_from_an_address_are_limited(limited: FlaskClient, change: str) -> None:
    token, sent = a_booking(local(10)).token, ELEVEN if change == "move" else {}
    responses = [
        limited.post(
            f"/api/v1/appointments/{token}/{change}", json=sent, headers={"Idempotency-Key": "k-1"}
        )
        for _ in range(3)
    ]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert refusal(responses[2]) == (429, "application/problem+json", 429, "60")


@pytest.mark.parametrize("change", ["move", "cancel"])
def test_changes_of_an_appointment_are_limited_from_all_addresses(
    limited: FlaskClient, change: str
) -> None:
    token, allowed = a_booking(local(10)).token, int(CHANGES_ALLOWED.split()[0])
    responses = [
        limited.post(
            f"/api/v1/appointments/{token}/{change}",
            json={"unknown": 1},
            headers={"Idempotency-Key": "k-1"},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
        for number in range(allowed + 1)
    ]
    assert [response.status_code for response in responses] == [422] * allowed + [429]
    assert refusal(responses[-1]) == (429, "application/problem+json", 429, "3600")


def test_answers_that_stop_are_limited(limited: FlaskClient) -> None:
    limited.application.config["API_BOOKING_LIMIT"] = "600 per minute"
    allowed = int(STOPS_ALLOWED.split()[0])
    responses = [
        post(limited, body(screening__answers__psychosis=True), key=f"k-{number}")
        for number in range(allowed + 1)
    ]
    assert [response.status_code for response in responses] == [422] * allowed + [429]
    assert refusal(responses[-1]) == (429, "application/problem+json", 429, "3600")


def test_invariant_13_reading_is_limited_and_counting_it_writes_nothing(
    limited: FlaskClient,
) -> None:
    path = f"/api/v1/appointments/{a_booking(local(10)).token}"
    responses = [limited.get(path) for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    status, mimetype, _, seconds = refusal(responses[2])
    assert (status, mimetype) == (429, "application/problem+json")
    assert 1 <= int(seconds) <= 60
    elsewhere = limited.get(path, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert elsewhere.status_code == 200
    assert db.session.scalars(db.select(RateWindow)).all() == []


def test_the_description_names_every_limit(limited: FlaskClient) -> None:
    paths = limited.get("/api/v1/openapi.json").json["paths"]
    posts = [item["post"]["responses"] for item in paths.values() if "post" in item]
    own = paths["/api/v1/appointments/{token}"]["get"]["responses"]
    assert len(posts) == 3
    assert all("Retry-After" in responses["429"]["headers"] for responses in (*posts, own))
