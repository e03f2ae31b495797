"""Asking an address that somebody typed: only in the internet, only so long, and never on to another.

Its host may lead anywhere: to this machine, the clinic's own network, a cloud's metadata. So it is resolved
here, each address it has must be public, and the connection goes to one of those that were looked at: a name
that answers otherwise a moment later changes nothing.
"""

import enum
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from threading import Event, Timer
from urllib.parse import SplitResult

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from booking.public_addresses import is_public, parse_public_url

WAIT_SECONDS, TOTAL_SECONDS = 5, 15  # to post: for one step of the connection, for all of it
PORTS = {"https": 443, "http": 80}


class FailureReason(enum.StrEnum):
    """Why a request got no answer (`NotAnswered`)."""

    UNKNOWN_HOST = "unknown host"
    NOT_PUBLIC = "not public"
    NOT_REACHED = "not reached"
    NO_CERTIFICATE = "no certificate"
    TOO_SLOW = "too slow"
    BROKEN_OFF = "broken off"


class NotAnswered(Exception):
    """No answer came; `failure` says why. The request may have arrived all the same."""

    def __init__(self, failure: FailureReason) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What was answered; `retry_after` as the header has it."""

    status: int
    retry_after: str | None = None


def resolve_public(host: str, port: int, *, with_loopback: bool = False) -> list[str]:
    """Return the IP addresses of a host. Raises `NotAnswered` unless there are some, and all are public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAnswered(FailureReason.UNKNOWN_HOST) from error
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not all(is_public(address, with_loopback=with_loopback) for address in addresses):
        raise NotAnswered(FailureReason.NOT_PUBLIC)
    return addresses


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, with_loopback: bool = False
) -> PostAnswer:
    """Send a body once, and return what was answered, whatever it is; a redirect isn't followed.

    Raises `NotAnswered`, `BadAddress`.
    """
    parts = parse_public_url(url, with_loopback=with_loopback)
    limits = (WAIT_SECONDS, TOTAL_SECONDS)
    with connect_public(parts, limits, with_loopback=with_loopback) as connection:
        connection.request(
            "POST", target_of(parts), body, {**headers, "Host": parts.netloc}, preload_content=False
        )
        response = connection.getresponse()
        return PostAnswer(response.status, response.headers.get("Retry-After"))


def target_of(parts: SplitResult) -> str:
    """Return an address's path and query, as a request names them."""
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


@contextmanager
def connect_public(
    parts: SplitResult, limits: tuple[float, float], *, with_loopback: bool = False
) -> Iterator[HTTPConnection]:
    """Give a connection to a public address of a host, with the host's certificate, while the block lasts.

    `limits` are seconds: for one step of it, and for all of it, after which it is cut. Raises `NotAnswered`,
    also for what breaks within the block.
    """
    wait_seconds, total_seconds = limits
    port = parts.port or PORTS[parts.scheme]
    addresses = resolve_public(parts.hostname or "", port, with_loopback=with_loopback)
    connection, is_over = _connect(parts, port, addresses, wait_seconds), Event()
    # A server that sends a byte now and then keeps each single wait short
    deadline = Timer(total_seconds, _cut, [connection.sock, is_over])
    deadline.start()
    try:
        yield connection
    except Exception as error:
        if is_over.is_set() or isinstance(error, TimeoutError | HTTPTimeout):
            raise NotAnswered(FailureReason.TOO_SLOW) from error
        if isinstance(error, HTTPError | HTTPException | OSError | ValueError):
            raise NotAnswered(FailureReason.BROKEN_OFF) from error
        raise
    finally:
        deadline.cancel()
        connection.close()


def _connect(
    parts: SplitResult, port: int, addresses: list[str], wait_seconds: float
) -> HTTPConnection:
    """Return a connection to the first of these addresses that answers."""
    for address in addresses:
        connection = _connection_to(parts, address, port, wait_seconds)
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise NotAnswered(FailureReason.NO_CERTIFICATE) from error
        except (HTTPError, OSError):
            continue
        return connection
    raise NotAnswered(FailureReason.NOT_REACHED)


def _connection_to(
    parts: SplitResult, address: str, port: int, wait_seconds: float
) -> HTTPConnection:
    if parts.scheme == "http":
        return HTTPConnection(address, port, timeout=wait_seconds)
    return HTTPSConnection(
        address,
        port,
        timeout=wait_seconds,
        server_hostname=parts.hostname,
        ssl_context=ssl.create_default_context(),
    )


def _cut(connected: socket.socket, is_over: Event) -> None:
    is_over.set()  # before whoever reads finds it cut
    with suppress(OSError):  # it may be over by itself
        connected.shutdown(socket.SHUT_RDWR)
