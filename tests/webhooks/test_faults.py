"""What goes wrong on the way: nothing owed is lost, and each repetition has the id of the first."""

import base64
import hmac
import os
import signal
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking import public_http
from booking.appointments import operations
from booking.extensions import db
from booking.tasks.models import Task, TaskKind
from booking.webhooks.models import WebhookEndpoint
from booking.webhooks.operations import redeliver, resume_endpoint
from booking.webhooks.recording import record_events
from booking.webhooks.rules import (
    GIVE_UP_AFTER,
    PAUSES,
    STOP_AFTER,
    DeliveryStatus,
    StopReason,
    next_try,
)
from booking.webhooks.sending import LEASE, lease_deliveries
from booking.webhooks.signing import derive_secret
from tests.builders import NOW, Clinic, a_booking, local
from tests.webhooks.receiver import Receiver
from tests.webhooks.ticks import deliveries, kinds, statuses, tick

MINUTE = timedelta(minutes=1)


def refreshed(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    db.session.expire_all()
    return db.session.get_one(WebhookEndpoint, endpoint.id)


def test_a_request_carries_the_signature_that_its_receiver_can_check(
    app: Flask, clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    a_booking(local(10))
    tick(NOW)
    (request,) = receiver.requests
    secret = derive_secret(app.config["SECRET_KEY"], endpoint.secret_seed)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    event_id, sent_at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    signed = hmac.digest(key, f"{event_id}.{sent_at}.".encode() + request.body, "sha256")
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()
    assert int(sent_at) == int(NOW.timestamp())
    assert request.headers["idempotency-key"] == event_id
    assert request.headers["content-type"] == "application/json"


def test_each_endpoint_has_a_secret_of_its_own() -> None:
    assert derive_secret("key", "seed") != derive_secret("key", "other")
    assert derive_secret("key", "seed") != derive_secret("other", "seed")


@pytest.mark.parametrize("status", [500, 404, 302, 301, 429])
def test_what_is_refused_is_sent_again_under_the_same_id(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver, status: int
) -> None:
    receiver.statuses = [status]
    receiver.headers = {"Location": f"{receiver.url}&redirected"}
    a_booking(local(10))
    tick(NOW)
    assert (statuses(), deliveries()[0].status_code) == ([DeliveryStatus.PLANNED], status)
    assert tick(NOW) == 0
    tick(NOW + PAUSES[0])
    assert statuses() == [DeliveryStatus.DELIVERED]
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_no_answer_in_time_counts_as_none_though_it_arrived(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_http, "WAIT_SECONDS", 0.2)
    receiver.hang = 0.5
    a_booking(local(10))
    tick(NOW)
    assert (statuses(), deliveries()[0].error_code) == ([DeliveryStatus.PLANNED], "too slow")
    receiver.hang = 0
    tick(NOW + MINUTE)
    assert statuses() == [DeliveryStatus.DELIVERED]
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_a_receiver_that_is_down_gets_all_once_it_is_up(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    port, receiver.port = receiver.port, 1
    db.session.get_one(WebhookEndpoint, endpoint.id)
    receiver.statuses = [503] * 3
    for hour in (9, 11, 13):
        a_booking(local(hour))
    tick(NOW)
    assert refreshed(endpoint).failing_since == NOW
    receiver.port = port
    tick(NOW + MINUTE)
    assert statuses() == [DeliveryStatus.DELIVERED] * 3
    assert refreshed(endpoint).failing_since is None
    assert len(set(receiver.ids)) == 3


def test_what_a_killed_scheduler_had_on_the_way_is_sent_again_under_the_same_id(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    a_booking(local(10))
    record_events(NOW)
    (leased,) = lease_deliveries(NOW, "killed")
    assert tick(NOW + LEASE - MINUTE) == 0
    tick(NOW + LEASE)
    assert receiver.ids == [leased.event_id]
    assert (statuses(), deliveries()[0].tries) == ([DeliveryStatus.DELIVERED], 2)


def test_a_scheduler_killed_while_it_sends_loses_nothing(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    """It is killed, as by the machine, once the receiver has the request and before it answers."""
    for hour in (9, 11, 13):
        a_booking(local(hour))
    receiver.hang = 1
    record_events(NOW)
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        tick(NOW, "killed")
        os._exit(0)
    while not receiver.requests:
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    receiver.hang = 0
    tick(NOW + LEASE)
    assert statuses() == [DeliveryStatus.DELIVERED] * 3
    assert set(receiver.ids) == {delivery.event_id for delivery in deliveries()}


def test_two_schedulers_tell_of_each_change_once(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    a_booking(local(10))
    record_events(NOW)
    record_events(NOW)
    assert [tick(NOW, "one"), tick(NOW, "two")] == [1, 0]
    assert len(receiver.ids) == 1


def test_a_change_waits_for_the_one_before_it_and_others_do_not(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    moved = a_booking(local(9))
    tick(NOW)
    operations.move(moved.id, local(15), NOW, "staff:1")
    a_booking(local(11))
    tick(NOW)
    assert kinds(receiver)[1:] == ["appointment.booked"]
    tick(NOW + MINUTE)
    tick(NOW + MINUTE)
    assert kinds(receiver)[2:] == ["appointment.booked", "appointment.moved"]


@pytest.mark.parametrize(
    ("wish", "pause"),
    [
        ("600", timedelta(minutes=10)),
        (format_datetime(NOW + timedelta(minutes=10), usegmt=True), timedelta(minutes=10)),
        ("7200", timedelta(hours=2)),
        ("99999999999", timedelta(days=1)),
    ],
)
def test_a_receiver_that_asks_to_be_left_alone_is(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver, wish: str, pause: timedelta
) -> None:
    receiver.statuses, receiver.headers = [429], {"Retry-After": wish}
    a_booking(local(10))
    tick(NOW)
    assert deliveries()[0].send_at == NOW + pause


def test_pauses_grow_and_an_absurd_wish_is_cut() -> None:
    waits = [next_try(tries, NOW, None) - NOW for tries in range(1, 20)]
    assert waits == sorted(waits)
    assert next_try(1, NOW, timedelta(days=99)) == NOW + timedelta(days=1)


def open_tasks() -> list[Task]:
    db.session.expire_all()
    return list(
        db.session.scalars(select(Task).filter_by(kind=TaskKind.MEND_CONTACT, done_at=None))
    )


def test_an_endpoint_that_fails_for_days_is_stopped_and_somebody_looks_at_it(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 99
    a_booking(local(10))
    now: datetime = NOW
    with time_machine.travel(NOW, tick=False) as travel:
        while now <= NOW + STOP_AFTER:
            travel.move_to(now)
            tick(now)
            now += timedelta(hours=4)
    assert statuses() == [DeliveryStatus.FAILED]
    assert [task.subject_id for task in open_tasks()] == [endpoint.id]
    a_booking(local(13, day=now.date() + timedelta(days=1)), now)
    with time_machine.travel(now, tick=False):
        tick(now)
    assert refreshed(endpoint).stop_reason is StopReason.FAILING
    resume_endpoint(endpoint.id, clinic.front_desk.id, now)
    assert open_tasks() == []


def test_an_endpoint_that_is_gone_is_stopped_at_once(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.statuses = [410]
    a_booking(local(10))
    tick(NOW)
    assert refreshed(endpoint).stop_reason is StopReason.GONE
    assert [task.subject_kind for task in open_tasks()] == ["webhook_endpoint"]


def test_what_was_given_up_is_sent_again_by_hand_under_the_same_id(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    a_booking(local(10))
    tick(NOW)
    later = NOW + GIVE_UP_AFTER
    tick(later)
    assert statuses() == [DeliveryStatus.FAILED]
    redeliver(deliveries()[0].id, clinic.front_desk.id, later)
    tick(later)
    assert statuses() == [DeliveryStatus.DELIVERED]
    assert len(set(receiver.ids)) == 1
