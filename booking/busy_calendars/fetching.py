"""Fetching what a stranger's server has: only from the internet, only so much, only so long.

The address was typed by somebody, and its host may lead anywhere: to this machine, the clinic's own network,
a cloud's metadata. So the host is resolved here, each address it has must be public, and the connection
goes to one of those that were looked at: a name that answers otherwise a moment later changes nothing.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from threading import Event, Timer
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from booking.busy_calendars.rules import BadAddress, ReadFailure, parse_address
from booking.public_addresses import is_public

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
PORTS = {"https": 443, "http": 80}


class NotRead(Exception):
    """A calendar couldn't be read; `reason` says why, and nothing says where: its address is a secret."""

    def __init__(self, reason: ReadFailure) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Validators:
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
    validators: Validators


def fetch_calendar(
    address: str, validators: Validators, *, with_loopback: bool = False
) -> FetchedFile:
    """Fetch a calendar file, unless it is as it was. Raises `NotRead`.

    `with_loopback` allows http and this machine, for tests and the demo.
    """
    for _ in range(MOST_REDIRECTS + 1):
        try:
            address = parse_address(address, with_loopback=with_loopback)
        except BadAddress as error:
            raise NotRead(ReadFailure.NOT_SECURE) from error
        answer = _request(urlsplit(address), validators.headers, with_loopback=with_loopback)
        if isinstance(answer, FetchedFile):
            return answer
        address = urljoin(address, answer)
    raise NotRead(ReadFailure.TOO_MANY_REDIRECTS)


def _request(
    parts: SplitResult, conditions: Mapping[str, str], *, with_loopback: bool
) -> FetchedFile | str:
    """Return what one address answers: a file, or where else to ask."""
    host = parts.hostname or ""
    connection = _connect(parts, resolve_public(host, _port(parts), with_loopback=with_loopback))
    # A server that sends a byte now and then keeps each single wait short
    is_over = Event()
    deadline = Timer(TOTAL_SECONDS, _cut, [connection.sock, is_over])
    deadline.start()
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        headers = {**HEADERS, **conditions, "Host": parts.netloc}
        connection.request(
            "GET", target, headers=headers, preload_content=False, decode_content=False
        )
        return _read(connection.getresponse())
    except (NotRead, HTTPError, HTTPException, OSError, ValueError) as error:
        reason = ReadFailure.TOO_SLOW if is_over.is_set() else _find_reason(error)
        raise NotRead(reason) from error
    finally:
        deadline.cancel()
        connection.close()


def resolve_public(host: str, port: int, *, with_loopback: bool = False) -> list[str]:
    """Return the IP addresses of a host. Raises `NotRead` unless there are some, and all are public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotRead(ReadFailure.NOT_REACHED) from error
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not all(is_public(address, with_loopback=with_loopback) for address in addresses):
        raise NotRead(ReadFailure.NOT_PUBLIC)
    return addresses


def _connect(parts: SplitResult, addresses: list[str]) -> HTTPConnection:
    """Return a connection to the first of these addresses that answers, with the host's certificate."""
    for address in addresses:
        connection = _connection_to(parts, address)
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise NotRead(ReadFailure.NOT_SECURE) from error
        except (HTTPError, OSError):
            continue
        return connection
    raise NotRead(ReadFailure.NOT_REACHED)


def _connection_to(parts: SplitResult, address: str) -> HTTPConnection:
    if parts.scheme == "http":
        return HTTPConnection(address, _port(parts), timeout=WAIT_SECONDS)
    return HTTPSConnection(
        address,
        _port(parts),
        timeout=WAIT_SECONDS,
        server_hostname=parts.hostname,
        ssl_context=ssl.create_default_context(),
    )


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _cut(connected: socket.socket, is_over: Event) -> None:
    is_over.set()  # before whoever reads finds it cut
    with suppress(OSError):  # it may be over by itself
        connected.shutdown(socket.SHUT_RDWR)


def _find_reason(error: Exception) -> ReadFailure:
    if isinstance(error, NotRead):
        return error.reason
    is_late = isinstance(error, TimeoutError | HTTPTimeout)
    return ReadFailure.TOO_SLOW if is_late else ReadFailure.NOT_REACHED


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


def _validators(headers: HTTPHeaderDict) -> Validators:
    """Return what to ask by next time; what is too long to be kept is none."""
    etag, last_modified = headers.get("ETag"), headers.get("Last-Modified")
    return Validators(
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
