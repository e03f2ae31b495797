"""Sending to an address that somebody typed: only into the internet, only so long, and never on to another.

Its host may lead anywhere: to this machine, the clinic's own network, a cloud's metadata. So it is resolved
here, each address it has must be public, and the connection goes to one of those that were looked at: a name
that answers otherwise a moment later changes nothing.
"""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from booking.public_addresses import is_public

WAIT_SECONDS, TOTAL_SECONDS = 5, 15  # for one step of the connection, for all of it
PORTS = {"https": 443, "http": 80}


class BadAddress(ValueError):
    """Not the address of a server in the internet, reached by TLS."""


class NotSent(Exception):
    """No answer came; `code` says why. The request may have arrived all the same."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What was answered; `retry_after` as the header has it."""

    status: int
    retry_after: str | None = None


def parse_public_url(text: str, *, with_loopback: bool = False) -> SplitResult:
    """Return the parts of an address that may be sent to: https, without a name and password.

    `with_loopback` allows http to this machine, for the demo and tests. Raises `BadAddress`.
    """
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise BadAddress(text) from error
    schemes = ("https", "http") if with_loopback else ("https",)
    if parts.scheme not in schemes or not host or parts.username or parts.fragment or port == 0:
        raise BadAddress(text)
    if not text.isascii() or any(letter.isspace() for letter in text.strip()):
        raise BadAddress(text)
    if _is_own_address(host, with_loopback=with_loopback):
        raise BadAddress(text)
    return parts


def _is_own_address(host: str, *, with_loopback: bool) -> bool:
    """Tell whether a host is written as an address that isn't the internet's."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return not is_public(host, with_loopback=with_loopback)


def resolve_public(host: str, port: int, *, with_loopback: bool = False) -> list[str]:
    """Return the IP addresses of a host. Raises `NotSent` unless there are some, and all are public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("unknown host") from error
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not all(is_public(address, with_loopback=with_loopback) for address in addresses):
        raise NotSent("not public")
    return addresses


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, with_loopback: bool = False
) -> PostAnswer:
    """Send a body once, and return what was answered, whatever it is; a redirect isn't followed.

    Raises `NotSent`, `BadAddress`.
    """
    parts = parse_public_url(url, with_loopback=with_loopback)
    port = parts.port or PORTS[parts.scheme]
    addresses = resolve_public(parts.hostname or "", port, with_loopback=with_loopback)
    connected = _connect(parts, port, addresses)
    # A server that sends a byte now and then keeps each single wait short
    deadline = Timer(TOTAL_SECONDS, _cut, [connected])
    deadline.start()
    try:
        return _exchange(parts, connected, body, headers)
    except (HTTPException, OSError, ValueError) as error:
        is_late = deadline.finished.is_set() or isinstance(error, TimeoutError)
        raise NotSent("too slow" if is_late else "broken off") from error
    finally:
        deadline.cancel()
        connected.close()


def _connect(parts: SplitResult, port: int, addresses: list[str]) -> socket.socket:
    """Return a connection to the first of these addresses that answers, with the host's certificate."""
    for address in addresses:
        try:
            connected = socket.create_connection((address, port), WAIT_SECONDS)
        except OSError:
            continue
        if parts.scheme == "http":
            return connected
        try:
            return ssl.create_default_context().wrap_socket(
                connected, server_hostname=parts.hostname
            )
        except (ssl.SSLError, OSError) as error:
            connected.close()
            raise NotSent("no certificate") from error
    raise NotSent("not reached")


def _exchange(
    parts: SplitResult, connected: socket.socket, body: bytes, headers: Mapping[str, str]
) -> PostAnswer:
    connection = HTTPConnection(parts.netloc)  # it opens none itself while it has one
    connection.sock = connected
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection.request("POST", target, body, {**headers, "Host": parts.netloc})
    response = connection.getresponse()
    return PostAnswer(response.status, response.headers.get("Retry-After"))


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):  # it may be over by itself
        connected.shutdown(socket.SHUT_RDWR)
