"""Texts a second through the outbox, against bare kept-alive POSTs: by Twilio's client alone, and without.

All go to the same loopback provider, in a process of its own, taken alternately in one run; on
both databases; with a scenario's history and with 20 times as much. Run with `make bench BENCH=messages`.
"""

import base64
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from bench.servers import ROOT, databases
from booking import clock, create_app
from booking.db.transactions import transaction
from booking.demo.loopback import DEMO_ACCOUNT
from booking.extensions import db
from booking.messaging.models import Attempt, Message
from booking.messaging.providers.twilio import TwilioSender
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus
from booking.messaging.senders import OutgoingMessage
from booking.messaging.sending import send_due

ROUNDS, TEXTS, BATCH = 5, 2000, 500
HISTORY, PASTS = 3000, (1, 20)  # texts sent before
CONNECTIONS = 2
AIM = 0.6
NOBODY = "http://127.0.0.1:9"  # reports go nowhere: the provider is told to make none
BODY = "Desert Clinic: your visit is Tue 1 Dec at 9:00 AM MST. Reply 1 to confirm, 2 to change."
PATH = f"/2010-04-01/Accounts/{DEMO_ACCOUNT.sid}/Messages.json"


@contextmanager
def provider() -> Iterator[str]:
    """Run the loopback provider in a process of its own; give its address."""
    command = [sys.executable, "-m", "booking.demo", "--port", "0", "--silent"]
    served = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield _first_line(served).split()[-1]
    finally:
        served.terminate()
        served.wait(10)


def _first_line(process: "subprocess.Popen[str]") -> str:
    return process.stdout.readline() if process.stdout else ""


def client_rate(url: str) -> float:
    """Return how many texts a second Twilio's client sends, with nothing planned, claimed or recorded."""
    sender = _sender(url)
    text = OutgoingMessage(1, Channel.SMS, recipient(0), "", BODY)
    return _rate_of(lambda count: [sender.send(text) for _ in range(count)])


def bare_rate(url: str) -> float:
    """Return how many bare POSTs a second the provider takes."""
    return _rate_of(lambda count: _post(url, count))


def _rate_of(send: Callable[[int], object]) -> float:
    """Return how many are sent a second, on as many connections as we use."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, [TEXTS // CONNECTIONS] * CONNECTIONS))
    return TEXTS / (time.perf_counter() - began)


def _post(url: str, count: int) -> None:
    credentials = f"{DEMO_ACCOUNT.sid}:{DEMO_ACCOUNT.auth_token}".encode()
    headers = {
        "Authorization": "Basic " + base64.b64encode(credentials).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = {"To": recipient(0), "From": DEMO_ACCOUNT.numbers[0], "Body": BODY}
    body = urlencode({**form, "StatusCallback": f"{NOBODY}/hooks/twilio/status?message=1"})
    connection = HTTPConnection(urlsplit(url).netloc)
    for _ in range(count):
        connection.request("POST", PATH, body, headers)
        response = connection.getresponse()
        response.read()
        if response.status != 201:
            raise RuntimeError(f"the provider answered {response.status}")
    connection.close()


def recipient(number: int) -> str:
    """Return one of ten thousand invented numbers."""
    return f"+1602555{number % 10000:04}"


def our_rate(url: str) -> float:
    """Return how many texts a second go from planned to sent, claimed and recorded."""
    due = owe(TEXTS)
    senders = {Channel.SMS: _sender(url)}
    began = time.perf_counter()
    while send_due(clock.now(), "bench", BATCH, senders, threads=CONNECTIONS):
        pass
    rate = TEXTS / (time.perf_counter() - began)
    statement = select(func.count()).where(Message.id >= due, Message.status == MessageStatus.SENT)
    if db.session.scalar(statement) != TEXTS:
        raise RuntimeError("not everything was sent")
    return rate


def _sender(url: str) -> TwilioSender:
    return TwilioSender(
        account_sid=DEMO_ACCOUNT.sid,
        auth_token=DEMO_ACCOUNT.auth_token,
        sender=DEMO_ACCOUNT.numbers[0],
        base_url=url,
        public_url=NOBODY,
    )


@transaction()
def owe(count: int) -> int:
    """Plan `count` texts that are due now; return the first one's id."""
    first = 1 + (db.session.scalar(select(func.max(Message.id))) or 0)
    db.session.execute(
        insert(Message), [_text(first + n, MessageStatus.PLANNED) for n in range(count)]
    )
    return first


@transaction()
def build_history(count: int) -> None:
    """Record `count` texts as sent in the past, each with its attempt."""
    texts = [_text(number, MessageStatus.DELIVERED) for number in range(1, count + 1)]
    attempts = [
        {
            "message_id": text["id"],
            "number": 1,
            "started_at": text["send_at"],
            "finished_at": text["send_at"],
            "outcome": AttemptOutcome.ACCEPTED,
            "provider_id": f"old-{text['id']}",
        }
        for text in texts
    ]
    db.session.execute(insert(Message), texts)
    db.session.execute(insert(Attempt), attempts)


def _text(number: int, status: MessageStatus) -> dict[str, Any]:
    past = status is not MessageStatus.PLANNED
    at = clock.now() - timedelta(minutes=number if past else 1)
    return {
        "id": number,
        "topic": f"appointment:{number}",
        "revision": 0,
        "kind": "reminder",
        "channel": Channel.SMS,
        "recipient": recipient(number),
        "subject": "",
        "body": BODY,
        "language": "en",
        "time_zone": "America/Phoenix",
        "immediate": True,
        "send_at": at,
        "expires_at": at + timedelta(days=1),
        "status": status,
        "tries": int(past),
        "created_at": at,
        "provider_id": f"old-{number}" if past else None,
    }


def measure(kind: str, past: int, url: str) -> float:
    """Print one line; return our rate after `past` lengths of history over the client's."""
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder), kind) as database_url:
        app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "bench"})
        with app.app_context():
            upgrade()
            build_history(HISTORY * past)
            rates = [(our_rate(url), client_rate(url), bare_rate(url)) for _ in range(ROUNDS)]
            db.session.remove()
            db.engine.dispose()
    by_client, by_bare = (median(rate[0] / rate[peer] for rate in rates) for peer in (1, 2))
    ours, client, bare = (median(column) for column in zip(*rates, strict=True))
    print(
        f"{f'{kind}, past x{past}: texts':<30} {by_client:5.2f} x Twilio's client alone (aim {AIM:.2f}), "
        f"{by_bare:5.2f} x bare POSTs (ours {ours:.0f}/s, client {client:.0f}/s, bare {bare:.0f}/s)",
        flush=True,
    )
    return by_client


def main() -> None:
    """Measure both databases, each with its history and with 20 times as much."""
    with provider() as url:
        for kind in ("sqlite", "postgresql"):
            one, twenty = (measure(kind, past, url) for past in PASTS)
            print(
                f"{kind}: 20 times the history costs {100 * (1 - twenty / one):.0f} %", flush=True
            )
