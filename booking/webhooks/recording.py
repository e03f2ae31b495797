"""Writing down what endpoints are owed: pulled from the appointments' versions, as messages are.

A change and its version are one write, so none is missed, however it was made; what is owed for it, and that
it was looked at, are one write too. No booking waits for anybody's webhook.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, or_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.db.statements import lock_name, put
from booking.db.transactions import transaction
from booking.extensions import db
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSnapshot
from booking.webhooks.queries import list_active_endpoints
from booking.webhooks.rules import (
    GIVE_UP_AFTER,
    RECENT,
    DeliveryStatus,
    EventKind,
    ObservedState,
    find_event,
)

BATCH = 500  # appointments looked at in one transaction
Change = Row[Appointment, WebhookSnapshot]  # none of the latter where it was never looked at


def record_events(now: datetime) -> int:
    """Write down what active endpoints are owed; return for how many appointments something had changed."""
    total = 0
    while count := _record_batch(now):
        total += count
    return total


@transaction()
def _record_batch(now: datetime) -> int:
    if not (endpoints := list_active_endpoints()):
        return 0
    return observe_changes(endpoints, now)


@transaction()
def observe_changes(endpoints: Sequence[WebhookEndpoint], now: datetime) -> int:
    """Look at appointments that have changed, a batch of them, and owe these endpoints what that comes to.

    Two schedulers take turns: each change is told once.
    """
    lock_name("webhook events")
    changes = _list_changes(now)
    for appointment, observation in changes:
        kind = find_event(_observed(observation), _state(appointment))
        if kind is not None:
            _enqueue_event(kind, appointment, endpoints, now)
        _keep_observation(appointment)
    return len(changes)


def observe_all(now: datetime) -> None:
    """Take all appointments as they are for told: an endpoint that begins is told of what comes."""
    while observe_changes((), now):
        pass


def _list_changes(now: datetime) -> Sequence[Change]:
    seen = WebhookSnapshot
    statement = (
        select(Appointment, seen)
        .outerjoin(seen, seen.appointment_id == Appointment.id)
        .where(
            Appointment.starts_at > now - RECENT,
            Appointment.status != Status.PENDING,
            or_(seen.version.is_(None), seen.version != Appointment.version),
        )
        .order_by(Appointment.id)
        .limit(BATCH)
    )
    return db.session.execute(statement.execution_options(populate_existing=True)).all()


def _observed(observation: WebhookSnapshot | None) -> ObservedState | None:
    if observation is None:
        return None
    return ObservedState(observation.status, observation.starts_at, observation.location_id)


def _state(appointment: Appointment) -> ObservedState:
    return ObservedState(appointment.status, appointment.starts_at, appointment.location_id)


def _keep_observation(appointment: Appointment) -> None:
    row = {
        "appointment_id": appointment.id,
        "version": appointment.version,
        "status": appointment.status,
        "starts_at": appointment.starts_at,
        "location_id": appointment.location_id,
    }
    put(WebhookSnapshot, row, key="appointment_id")


def _enqueue_event(
    kind: EventKind, appointment: Appointment, endpoints: Sequence[WebhookEndpoint], now: datetime
) -> None:
    event_id, body = new_event_id(), _write_body(kind, describe_appointment(appointment), now)
    for endpoint in endpoints:
        if kind.value in endpoint.kinds:
            db.session.add(build_delivery(endpoint, event_id, kind, body, now, appointment.id))


def build_delivery(
    endpoint: WebhookEndpoint,
    event_id: str,
    kind: EventKind,
    body: str,
    now: datetime,
    appointment_id: int | None = None,
) -> WebhookDelivery:
    """Return what an endpoint is owed, due at once."""
    return WebhookDelivery(
        endpoint_id=endpoint.id,
        event_id=event_id,
        kind=kind,
        appointment_id=appointment_id,
        body=body,
        status=DeliveryStatus.PLANNED,
        send_at=now,
        expires_at=now + GIVE_UP_AFTER,
        created_at=now,
    )


def new_event_id() -> str:
    """Return what names an event for good."""
    return "evt_" + secrets.token_hex(16)


def write_test_body(now: datetime) -> str:
    """Return the body of an event that is sent by hand."""
    return _write_body(EventKind.TEST, {}, now)


def _write_body(kind: EventKind, data: dict[str, Any], now: datetime) -> str:
    body = {"type": kind.value, "timestamp": now.isoformat(), "data": data}
    return json.dumps(body, separators=(",", ":"))


def describe_appointment(appointment: Appointment) -> dict[str, Any]:
    """Return what is told of an appointment: when, where and how it stands, not whose it is or what for.

    `sequence` rises with each change: of two events the one with the higher is later.
    """
    location = availability.current_catalogue().locations_by_id[appointment.location_id]
    zone = ZoneInfo(appointment.time_zone)
    return {
        "appointment": {
            "id": appointment.id,
            "reference": appointment.reference,
            "status": appointment.status.value,
            "start": appointment.starts_at.astimezone(zone).isoformat(),
            "end": appointment.ends_at.astimezone(zone).isoformat(),
            "location": location.slug,
            "sequence": appointment.version,
        }
    }
