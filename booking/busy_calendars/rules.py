"""What a calendar's address may be, how often one is read, and when somebody is told that it can't be."""

import re
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from booking.public_addresses import parse_public_url

WEBCAL = re.compile("^webcals?:", re.IGNORECASE)
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


def parse_address(text: str, *, with_loopback: bool = False) -> str:
    """Return the https address of a calendar; webcal: is the same (RFC 7595 registry). Raises `BadAddress`.

    `with_loopback` allows http to this machine, for tests and the demo.
    """
    address = WEBCAL.sub("https:", text.strip())
    return parse_public_url(address, with_loopback=with_loopback).geturl()


def mask_address(address: str) -> str:
    """Return as much of an address as may be seen: whose server it is. The rest is as good as a password."""
    return f"{urlsplit(address).hostname or ''}/…"
