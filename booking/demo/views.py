"""The demo's outbox: every text and e-mail that would have been sent, and a way to answer a text."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.request import Request, urlopen

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.models import Appointment
from booking.demo.loopback import DEMO_ACCOUNT
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.reminders import drafts, queries

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
PROVIDER_TIMEOUT = 5  # seconds the provider is given


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message as the outbox lists it."""

    at: datetime
    channel: str
    recipient: str
    subject: str
    body: str
    status: str
    attachment: str | None


@blueprint.get("/outbox")
@access(Access.DEMO)
def outbox() -> str | Response:
    """List what was sent and what is owed, newest first; also what the next tick is about to owe."""
    messages = [*_planned_messages(clock.now()), *_recorded_messages()]
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(messages=[_as_data(message) for message in messages])
    return render_template("demo/outbox.html", messages=messages)


@blueprint.post("/outbox/answer")
@access(Access.DEMO)
def answer() -> AnyResponse:
    """Send a text to the clinic as a patient would; the loopback provider hands it on, signed."""
    payload = {
        "from": request.form.get("from", ""),
        "to": DEMO_ACCOUNT.numbers[0],
        "body": request.form.get("body", ""),
    }
    url = current_app.config["DEMO_PROVIDER_URL"] + "/_control/inbound"
    post = Request(url, json.dumps(payload).encode(), {"Content-Type": "application/json"})  # noqa: S310 - our own provider
    with urlopen(post, timeout=PROVIDER_TIMEOUT):  # noqa: S310 - the same
        pass
    return redirect(url_for("demo.outbox"))


def _recorded_messages() -> list[OutboxMessage]:
    at = func.coalesce(Message.sent_at, Message.send_at)
    rows = db.session.scalars(select(Message).order_by(at.desc(), Message.id.desc()))
    return [
        OutboxMessage(
            row.sent_at or row.send_at, row.channel.value, row.recipient, row.subject, row.body,
            row.status.value, row.attachment,
        )
        for row in rows
    ]  # fmt: skip


def _planned_messages(now: datetime) -> list[OutboxMessage]:
    """Return what appointments booked a moment ago will be owed, by the function that will owe it."""
    messages: list[OutboxMessage] = []
    for number in sorted(queries.list_changed_appointments(now))[-20:]:
        appointment = db.session.get(Appointment, number)
        if appointment is not None:
            messages += [
                _planned_message(draft)
                for draft in drafts.draft_messages_for_appointment(appointment, now)
            ]
    return messages


def _planned_message(draft: MessageDraft) -> OutboxMessage:
    return OutboxMessage(
        draft.send_at, draft.channel.value, draft.recipient, draft.subject, draft.body, "planned",
        draft.attachment,
    )  # fmt: skip


def _as_data(message: OutboxMessage) -> dict[str, Any]:
    return {
        "at": message.at.isoformat(),
        "channel": message.channel,
        "recipient": message.recipient,
        "subject": message.subject,
        "body": message.body,
        "status": message.status,
        "attachment": message.attachment,
    }
