"""Builders and questions for tests that use the loopback provider."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from booking.demo.loopback import DEMO_ACCOUNT
from booking.messaging.providers.twilio import TwilioSender
from booking.messaging.rules import Channel
from booking.messaging.senders import OutgoingMessage

OURS = DEMO_ACCOUNT.numbers[0]
PATIENT = "+16025550123"


def outgoing(**changes: Any) -> OutgoingMessage:
    """Return a text to a patient."""
    facts: dict[str, Any] = {
        "id": 1,
        "channel": Channel.SMS,
        "recipient": PATIENT,
        "subject": "",
        "body": "See you on Tuesday",
    }
    return OutgoingMessage(**{**facts, **changes})


def sender_to(url: str, **changes: Any) -> TwilioSender:
    """Return our sender on Twilio's own client, pointed at a loopback provider."""
    facts: dict[str, Any] = {
        "account_sid": DEMO_ACCOUNT.sid,
        "auth_token": DEMO_ACCOUNT.auth_token,
        "sender": OURS,
        "base_url": url,
        "public_url": "http://127.0.0.1:9",  # nobody there
        "timeout": 2,
    }
    return TwilioSender(**{**facts, **changes})


def control(loopback_url: str, what: str, **data: Any) -> Any:
    """Tell the provider something by /_control/."""
    request = urllib.request.Request(
        f"{loopback_url}/_control/{what}", data=json.dumps(data).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def log_of(loopback_url: str) -> Any:
    """Return the provider's own log."""
    with urllib.request.urlopen(f"{loopback_url}/_control/log", timeout=10) as answer:
        return json.load(answer)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds, or fail; long enough for a machine on which all else is tested, too."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
