"""The senders that the settings ask for."""

import sys
from collections.abc import Mapping
from typing import Any

from booking.messaging.providers.smtp import SmtpSender
from booking.messaging.providers.twilio import TwilioSender
from booking.messaging.rules import Channel
from booking.messaging.senders import CONSOLE, ConsoleSender, MessageSender


def build_senders(settings: Mapping[str, Any]) -> dict[Channel, MessageSender]:
    """Return a sender for each channel that is set up; the others' messages wait.

    TWILIO_ACCOUNT_SID or SMTP_URL may be "console": what would be sent is printed.
    """
    senders: dict[Channel, MessageSender] = {}
    if sid := settings["TWILIO_ACCOUNT_SID"]:
        senders[Channel.SMS] = ConsoleSender(sys.stdout) if sid == CONSOLE else _twilio(settings)
    if url := settings["SMTP_URL"]:
        senders[Channel.EMAIL] = ConsoleSender(sys.stdout) if url == CONSOLE else _mail(settings)
    return senders


def _mail(settings: Mapping[str, Any]) -> MessageSender:
    return SmtpSender(settings["SMTP_URL"], settings["MAIL_FROM"], settings["PUBLIC_URL"])


def _twilio(settings: Mapping[str, Any]) -> MessageSender:
    return TwilioSender(
        account_sid=settings["TWILIO_ACCOUNT_SID"],
        auth_token=str(settings["TWILIO_AUTH_TOKEN"]),
        sender=str(settings["TWILIO_FROM"]),
        base_url=settings["TWILIO_BASE_URL"],
        public_url=settings["PUBLIC_URL"],
    )
