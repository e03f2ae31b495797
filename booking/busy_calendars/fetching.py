"""Fetching a calendar from a stranger's server: only from the internet, only so much, only so long."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPHeaderDict

from booking.busy_calendars.rules import ReadFailure, parse_address
from booking.public_addresses import AddressFault, BadAddress
from booking.public_http import FailureReason, NotAnswered, connect_public, target_of

MOST_BYTES = 5 * 1024 * 1024
CHUNK = 64 * 1024
WAIT_SECONDS, TOTAL_SECONDS = 10, 30
MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    "Accept": "text/calendar",
    "Accept-Encoding": "identity",
    "User-Agent": "clinic-calendar/1",
}
BEGIN, END = b"BEGIN:VCALENDAR", b"END:VCALENDAR"
REASONS = {
    FailureReason.NOT_PUBLIC: ReadFailure.NOT_PUBLIC,
    FailureReason.NO_CERTIFICATE: ReadFailure.NOT_SECURE,
    FailureReason.TOO_SLOW: ReadFailure.TOO_SLOW,
}


class NotRead(Exception):
    """A calendar couldn't be read; `reason` says why, and nothing says where: its address is a secret."""

    def __init__(self, reason: ReadFailure) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """By what a server tells whether a file has changed since (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The request's conditions."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A calendar file as the server has it; `body` is None while it has not changed."""

    body: bytes | None
    validators: CacheValidators


def fetch_calendar(
    address: str, validators: CacheValidators, *, with_loopback: bool = False
) -> FetchedFile:
    """Download a calendar file, unless `validators` (ETag, Last-Modified) still hold. Raises `NotRead`.

    `with_loopback` allows http and this machine, for tests and the demo.
    """
    for _ in range(MOST_REDIRECTS + 1):
        try:
            address = parse_address(address, with_loopback=with_loopback)
        except BadAddress as error:
            is_public = error.fault is not AddressFault.NOT_PUBLIC
            reason = ReadFailure.NOT_SECURE if is_public else ReadFailure.NOT_PUBLIC
            raise NotRead(reason) from error
        answer = _request(urlsplit(address), validators.headers, with_loopback=with_loopback)
        if isinstance(answer, FetchedFile):
            return answer
        address = urljoin(address, answer)
    raise NotRead(ReadFailure.TOO_MANY_REDIRECTS)


def _request(
    parts: SplitResult, conditions: Mapping[str, str], *, with_loopback: bool
) -> FetchedFile | str:
    """Return what one address answers: a file, or where else to ask."""
    headers, limits = {**HEADERS, **conditions, "Host": parts.netloc}, (WAIT_SECONDS, TOTAL_SECONDS)
    try:
        with connect_public(parts, limits, with_loopback=with_loopback) as connection:
            connection.request(
                "GET",
                target_of(parts),
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            return _read(connection.getresponse())
    except NotAnswered as error:
        raise NotRead(REASONS.get(error.failure, ReadFailure.NOT_REACHED)) from error


def _read(response: BaseHTTPResponse) -> FetchedFile | str:
    """Return a response's file, or where it leads."""
    if response.status in REDIRECTS and (target := response.headers.get("Location")):
        return target
    validators = _validators(response.headers)
    if response.status == 304:
        return FetchedFile(None, validators)
    if response.status != 200:
        raise NotRead(ReadFailure.REFUSED)
    return FetchedFile(_read_body(response), validators)


def _validators(headers: HTTPHeaderDict) -> CacheValidators:
    """Return what to ask by next time; what is too long to be kept is none."""
    etag, last_modified = headers.get("ETag"), headers.get("Last-Modified")
    return CacheValidators(
        *(each if each and len(each) <= 200 else None for each in (etag, last_modified))
    )


def _read_body(response: BaseHTTPResponse) -> bytes:
    body = bytearray()
    while chunk := response.read1(CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise NotRead(ReadFailure.TOO_LARGE)
    text = body.removeprefix(b"\xef\xbb\xbf").strip().upper()
    if not (
        text.startswith(BEGIN) and text.endswith(END)
    ):  # a part of a file would free what it lacks
        raise NotRead(ReadFailure.NO_CALENDAR)
    return bytes(body)
