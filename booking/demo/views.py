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
ANSWERED_WITHIN = 5  # seconds the provider is given


@dataclass(frozen=True, slots=True)
class Shown:
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
    listed = [*_about_to_be_owed(clock.now()), *_on_record()]
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(messages=[_as_data(one) for one in listed])
    return render_template("demo/outbox.html", messages=listed)


@blueprint.post("/outbox/answer")
@access(Access.DEMO)
def answer() -> AnyResponse:
    """Send a text to the clinic as a patient would; the loopback provider hands it on, signed."""
    sent = {
        "from": request.form.get("from", ""),
        "to": DEMO_ACCOUNT.numbers[0],
        "body": request.form.get("body", ""),
    }
    url = current_app.config["DEMO_PROVIDER_URL"] + "/_control/inbound"
    wanted = Request(url, json.dumps(sent).encode(), {"Content-Type": "application/json"})  # noqa: S310 - our own provider
    with urlopen(wanted, timeout=ANSWERED_WITHIN):  # noqa: S310 - the same
        pass
    return redirect(url_for("demo.outbox"))


def _on_record() -> list[Shown]:
    at = func.coalesce(Message.sent_at, Message.send_at)
    rows = db.session.scalars(select(Message).order_by(at.desc(), Message.id.desc()))
    return [
        Shown(
            row.sent_at or row.send_at, row.channel.value, row.recipient, row.subject, row.body,
            row.status.value, row.attachment,
        )
        for row in rows
    ]  # fmt: skip


def _about_to_be_owed(now: datetime) -> list[Shown]:
    """Return what appointments booked a moment ago will be owed, by the function that will owe it."""
    found: list[Shown] = []
    for number in queries.find_changed_appointments(now)[-20:]:
        appointment = db.session.get(Appointment, number)
        if appointment is not None:
            found += [_shown(owed) for owed in drafts.messages_for_appointment(appointment, now)]
    return found


def _shown(owed: MessageDraft) -> Shown:
    return Shown(
        owed.send_at, owed.channel.value, owed.recipient, owed.subject, owed.body, "planned", owed.attachment
    )  # fmt: skip


def _as_data(one: Shown) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "channel": one.channel,
        "recipient": one.recipient,
        "subject": one.subject,
        "body": one.body,
        "status": one.status,
        "attachment": one.attachment,
    }
