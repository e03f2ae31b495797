"""What the loopback provider does for its callers: take things in, and obey tests and the demo."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.demo import loopback_api as api
from booking.demo.loopback_callbacks import Behaviour, Carrier
from booking.demo.loopback_faults import Fault, Faults, Trouble
from booking.demo.loopback_inbound import receive
from booking.demo.loopback_store import Mail, Store, moment, new_sid

MAIL_PATH = "/_control/mail"


@dataclass(slots=True)
class Provider:
    """The parts of the provider, as its request handlers see them."""

    account: api.Account
    store: Store
    faults: Faults
    carrier: Carrier
    webhook: str
    stopping: threading.Event


def take_text(provider: Provider, form: dict[str, str]) -> api.Answer:
    """Create a text. Raises `api.Refused`."""
    text = api.create(provider.account, provider.store, form)
    provider.store.add_text(text)
    response = api.Answer(201, api.shown(provider.account, text))
    provider.carrier.carry(text)
    return response


def take_mail(provider: Provider, data: dict[str, str]) -> api.Answer:
    """Take an e-mail in. Raises `KeyError` for what is missing."""
    mail = Mail(
        id=new_sid("EM"),
        sender=data["from"],
        to=data["to"],
        subject=data["subject"],
        body=data["body"],
        attachment=data.get("attachment"),
        attachment_type=data.get("attachment_type"),
        message_id=data["message_id"],
        date_created=moment(),
    )
    provider.store.add_mail(mail)
    return api.Answer(201, {"id": mail.id})


def list_mails(provider: Provider, query: dict[str, str]) -> api.Answer:
    """Return the ids of e-mails by their Message-ID, accepted at `since` (ISO 8601) or later."""
    since = datetime.fromisoformat(query["since"])
    mails = provider.store.mails(query["message_id"])
    ids = [mail.id for mail in mails if datetime.fromisoformat(mail.date_created) >= since]
    return api.Answer(200, {"ids": ids})


def _inbound(provider: Provider, data: dict[str, Any]) -> api.Answer:
    """{"from", "body", "times" 1, "webhook" as started}: someone texts us."""
    webhook = data.get("webhook", provider.webhook)
    times = int(data.get("times", 1))
    delivered = receive(
        provider.account, provider.store, data["from"], data["body"], webhook, times
    )
    return api.Answer(200, {"sid": delivered.sid, "webhook_status": delivered.webhook_status})


def _faults(provider: Provider, data: dict[str, Any]) -> api.Answer:
    """{"trouble", "times" 1, "seconds" 0}: trouble to come; {}: no more trouble."""
    if not data:
        provider.faults.clear()
        return api.Answer(200, {})
    seconds = float(data.get("seconds", 0))
    provider.faults.add(Fault(Trouble(data["trouble"]), int(data.get("times", 1)), seconds))
    return api.Answer(200, {})


def _behave(provider: Provider, data: dict[str, Any]) -> api.Answer:
    """Any of `Behaviour`'s fields: how texts fare from now on."""
    provider.carrier.behaviour = Behaviour(**data)
    return api.Answer(200, {})


CONTROLS: dict[str, Callable[[Provider, dict[str, Any]], api.Answer]] = {
    "/_control/inbound": _inbound,
    "/_control/faults": _faults,
    "/_control/behaviour": _behave,
}
