"""The demo's senders: Twilio's own client against the loopback provider, and its mailbox."""

from collections.abc import Mapping
from typing import Any

from booking.demo.mail import OutboxMailSender
from booking.messaging.providers import senders_for
from booking.messaging.rules import Channel
from booking.messaging.senders import Sender


def demo_senders(settings: Mapping[str, Any]) -> dict[Channel, Sender]:
    """Return the senders that the settings ask for, e-mail going to the loopback provider."""
    mail = OutboxMailSender(settings["DEMO_PROVIDER_URL"], settings["MAIL_FROM"])
    return {**senders_for(settings), Channel.EMAIL: mail}
