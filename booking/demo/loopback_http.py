"""The loopback provider's HTTP: Twilio's addresses, and /_control/ to drive and watch it."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from booking.demo import loopback_api as api
from booking.demo.loopback_control import (
    CONTROLS,
    MAIL_PATH,
    Provider,
    find_mails,
    take_mail,
    take_text,
)
from booking.demo.loopback_faults import Fault, Trouble

REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
ERROR_BY_TROUBLE = {Trouble.BUSY: (20429, 429), Trouble.BROKEN: (20500, 500)}


class HungUp(Exception):
    """The connection is to be closed without an answer."""


class Handler(BaseHTTPRequestHandler):
    """Answers on one kept-alive connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    provider: Provider

    def do_GET(self) -> None:
        """Fetch or list texts; read the log or the mails."""
        self._serve(self._get)

    def do_POST(self) -> None:
        """Create a text; take a mail; do what a test or the demo asks."""
        self._serve(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
        """Keep quiet: addresses and texts belong in no log."""

    def _serve(self, answer_for: Callable[[str, str, bytes], api.Answer]) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._answer(answer_for(parts.path, parts.query, body))
        except api.Refused as refused:
            self._answer(refused.answer)
        except HungUp:
            self.close_connection = True
        except (ValueError, KeyError, TypeError) as error:
            self._answer(api.Answer(400, {"message": f"can't read that: {error}", "status": 400}))

    def _answer(self, answer: api.Answer) -> None:
        content = json.dumps(answer.body).encode()
        reason = REASONS.get(answer.status, "Error")
        head = (
            f"HTTP/1.1 {answer.status} {reason}\r\n"
            f"Date: {self.date_time_string()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + content)

    def _get(self, path: str, query: str, _body: bytes) -> api.Answer:
        store = self.provider.store
        parameters = dict(parse_qsl(query))
        if path == "/_control/log":
            return api.Answer(200, dict(store.log()))
        if path == MAIL_PATH:
            return find_mails(self.provider, parameters)
        resource = self._authenticated(path)
        if resource == ".json":
            return api.describe_account(self.provider.account)
        if resource == "/IncomingPhoneNumbers.json":
            return api.list_numbers(self.provider.account, parameters, self.provider.webhook)
        if resource == "/Messages.json":
            return api.listing(self.provider.account, store, parameters)
        if resource.startswith("/Messages/") and resource.endswith(".json"):
            return api.fetch(
                self.provider.account, store, resource[len("/Messages/") : -len(".json")]
            )
        raise api.Refused(20404)

    def _post(self, path: str, _query: str, body: bytes) -> api.Answer:
        if path in CONTROLS:
            return CONTROLS[path](self.provider, json.loads(body))
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if path == MAIL_PATH:
            return self._accept(lambda: take_mail(self.provider, form))
        if self._authenticated(path) != "/Messages.json":
            raise api.Refused(20404)
        return self._accept(lambda: take_text(self.provider, form))

    def _authenticated(self, path: str) -> str:
        """Return the path below the account's. Raises `Refused` for anybody else."""
        account = self.provider.account
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        try:
            password = base64.b64decode(credentials) if scheme.lower() == "basic" else b""
        except binascii.Error:
            password = b""
        if not hmac.compare_digest(password, f"{account.sid}:{account.auth_token}".encode()):
            raise api.Refused(20003)
        root = f"{api.API}/{account.sid}"
        if not path.startswith(root):
            raise api.Refused(20404)
        return path[len(root) :]

    def _accept(self, take: Callable[[], api.Answer]) -> api.Answer:
        """Take something in, with the trouble that was asked for."""
        fault = self.provider.faults.take()
        if fault is None:
            return take()
        if fault.trouble is Trouble.DROP:
            raise HungUp
        if fault.trouble in ERROR_BY_TROUBLE:
            return api.error(*ERROR_BY_TROUBLE[fault.trouble])
        return self._trouble_after(fault, take)

    def _trouble_after(self, fault: Fault, take: Callable[[], api.Answer]) -> api.Answer:
        if fault.trouble is Trouble.DELAY:
            self.provider.stopping.wait(fault.seconds)
            return take()
        take()
        if fault.trouble is Trouble.BROKEN_AFTER:
            return api.error(20500, 500)
        if fault.trouble is Trouble.HANG:
            self.provider.stopping.wait(fault.seconds)
        raise HungUp
