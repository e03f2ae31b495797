"""What Twilio says of our account and number: for whoever sets the service up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from booking.messaging.providers.twilio import is_service
from booking.messaging.providers.twilio_http import (
    ConnectionFailed,
    KeptAliveHttpClient,
    ResponseLost,
)

INBOUND_PATH = "/hooks/twilio/inbound"
TWILIO_URL = "https://api.twilio.com"
MOST_NUMBERS = 20  # of a service, that are looked at
NOT_FOUND = 404


class AccountUnreadable(Exception):
    """Twilio doesn't know us, or, as `AccountUnreachable`, can't be reached; the message says more."""


class AccountUnreachable(AccountUnreadable):
    """Twilio gave no answer."""


@dataclass(frozen=True, slots=True)
class TwilioNumber:
    """Where a number's texts are sent on to: an address without its override, and a method."""

    inbound_url: str
    inbound_method: str


@dataclass(frozen=True, slots=True)
class TwilioService:
    """A messaging service: its numbers, and where it sends texts on to; empty where each number says so."""

    numbers: tuple[str, ...]
    inbound_url: str
    inbound_method: str


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """An account ("active", "Full" or "Trial"), Twilio's clock (UTC), and our senders, if it has them.

    A number, or a messaging service with its numbers; `numbers` are those that texts come from.
    """

    status: str
    kind: str
    clock: datetime | None
    numbers: Mapping[str, TwilioNumber]
    service: TwilioService | None = None


def fetch_account(settings: Mapping[str, Any]) -> TwilioAccount:
    """Ask Twilio about the account and sender in the settings. Raises `AccountUnreadable`."""
    sid, token = settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"]
    client = Client(sid, token, http_client=KeptAliveHttpClient())
    client.api.base_url = settings["TWILIO_BASE_URL"]
    if settings["TWILIO_BASE_URL"] != TWILIO_URL:  # else services have a host of their own
        client.messaging.base_url = settings["TWILIO_BASE_URL"]
    try:
        account = client.api.v2010.accounts(sid).fetch_with_http_info()
        sender = settings["TWILIO_FROM"]
        service = _read_service(client, sender) if is_service(sender) else None
        numbers = service.numbers if service else (sender,)
        resources = {number: _find_number(client, number) for number in numbers}
    except (ConnectionFailed, ResponseLost) as error:
        raise AccountUnreachable(str(error)) from error
    except (TwilioException, ValueError) as error:
        raise AccountUnreadable(getattr(error, "msg", None) or str(error)) from error
    date = account.headers.get("Date")
    return TwilioAccount(
        account.data.status,
        account.data.type,
        parsedate_to_datetime(date) if date else None,
        {number: resource for number, resource in resources.items() if resource},
        service,
    )


def _read_service(client: Client, sid: str) -> TwilioService | None:
    """Return a messaging service, or None when the account has no such."""
    try:
        service = client.messaging.v1.services(sid).fetch()
        numbers = client.messaging.v1.services(sid).phone_numbers.list(limit=MOST_NUMBERS)
    except TwilioRestException as error:
        if error.status == NOT_FOUND:
            return None
        raise
    url = "" if service.use_inbound_webhook_on_number else str(service.inbound_request_url)
    return TwilioService(
        tuple(str(number.phone_number) for number in numbers),
        url.partition("#")[0],
        str(service.inbound_method),
    )


def _find_number(client: Client, number: str) -> TwilioNumber | None:
    numbers = client.incoming_phone_numbers.list(phone_number=number, limit=1)
    return _as_number(numbers[0]) if numbers else None


def _as_number(resource: Any) -> TwilioNumber:
    return TwilioNumber(str(resource.sms_url).partition("#")[0], str(resource.sms_method))
