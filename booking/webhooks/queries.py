"""What pages and the scheduler read of webhooks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from booking.extensions import db
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.rules import DeliveryStatus

SHOWN = 100  # deliveries of an endpoint's page
UNFINISHED = (DeliveryStatus.PLANNED, DeliveryStatus.SENDING)


def list_endpoints() -> list[WebhookEndpoint]:
    """Return the endpoints that were not removed, stopped ones too."""
    endpoints = select(WebhookEndpoint).where(WebhookEndpoint.removed_at.is_(None))
    return list(db.session.scalars(endpoints.order_by(WebhookEndpoint.id)))


def list_active_endpoints() -> list[WebhookEndpoint]:
    """Return the endpoints that are told of changes."""
    return [endpoint for endpoint in list_endpoints() if endpoint.stopped_at is None]


def find_endpoint(endpoint_id: int) -> WebhookEndpoint | None:
    """Return an endpoint that was not removed."""
    endpoint = db.session.get(WebhookEndpoint, endpoint_id)
    return endpoint if endpoint is not None and endpoint.removed_at is None else None


def find_delivery(delivery_id: int) -> WebhookDelivery | None:
    """Return a delivery to an endpoint that was not removed."""
    delivery = db.session.get(WebhookDelivery, delivery_id)
    return delivery if delivery is not None and find_endpoint(delivery.endpoint_id) else None


def list_deliveries(endpoint_id: int) -> list[WebhookDelivery]:
    """Return an endpoint's last deliveries, the newest first."""
    deliveries = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    return list(db.session.scalars(deliveries.order_by(WebhookDelivery.id.desc()).limit(SHOWN)))


def lock_due_deliveries(
    now: datetime, limit: int
) -> Sequence[tuple[WebhookDelivery, WebhookEndpoint]]:
    """Return, locked, what is due to active endpoints: planned, or on a lease that has run out.

    What tells of an appointment waits for what was owed of it before: receivers see its changes in order.
    """
    delivery, earlier = WebhookDelivery, aliased(WebhookDelivery)
    waits = exists().where(
        earlier.appointment_id == delivery.appointment_id,
        earlier.endpoint_id == delivery.endpoint_id,
        earlier.id < delivery.id,
        earlier.status.in_(UNFINISHED),
    )
    is_planned = (delivery.status == DeliveryStatus.PLANNED) & (delivery.send_at <= now)
    is_abandoned = (delivery.status == DeliveryStatus.SENDING) & (delivery.claimed_until <= now)
    statement = (
        select(delivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == delivery.endpoint_id)
        .where(
            is_planned | is_abandoned,
            ~waits,
            WebhookEndpoint.stopped_at.is_(None),
            WebhookEndpoint.removed_at.is_(None),
        )
        .order_by(delivery.send_at, delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=delivery)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]
