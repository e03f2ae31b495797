"""A stand-in for our own webhooks: it checks the signature and remembers what it was told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

from booking.messaging.providers.twilio_signatures import is_valid_signature


class Webhook:
    """A server on a free port; `heard` holds (path and query, form, properly signed)."""

    def __init__(self, auth_token: str, answer: str = "") -> None:
        self.heard: list[tuple[str, dict[str, str], bool]] = []
        self.auth_token, self.answer = auth_token, answer
        handler = type("Bound", (_Handler,), {"webhook": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Webhook":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    webhook: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        hook = self.webhook
        signed = is_valid_signature(
            hook.auth_token, hook.url, self.path, form, dict(self.headers.items())
        )
        hook.heard.append((self.path, form, signed))
        self.send_response(200 if hook.answer else 204)
        self.send_header("Content-Length", str(len(hook.answer.encode())))
        self.end_headers()
        self.wfile.write(hook.answer.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
        pass
