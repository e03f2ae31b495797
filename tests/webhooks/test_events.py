"""What a program is told of: each change of an appointment once, and never whose it is."""

from datetime import timedelta

import pytest

from booking.appointments import attendance, operations
from booking.appointments.rules import Outcome, Status
from booking.webhooks.models import WebhookEndpoint
from booking.webhooks.operations import (
    create_endpoint,
    remove_endpoint,
    resume_endpoint,
    stop_endpoint,
)
from booking.webhooks.recording import record_events
from booking.webhooks.rules import DeliveryStatus, EventKind, ObservedState, find_event
from tests.builders import NOW, Clinic, a_booking, local
from tests.webhooks.receiver import Receiver
from tests.webhooks.ticks import deliveries, events, kinds, statuses, tick

BOOKED = ObservedState(Status.BOOKED, local(10), 1)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, BOOKED, EventKind.BOOKED),
        (BOOKED, BOOKED, None),
        (BOOKED, ObservedState(Status.BOOKED, local(11), 1), EventKind.MOVED),
        (BOOKED, ObservedState(Status.BOOKED, local(10), 2), EventKind.MOVED),
        (BOOKED, ObservedState(Status.CANCELLED, local(10), 1), EventKind.CANCELLED),
        (ObservedState(Status.CANCELLED, local(10), 1), BOOKED, EventKind.BOOKED),
        (BOOKED, ObservedState(Status.NOSHOW, local(10), 1), EventKind.NOSHOW),
        (None, ObservedState(Status.CANCELLED, local(10), 1), EventKind.CANCELLED),
    ],
)
def test_a_change_is_told_as_what_it_is(
    before: ObservedState | None, after: ObservedState, kind: EventKind | None
) -> None:
    assert find_event(before, after) is kind


def test_an_appointments_life_is_told_in_order(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    appointment = a_booking(local(10))
    tick(NOW)
    operations.move(appointment.id, local(11), NOW, "staff:1")
    tick(NOW)
    attendance.check_in(appointment.id, local(10, 55), "staff:1")
    tick(NOW)
    attendance.fulfil(appointment.id, Outcome.SEEN, local(11, 45), "staff:1")
    tick(NOW)
    tick(NOW)
    assert kinds(receiver) == [
        "appointment.booked", "appointment.moved", "appointment.arrived", "appointment.fulfilled",
    ]  # fmt: skip
    sequences = [event["data"]["appointment"]["sequence"] for event in events(receiver)]
    assert sequences == sorted(set(sequences))


def test_what_is_told_names_nobody(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    appointment = a_booking(local(10))
    tick(NOW)
    (event,) = events(receiver)
    assert event == {
        "type": "appointment.booked",
        "timestamp": NOW.isoformat(),
        "data": {
            "appointment": {
                "id": appointment.id,
                "reference": appointment.reference,
                "status": "booked",
                "start": "2026-12-01T10:00:00-07:00",
                "end": "2026-12-01T10:45:00-07:00",
                "location": "ahwatukee",
                "sequence": appointment.version,
            }
        },
    }


def test_what_was_before_and_what_is_not_asked_for_is_not_told(
    clinic: Clinic, receiver: Receiver
) -> None:
    earlier = a_booking(local(9))
    create_endpoint(
        receiver.url, [EventKind.CANCELLED], clinic.front_desk.id, NOW, with_loopback=True
    )
    later = a_booking(local(13))
    tick(NOW)
    assert receiver.requests == []
    for appointment in (earlier, later):
        operations.cancel(appointment.id, NOW, "online", by_patient=True)
    tick(NOW)
    assert kinds(receiver) == ["appointment.cancelled"] * 2


def test_nothing_is_written_down_while_nobody_is_told(clinic: Clinic) -> None:
    a_booking(local(10))
    assert record_events(NOW) == 0
    assert deliveries() == []


def test_what_was_owed_waits_while_an_endpoint_is_stopped_and_what_happens_then_is_not_told(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    a_booking(local(9))
    record_events(NOW)
    stop_endpoint(endpoint.id, NOW, "staff:1")
    a_booking(local(13))
    assert tick(NOW) == 0
    resume_endpoint(endpoint.id, clinic.front_desk.id, NOW)
    tick(NOW)
    assert [event["data"]["appointment"]["start"][11:13] for event in events(receiver)] == ["09"]


def test_one_that_is_removed_is_told_no_more(
    clinic: Clinic, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    a_booking(local(9))
    record_events(NOW)
    remove_endpoint(endpoint.id, clinic.front_desk.id, NOW)
    assert tick(NOW + timedelta(hours=1)) == 0
    assert statuses() == [DeliveryStatus.DROPPED]
