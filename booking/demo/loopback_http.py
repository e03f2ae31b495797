"""The loopback provider's HTTP: Twilio's addresses, and /_control/ to drive and watch it."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from booking.demo import loopback_account
from booking.demo import loopback_api as api
from booking.demo.loopback_control import (
    CONTROLS,
    MAIL_PATH,
    Provider,
    list_mails,
    take_mail,
    take_text,
)
from booking.demo.loopback_faults import Fault, Trouble

SERVICES = "/v1/Services/"
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
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        )
        if answer.retry_after:
            head += f"Retry-After: {answer.retry_after}\r\n"
        self.wfile.write(f"{head}\r\n".encode() + content)

    def _get(self, path: str, query: str, _body: bytes) -> api.Answer:
        parameters = dict(parse_qsl(query))
        if path == "/_control/log":
            return api.Answer(200, dict(self.provider.store.log()))
        if path == MAIL_PATH:
            return list_mails(self.provider, parameters)
        if path.startswith(SERVICES):
            self._check_credentials()
            below = path.removeprefix(SERVICES)
            return loopback_account.describe_service(
                self.provider.account, below, self.provider.webhook
            )
        return self._get_resource(self._authenticated(path), parameters)

    def _get_resource(self, resource: str, parameters: dict[str, str]) -> api.Answer:
        """Return a resource of the account, by its path below that."""
        if resource == ".json":
            return loopback_account.describe_account(self.provider.account)
        if resource == "/IncomingPhoneNumbers.json":
            return loopback_account.list_numbers(
                self.provider.account, parameters, self.provider.webhook
            )
        if resource == "/Messages.json":
            return api.listing(self.provider.account, self.provider.store, parameters)
        if resource.startswith("/Messages/") and resource.endswith(".json"):
            sid = resource.removeprefix("/Messages/").removesuffix(".json")
            return api.fetch(self.provider.account, self.provider.store, sid)
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
        self._check_credentials()
        root = f"{api.API}/{self.provider.account.sid}"
        if not path.startswith(root):
            raise api.Refused(20404)
        return path[len(root) :]

    def _check_credentials(self) -> None:
        """Raise `Refused` unless the account asks."""
        account = self.provider.account
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        try:
            password = base64.b64decode(credentials) if scheme.lower() == "basic" else b""
        except binascii.Error:
            password = b""
        if not hmac.compare_digest(password, f"{account.sid}:{account.auth_token}".encode()):
            raise api.Refused(20003)

    def _accept(self, take: Callable[[], api.Answer]) -> api.Answer:
        """Take something in, with the trouble that was asked for."""
        fault = self.provider.faults.take()
        if fault is None:
            return take()
        if fault.trouble is Trouble.HANG_BEFORE:
            self.provider.stopping.wait(fault.seconds)
        if fault.trouble in (Trouble.DROP, Trouble.HANG_BEFORE):
            raise HungUp
        if fault.trouble in ERROR_BY_TROUBLE:
            refusal = api.error(*ERROR_BY_TROUBLE[fault.trouble])
            return (
                replace(refusal, retry_after=f"{fault.seconds:.0f}") if fault.seconds else refusal
            )
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
