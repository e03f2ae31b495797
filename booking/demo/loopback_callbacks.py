"""What the loopback provider tells us by itself: signed status reports and inbound texts."""

import heapq
import itertools
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.request_validator import (
    RequestValidator,
)

from booking.demo.loopback_api import Account
from booking.demo.loopback_store import Store, Text

TIMEOUT = 10  # seconds


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How texts fare and how that is reported.

    Statuses follow each other after `seconds` each; `final` is where they end ("delivered", or
    "undelivered" or "failed" with `error_code`). Each report is made `times` times, in order of
    arrival unless `backwards`.
    """

    seconds: float = 0.2
    final: str = "delivered"
    error_code: int | None = None
    times: int = 1
    backwards: bool = False
    enabled: bool = True


def post_signed(account: Account, url: str, form: Mapping[str, str]) -> tuple[int, str]:
    """POST `form` to `url` as Twilio does; return status and body, (0, "") when nobody answered."""
    signature = RequestValidator(account.auth_token).compute_signature(url, form)
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
        url,
        data=urlencode(form).encode(),
        headers={"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (OSError, ValueError):
        return 0, ""


def report(account: Account, text: Text, status: str, error_code: int | None) -> dict[str, str]:
    """Return the form of a status callback."""
    form = {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": status,
        "SmsSid": text.sid,
        "SmsStatus": status,
        "To": text.to,
    }
    return form if error_code is None else {**form, "ErrorCode": str(error_code)}


class Carrier:
    """Moves texts along, from one thread, and reports each step to whoever asked for it."""

    def __init__(self, account: Account, store: Store) -> None:
        self.behaviour = Behaviour()
        self._account, self._store = account, store
        self._due: list[tuple[float, int, Text, str, int | None]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def stop(self) -> None:
        """Stop carrying; what is under way stays where it is."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(TIMEOUT)

    def carry(self, text: Text) -> None:
        """Let a new text run its course."""
        how = self.behaviour
        if not how.enabled:
            return
        steps: list[tuple[str, int | None]] = [("queued", None), ("sent", None)]
        steps.append((how.final, how.error_code))
        ordered = reversed(steps) if how.backwards else iter(steps)
        now = time.monotonic()
        with self._changed:
            for number, (status, code) in enumerate(ordered, start=1):
                for _ in range(how.times):
                    due = (now + number * how.seconds, next(self._order), text, status, code)
                    heapq.heappush(self._due, due)
            self._changed.notify()

    def _run(self) -> None:
        while (step := self._next()) is not None:
            text, status, error_code = step
            if RANK[status] >= RANK[text.status]:
                self._store.change_text(text.sid, status, error_code)
            if text.status_callback:
                form = report(self._account, text, status, error_code)
                post_signed(self._account, text.status_callback, form)

    def _next(self) -> tuple[Text, str, int | None] | None:
        """Wait for the next step; None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2:]
                self._changed.wait(wait)
        return None


RANK = {"queued": 0, "sent": 1, "failed": 2, "undelivered": 2, "delivered": 2}
