"""Texts that people send us: the loopback provider obeys its keywords and calls our webhook."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from booking.demo.loopback_api import Account
from booking.demo.loopback_callbacks import post_signed
from booking.demo.loopback_store import Store, Text, moment, new_sid

# Twilio acts on these by itself, whatever our webhook says.
# https://help.twilio.com/articles/223134027
STOP = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
START = frozenset(["start", "yes", "unstop"])
HELP = frozenset(["help", "info"])
STOP_REPLY = "You have successfully been unsubscribed. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number."


@dataclass(frozen=True, slots=True)
class Delivered:
    """An inbound text's identifier, and the HTTP status our webhook answered (0: no answer)."""

    sid: str
    webhook_status: int


def receive(
    account: Account, store: Store, sender: str, body: str, webhook: str, times: int = 1
) -> Delivered:
    """Take a text from `sender`, obey it, and tell our webhook, `times` times over."""
    text = _text("inbound", sender, account.numbers[0], body, "received")
    store.add_text(text)
    keyword = _obey(store, sender, body)
    if keyword in ("STOP", "START"):
        reply = STOP_REPLY if keyword == "STOP" else STARTED
        store.add_text(_text("outbound-reply", account.numbers[0], sender, reply, "delivered"))
    status = 0
    for _ in range(times):
        status, response = post_signed(account, webhook, _form(account, text, keyword))
    if status == 200:
        _reply(account, store, sender, response)
    return Delivered(text.sid, status)


def _obey(store: Store, sender: str, body: str) -> str | None:
    word = body.strip().lower()
    if word in STOP:
        store.stop(sender)
        return "STOP"
    if word in START:
        store.start(sender)
        return "START"
    return "HELP" if word in HELP else None


def _form(account: Account, text: Text, keyword: str | None) -> dict[str, str]:
    form = {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "Body": text.body,
        "From": text.sender,
        "MessageSid": text.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "To": text.to,
    }
    return {**form, "OptOutType": keyword} if keyword else form


def _reply(account: Account, store: Store, recipient: str, twiml: str) -> None:
    """Send what our webhook answered in TwiML: <Response><Message>…</Message></Response>."""
    if store.has_stopped(recipient) or not twiml.strip():
        return
    try:
        root = ET.fromstring(twiml)  # noqa: S314 - the answer of our own webhook
    except ET.ParseError:
        return
    for message in root.iter("Message"):
        body = "".join(message.itertext()).strip()
        store.add_text(_text("outbound-reply", account.numbers[0], recipient, body, "delivered"))


def _text(direction: str, sender: str, recipient: str, body: str, status: str) -> Text:
    now = moment()
    return Text(
        sid=new_sid("SM"),
        direction=direction,
        sender=sender,
        to=recipient,
        body=body,
        status=status,
        date_created=now,
        date_updated=now,
        date_sent=now,
    )
