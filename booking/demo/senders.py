"""The demo's senders: Twilio's own client against the loopback provider, and its mailbox."""

from collections.abc import Mapping
from typing import Any

from booking.demo.mail import OutboxMailSender
from booking.messaging.providers.configured import build_senders
from booking.messaging.rules import Channel
from booking.messaging.senders import MessageSender


def demo_senders(settings: Mapping[str, Any]) -> dict[Channel, MessageSender]:
    """Return the senders that the settings ask for, e-mail going to the loopback provider."""
    mail = OutboxMailSender(settings["DEMO_PROVIDER_URL"], settings["MAIL_FROM"])
    return {**build_senders(settings), Channel.EMAIL: mail}
