"""What a calendar's address may be, how often one is read, and when somebody is told that it can't be."""

from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

LONGEST_ADDRESS = 1000  # characters
TRY_AGAIN = timedelta(minutes=15)  # after a failure, or where a scheduler died over it
TELL_AFTER = timedelta(days=1)  # of failures in a row
MARGIN = timedelta(
    days=2
)  # read beyond what can be booked, so that "not modified" may hold a while


class ReadFailure(StrEnum):
    """Why a calendar couldn't be read."""

    NOT_PUBLIC = "not_public"  # the host is on a network of somebody's own
    NOT_REACHED = "not_reached"
    NOT_SECURE = "not_secure"  # its certificate, or a redirect to http
    REFUSED = "refused"  # an answer that is no calendar's: 401, 404, 500
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    NO_CALENDAR = "no_calendar"  # what it answers is no calendar file
    TOO_MUCH = "too_much"  # more than can be read of a file in the time and memory there are
    UNREADABLE_ADDRESS = "unreadable_address"  # kept with another key than the settings have now


class AddressFault(StrEnum):
    """Why an address isn't kept."""

    NOT_HTTPS = "not_https"
    NO_ADDRESS = "no_address"
    HAS_PASSWORD = "has_password"  # noqa: S105 - a code
    TOO_LONG = "too_long"


class BadAddress(ValueError):
    """What was typed is no address that a calendar is read from."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def parse_address(text: str, *, with_loopback: bool = False) -> str:
    """Return the https address of a calendar; webcal: is the same (RFC 7595 registry). Raises `BadAddress`.

    `with_loopback` allows http, for tests and the demo.
    """
    if len(text) > LONGEST_ADDRESS:
        raise BadAddress(AddressFault.TOO_LONG)
    if not text.isascii() or any(sign.isspace() or not sign.isprintable() for sign in text):
        raise BadAddress(AddressFault.NO_ADDRESS)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(AddressFault.NO_ADDRESS) from error
    if parts.scheme in ("webcal", "webcals"):
        parts = parts._replace(scheme="https")
    if parts.scheme not in (("https", "http") if with_loopback else ("https",)):
        raise BadAddress(AddressFault.NOT_HTTPS)
    if not host or port == 0:
        raise BadAddress(AddressFault.NO_ADDRESS)
    if "@" in parts.netloc:
        raise BadAddress(AddressFault.HAS_PASSWORD)
    return urlunsplit(parts._replace(fragment=""))


def mask_address(address: str) -> str:
    """Return as much of an address as may be seen: whose server it is. The rest is as good as a password."""
    return f"{urlsplit(address).hostname or ''}/…"
