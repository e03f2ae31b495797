"""What Twilio says of our account and number: for whoever sets the service up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from booking.messaging.providers.twilio_http import (
    ConnectionFailed,
    KeptAliveHttpClient,
    ResponseLost,
)

INBOUND_PATH = "/hooks/twilio/inbound"


class AccountUnreadable(Exception):
    """Twilio can't be reached, or doesn't know us; the message says which."""


@dataclass(frozen=True, slots=True)
class TwilioNumber:
    """Where a number's texts are sent on to: an address without its override, and a method."""

    inbound_url: str
    inbound_method: str


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """An account ("active", "Full" or "Trial"), Twilio's clock (UTC), and our number, if it has it."""

    status: str
    kind: str
    clock: datetime | None
    number: TwilioNumber | None


def read_account(settings: Mapping[str, Any]) -> TwilioAccount:
    """Ask Twilio about the account and number in the settings. Raises `AccountUnreadable`."""
    sid, token = settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"]
    client = Client(sid, token, http_client=KeptAliveHttpClient())
    client.api.base_url = settings["TWILIO_BASE_URL"]
    try:
        account = client.api.v2010.accounts(sid).fetch_with_http_info()
        numbers = client.incoming_phone_numbers.list(phone_number=settings["TWILIO_FROM"], limit=1)
    except (ConnectionFailed, ResponseLost, TwilioException, ValueError) as error:
        raise AccountUnreadable(getattr(error, "msg", None) or str(error)) from error
    date = account.headers.get("Date")
    return TwilioAccount(
        account.data.status,
        account.data.type,
        parsedate_to_datetime(date) if date else None,
        _as_number(numbers[0]) if numbers else None,
    )


def _as_number(resource: Any) -> TwilioNumber:
    return TwilioNumber(str(resource.sms_url).partition("#")[0], str(resource.sms_method))
