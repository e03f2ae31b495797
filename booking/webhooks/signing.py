"""The signature that a receiver knows us by (Standard Webhooks 1.0: HMAC-SHA256 over id, time and body)."""

import base64
import hmac
from datetime import UTC, datetime

from standardwebhooks import Webhook

PURPOSE = "webhook"  # keeps these secrets apart from other uses of the same setting


def derive_secret(secret_key: str, seed: str) -> str:
    """Return an endpoint's secret, as its receiver is given it: another for each seed."""
    secret = hmac.digest(secret_key.encode(), f"{PURPOSE} {seed}".encode(), "sha256")
    return "whsec_" + base64.b64encode(secret).decode()


def sign_headers(secret: str, event_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers that a request carries: what it is, when it was sent, and by whom."""
    sent_at = now.astimezone(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "clinic-webhooks/1",
        "Idempotency-Key": event_id,
        "webhook-id": event_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, sent_at, body),
    }
