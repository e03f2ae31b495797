"""How much more memory sending takes with 100,000 messages due than with 1,000: the ratio of the peaks.

Each in a process of its own, on both databases, to a provider that only counts.
Run with `make bench BENCH=outbox_memory`.
"""

import multiprocessing
import resource
import tempfile
from datetime import datetime
from pathlib import Path

from flask_migrate import upgrade

from bench.messages import owe
from bench.servers import databases
from booking import clock, create_app
from booking.messaging.rules import Channel
from booking.messaging.senders import OutgoingMessage, SendReceipt
from booking.messaging.sending import send_due
from booking.scheduler import BATCH

FEW, MANY, PORTION = 1_000, 100_000, 10_000
LIMIT = 1.1  # flat: no more than a tenth above


class CountingSender:
    """Takes everything, and keeps nothing but how much."""

    def __init__(self) -> None:
        self.count = 0

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Count one more."""
        self.count += 1
        return SendReceipt(f"SM{message.id}")

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Nothing is interrupted."""
        raise NotImplementedError


def fill(database_url: str, count: int) -> None:
    """Owe `count` texts in an empty database, due now."""
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "bench"})
    with app.app_context():
        upgrade()
        for _ in range(0, count, PORTION):
            owe(min(PORTION, count))


def measure_peak(database_url: str, count: int) -> float:
    """Send all that is due; return the process's largest memory, in MB."""
    app, sender = (
        create_app({"DATABASE_URL": database_url, "SECRET_KEY": "bench"}),
        CountingSender(),
    )
    with app.app_context():
        while send_due(clock.now(), "bench", BATCH, {Channel.SMS: sender}, threads=1):
            pass
    if sender.count != count:
        raise RuntimeError(f"{sender.count} of {count} were sent")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(kind: str, count: int) -> float:
    """Return the peak for `count` messages on one kind of database."""
    processes = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        databases(Path(folder), kind) as database_url,
        processes.Pool(1, maxtasksperchild=1) as pool,
    ):
        pool.apply(fill, (database_url, count))
        return pool.apply(measure_peak, (database_url, count))


def main() -> None:
    """Measure both databases."""
    for kind in ("sqlite", "postgresql"):
        few, many = measure(kind, FEW), measure(kind, MANY)
        print(
            f"{f'{kind}: {MANY:,} messages due against {FEW:,}':<44} {many / few:5.2f} x "
            f"(limit {LIMIT}; {many:.0f} MB, {few:.0f} MB)",
            flush=True,
        )
