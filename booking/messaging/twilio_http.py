"""The HTTP client under Twilio's own: kept-alive connections, a time limit, and clear failures.

Twilio's default goes through `requests`, has no time limit and can't say whether a request left
this machine. The last matters: only what surely never left may be sent again without asking.
"""

import base64
import logging
import threading
from urllib.parse import SplitResult, urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response

from booking.messaging.wire import Connection, MalformedAnswer

TIMEOUT = 10  # seconds, for connecting and for each read


class NotReached(Exception):
    """No connection came about: the provider has received nothing."""


class NoAnswer(Exception):
    """The request left, or began to, and no whole answer came back."""


class KeptAliveHttpClient(HttpClient):  # type: ignore[misc]  # its base ships no types
    """One kept-alive connection a thread and host. Safe to share between threads."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        self._local = threading.local()

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, never repeated. Raises `NotReached` or `NoAnswer`."""
        url = urlsplit(uri)
        query = "&".join(filter(None, (url.query, urlencode(params or {}, doseq=True))))
        target = f"{url.path}?{query}" if query else url.path
        body = urlencode(data or {}, doseq=True).encode()
        return self._exchange(url, method, target, {**(headers or {}), **_basic(auth)}, body)

    def _exchange(
        self, url: SplitResult, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Response:
        connection = self._opened(url)
        try:
            answer = connection.exchange(method, target, headers, body)
            text = answer.body.decode()
        except (OSError, MalformedAnswer, UnicodeError) as error:
            connection.close()
            raise NoAnswer(type(error).__name__) from error
        return Response(answer.status, text, answer.headers)

    def _opened(self, url: SplitResult) -> Connection:
        """Return this thread's connection to the host, open."""
        connections: dict[str, Connection] = self._local.__dict__
        here = f"{url.scheme}://{url.netloc}"
        if here not in connections:
            connections[here] = Connection(url, self.timeout)
        try:
            connections[here].open()
        except OSError as error:
            connections[here].close()
            raise NotReached(type(error).__name__) from error
        return connections[here]


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}
