"""What a provider's answers and reports mean for a message."""

import enum
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from booking.messaging.rules import MessageStatus


class ErrorClass(enum.StrEnum):
    """What a provider's error says about the message it refused."""

    PERMANENT = "permanent"  # this message to this recipient will never be accepted
    LATER = "later"  # it was not accepted; it may be, later
    AMBIGUOUS = "ambiguous"  # it may have been accepted


# Twilio's codes about this recipient or this text: trying again can't help.
# https://www.twilio.com/docs/api/errors
OPTED_OUT_CODE = "21610"
# Alone in a text, Twilio obeys these by itself, and no others.
# https://help.twilio.com/articles/223134027
STOP_KEYWORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
START_KEYWORDS = frozenset({"start", "yes", "unstop"})
PERMANENT_CODES = frozenset(
    {
        "21211",  # not a valid number
        "21214",  # the number can't be reached
        "21217",  # not a valid number
        "21408",  # texts to that region are not enabled
        "21602",  # no body
        "21604",  # no recipient
        "21610",  # the recipient replied STOP
        "21612",  # no route from our number to that one
        "21614",  # not a mobile number
        "21617",  # longer than 1,600 characters
        "30004",  # blocked by the recipient
        "30005",  # unknown or no longer in use
        "30006",  # landline or unreachable carrier
        "30007",  # filtered by the carrier
    }
)


def classify_error(http_status: int, code: str) -> ErrorClass:
    """Return what Twilio's answer `http_status` (400 and above) with error `code` means.

    429 was never processed. From 500 on it may have been: RFC 9110 section 15.6 promises nothing.
    Other refusals are ours to mend (credentials, sending number): the message waits.
    """
    if http_status >= 500:
        return ErrorClass.AMBIGUOUS
    return ErrorClass.PERMANENT if code in PERMANENT_CODES else ErrorClass.LATER


def is_stop_keyword(body: str) -> bool:
    """Tell whether the provider itself ends texts to who writes this."""
    return body.strip().lower() in STOP_KEYWORDS


def is_start_keyword(body: str) -> bool:
    """Tell whether the provider itself lets texts go again to who writes this."""
    return body.strip().lower() in START_KEYWORDS


MAX_RETRY_AFTER = timedelta(hours=1)  # whatever a provider asks for, it is asked again after that


def parse_retry_after(
    value: str | None, now: datetime, longest: timedelta = MAX_RETRY_AFTER
) -> timedelta | None:
    """Return how long a provider asks to be left alone (RFC 9110, 10.2.3), `longest` at most.

    In seconds, or as a date, which is compared with `now` (UTC). None where it says nothing that can be read.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), longest.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), longest)


# Callbacks repeat and come out of order: a message only ever moves to a higher rank.
RANK = {
    MessageStatus.PLANNED: 0,
    MessageStatus.SENDING: 1,
    MessageStatus.UNKNOWN: 2,
    MessageStatus.SENT: 3,
    MessageStatus.FAILED: 4,
    MessageStatus.DELIVERED: 5,
}
PROVIDER_STATUS = {
    "accepted": MessageStatus.SENT,
    "scheduled": MessageStatus.SENT,
    "queued": MessageStatus.SENT,
    "sending": MessageStatus.SENT,
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.DELIVERED,
    "undelivered": MessageStatus.FAILED,
    "failed": MessageStatus.FAILED,
    "canceled": MessageStatus.FAILED,
}


def next_status(current: MessageStatus, provider_status: str) -> MessageStatus:
    """Return where a message at `current` stands after the provider reported `provider_status`.

    A callback proves that the provider has the message, whatever else happened to it here: one that
    was skipped or retired after an interrupted attempt counts as sent. Unknown words are left out.
    """
    reported = PROVIDER_STATUS.get(provider_status)
    if reported is None:
        return current
    return reported if RANK[reported] > RANK.get(current, 0) else current
