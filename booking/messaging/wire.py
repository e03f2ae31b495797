"""HTTP/1.1 over one kept-alive connection, for a client that posts the same small form all day.

`http.client` sends head and body apart and reads headers with the e-mail parser: that was more than
half of the time a text took. This does the part of RFC 9112 that an API's client needs: requests
with a length, answers with a length, in chunks, or until the connection closes.
"""

import select
import socket
import ssl
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import SplitResult

LONGEST_LINE, MOST_HEADERS, LARGEST_BODY = 65_536, 200, 16 * 1024 * 1024
WITHOUT_BODY = (204, 304)


class MalformedAnswer(Exception):
    """What came back is no HTTP answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """A connection to one host, opened when it is needed. For one thread at a time."""

    def __init__(self, url: SplitResult, timeout: float) -> None:
        self.secure = url.scheme == "https"
        self.host, self.port = url.hostname or "", url.port or (443 if self.secure else 80)
        self.netloc, self.timeout = url.netloc, timeout
        self._sock: socket.socket | None = None
        self._file: BinaryIO | None = None

    def open(self) -> None:
        """Connect, unless connected; an idle connection with something to read has hung up."""
        if self._sock is not None and select.select([self._sock], [], [], 0)[0]:
            self.close()
        if self._sock is None:
            self._connect()

    def _connect(self) -> None:
        sock = socket.create_connection((self.host, self.port), self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.secure:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        self._sock, self._file = sock, sock.makefile("rb")

    def close(self) -> None:
        """Hang up."""
        for part in (self._file, self._sock):
            if part is not None:
                part.close()
        self._sock = self._file = None

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request on the open connection, in one piece, and read its answer.

        Raises `OSError` or `MalformedAnswer`: the connection is of no use afterwards.
        """
        if self._sock is None or self._file is None:
            raise OSError("not open")
        named = {"Host": self.netloc, **headers, "Content-Length": str(len(body))}
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in named.items()),
        ]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:
            raise ValueError("a line break in a header")
        self._sock.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)
        answer = read_answer(self._file)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer


def read_answer(file: BinaryIO) -> Answer:
    """Read one answer, leaving out those that say "wait" (1xx)."""
    status = 100
    while 100 <= status < 200:
        status = _status(_line(file))
        headers = _headers(file)
    if status in WITHOUT_BODY:
        return Answer(status, headers, b"")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Answer(status, headers, _chunks(file))
    if "content-length" in headers:
        return Answer(status, headers, _exactly(file, _number(headers["content-length"], 10)))
    headers["connection"] = "close"
    return Answer(status, headers, file.read(LARGEST_BODY))


def _line(file: BinaryIO) -> bytes:
    line = file.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise MalformedAnswer("the answer breaks off")
    return line.rstrip(b"\r\n")


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise MalformedAnswer("no HTTP/1 answer")
    return _number(rest[:3].decode("latin-1"), 10)


def _headers(file: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while line := _line(file):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
        if len(headers) > MOST_HEADERS:
            raise MalformedAnswer("too many headers")
    return headers


def _chunks(file: BinaryIO) -> bytes:
    body = b""
    while size := _number(_line(file).partition(b";")[0].decode("latin-1"), 16):
        body += _exactly(file, size)
        if _line(file) or len(body) > LARGEST_BODY:
            raise MalformedAnswer("a chunk of another length than it says")
    _headers(file)  # trailers
    return body


def _exactly(file: BinaryIO, size: int) -> bytes:
    if size > LARGEST_BODY:
        raise MalformedAnswer("too long")
    body = file.read(size)
    if len(body) < size:
        raise MalformedAnswer("the answer breaks off")
    return body


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError as error:
        raise MalformedAnswer("no number where one belongs") from error
    if number < 0:
        raise MalformedAnswer("a negative length")
    return number
