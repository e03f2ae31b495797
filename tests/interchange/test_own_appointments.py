"""A patient's own appointment through the API: read, moved, cancelled, by the token of its link."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.appointments import attendance, operations
from booking.appointments.models import Appointment
from booking.appointments.queries import find_by_token
from booking.calendars.slots import list_slots
from booking.messaging.models import Message
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.interchange.asking import count

ELEVEN = {"start": "2026-12-01T11:00:00-07:00", "location": "ahwatukee"}


def path(appointment: Appointment, change: str = "") -> str:
    return f"/api/v1/appointments/{appointment.token}{change}"


def send(
    client: FlaskClient, appointment: Appointment, change: str, body: Any, key: str = "k-1"
) -> TestResponse:
    return client.post(path(appointment, f"/{change}"), json=body, headers={"Idempotency-Key": key})


def start_of(appointment: Appointment) -> datetime:
    return find_by_token(appointment.token).starts_at


def test_an_appointment_is_read_by_the_token_of_its_link(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    response = client.get(path(appointment))
    assert response.status_code == 200
    assert response.json == {
        "reference": appointment.reference,
        "status": "booked",
        "start": "2026-12-01T10:00:00-07:00",
        "end": "2026-12-01T10:45:00-07:00",
        "location": "ahwatukee",
        "manage_url": f"http://127.0.0.1:8000/a/{appointment.token}",
    }


@pytest.mark.parametrize(("verb", "change"), [("GET", ""), ("POST", "/move"), ("POST", "/cancel")])
def test_an_unknown_token_is_404(
    client: FlaskClient, clinic: Clinic, verb: str, change: str
) -> None:
    body = ELEVEN if change == "/move" else {}
    response = client.open(
        f"/api/v1/appointments/{'x' * 22}{change}", method=verb, json=body,
        headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_a_move_frees_the_old_time_and_keeps_the_link(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    response = send(client, appointment, "move", ELEVEN)
    assert (response.status_code, response.json["start"]) == (200, ELEVEN["start"])
    assert response.json["manage_url"].endswith(appointment.token)
    free = {slot.starts_at for slot in list_slots("consultation", None, TOMORROW, TOMORROW, NOW)}
    assert local(10) in free
    assert local(11) not in free


def test_invariant_5_a_repeated_request_moves_once(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    first, again = (send(client, appointment, "move", ELEVEN) for _ in range(2))
    assert (again.status_code, again.json) == (200, first.json)
    assert find_by_token(appointment.token).sequence == 1


def test_invariant_5_a_key_with_another_body_or_appointment_is_refused(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment, other = a_booking(local(9)), a_booking(local(13))
    send(client, appointment, "move", ELEVEN)
    noon = {**ELEVEN, "start": "2026-12-01T12:00:00-07:00"}
    assert send(client, appointment, "move", noon).status_code == 422
    assert send(client, other, "move", ELEVEN).status_code in (409, 422)
    assert send(client, appointment, "cancel", {}).status_code == 422
    assert (start_of(appointment), start_of(other)) == (local(11), local(13))


def test_a_move_to_where_it_is_changes_nothing(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(11))
    assert send(client, appointment, "move", ELEVEN).status_code == 200
    assert find_by_token(appointment.token).sequence == 0


def test_an_appointment_moves_to_another_location(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    appointment = a_booking(local(10))
    response = send(client, appointment, "move", {**ELEVEN, "location": "scottsdale"})
    assert (response.status_code, response.json["location"]) == (200, "scottsdale")


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-30T08:30:00-07:00",  # within notice
        "2019-01-01T09:00:00-07:00",
        "2027-12-01T09:00:00-07:00",  # past the horizon
        "2026-12-01T09:07:00-07:00",  # off the grid
        "2026-12-01T23:00:00-07:00",  # closed
    ],
)
def test_a_time_that_is_not_offered_is_409_with_others_and_changes_nothing(
    client: FlaskClient, clinic: Clinic, start: str
) -> None:
    appointment = a_booking(local(10))
    response = send(client, appointment, "move", {**ELEVEN, "start": start})
    assert (response.status_code, response.json["type"]) == (409, "/api/v1/problems/slot-taken")
    assert "alternatives" in response.json
    assert start_of(appointment) == local(10)


def test_a_taken_time_is_409_and_the_appointment_stays(client: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(11))
    appointment = a_booking(local(10))
    response = send(client, appointment, "move", ELEVEN)
    assert response.status_code == 409
    assert response.json["alternatives"]
    assert start_of(appointment) == local(10)
    assert send(client, appointment, "move", ELEVEN).status_code == 409


def test_a_cancellation_is_done_once_and_said_again(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    first, again, other = (
        send(client, appointment, "cancel", {}, key) for key in ("k", "k", "another")
    )
    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 200]
    assert first.json == again.json
    assert first.json["status"] == "cancelled"


def test_what_is_over_or_cancelled_can_be_moved_no_more(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    operations.cancel(appointment.id, NOW, "online", by_patient=True)
    response = send(client, appointment, "move", ELEVEN)
    assert (response.status_code, response.json["type"]) == (409, "/api/v1/problems/not-possible")


@pytest.mark.parametrize(
    ("change", "body", "status"),
    [
        ("move", {}, 422),
        ("move", {**ELEVEN, "start": 5}, 422),
        ("move", {**ELEVEN, "location": "tucson"}, 422),
        ("move", {**ELEVEN, "more": 1}, 422),
        ("move", [], 400),
        ("cancel", {"why": "x"}, 422),
        ("cancel", None, 400),
    ],
)
def test_invariant_15_a_bad_body_is_refused_and_changes_nothing(
    client: FlaskClient, clinic: Clinic, change: str, body: Any, status: int
) -> None:
    appointment = a_booking(local(10))
    response = send(client, appointment, change, body)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert find_by_token(appointment.token).version == appointment.version


def test_without_a_key_nothing_is_changed(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    assert client.post(path(appointment, "/cancel"), json={}).status_code == 400
    assert start_of(appointment) == local(10)
    assert count(Message) == 0


def test_a_change_tells_no_more_than_that_it_is_not_possible(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    attendance.check_in(appointment.id, local(10) - timedelta(minutes=5), "staff:1")
    response = send(client, appointment, "cancel", {})
    assert response.status_code == 409
    assert sorted(response.json or {}) == ["status", "title", "type"]
