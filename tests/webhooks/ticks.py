"""What the scheduler does about webhooks, and what came of it."""

import json
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from booking.extensions import db
from booking.webhooks.models import WebhookDelivery
from booking.webhooks.recording import record_events
from booking.webhooks.rules import DeliveryStatus
from booking.webhooks.sending import send_due_events
from tests.webhooks.receiver import Receiver


def tick(now: datetime, worker: str = "one") -> int:
    """Write down what is owed and send what is due, as one scheduler does."""
    record_events(now)
    key = str(current_app.config["SECRET_KEY"])
    return send_due_events(now, worker, key, with_loopback=True)


def deliveries() -> list[WebhookDelivery]:
    db.session.expire_all()
    return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def statuses() -> list[DeliveryStatus]:
    return [delivery.status for delivery in deliveries()]


def events(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in receiver.requests]


def kinds(receiver: Receiver) -> list[str]:
    return [event["type"] for event in events(receiver)]
