"""The HTTP under Twilio's client: `http.client`'s connections, kept alive, with a time limit.

Twilio's default goes through `requests`, has no time limit and can't say whether a request left
this machine. The last matters: only what surely never left may be sent again without asking. So a
connection is opened first, and only then is anything sent on it.
"""

import base64
import logging
import select
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response

TIMEOUT = 10  # seconds, for connecting and for each read
CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}


class ConnectionFailed(Exception):
    """No connection came about: the provider has received nothing."""


class ResponseLost(Exception):
    """The request left, or began to, and no whole answer came back."""


class KeptAliveHttpClient(HttpClient):  # type: ignore[misc]  # its base ships no types
    """One kept-alive connection a thread and host. Safe to share between threads."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        self._local = threading.local()

    @property
    def retry_after(self) -> str | None:
        """What the last answer that this thread got says in `Retry-After`; None: nothing."""
        return getattr(self._local, "retry_after", None)

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
        """Make one request, never repeated. Raises `ConnectionFailed` or `ResponseLost`."""
        url = urlsplit(uri)
        query = "&".join(filter(None, (url.query, urlencode(params or {}, doseq=True))))
        target = f"{url.path}?{query}" if query else url.path
        body = urlencode(data or {}, doseq=True).encode()
        self._local.retry_after = None
        connection = self._opened(url)
        try:
            response = _exchange(
                connection, method, target, body, {**(headers or {}), **_basic(auth)}
            )
        except (OSError, HTTPException, UnicodeError) as error:
            connection.close()
            raise ResponseLost(type(error).__name__) from error
        except BaseException:
            connection.close()  # a request is begun on it
            raise
        self._local.retry_after = response.headers.get("Retry-After")
        return response

    def _opened(self, url: SplitResult) -> HTTPConnection:
        """Return this thread's connection to the host, open."""
        connections: dict[str, HTTPConnection] = self._local.__dict__.setdefault("connections", {})
        origin = f"{url.scheme}://{url.netloc}"
        if origin not in connections:
            connections[origin] = CONNECTIONS[url.scheme](url.netloc, timeout=self.timeout)
        connection = connections[origin]
        try:
            if is_connection_closed(connection):
                connection.close()
            if connection.sock is None:
                connection.connect()
        except OSError as error:
            connection.close()
            raise ConnectionFailed(type(error).__name__) from error
        return connection


def is_connection_closed(connection: HTTPConnection) -> bool:
    """Tell whether an idle connection has something to read: the other side's end of it."""
    return connection.sock is not None and bool(select.select([connection.sock], [], [], 0)[0])


def _exchange(
    connection: HTTPConnection, method: str, target: str, body: bytes, headers: dict[str, str]
) -> Response:
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    says_its_length = response.chunked or response.length is not None
    content = response.read()
    if not content and not says_its_length:  # http.client takes headers that break off for whole
        raise HTTPException("the answer breaks off")
    return Response(response.status, content.decode(), dict(response.headers))


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}
