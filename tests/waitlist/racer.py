"""A process that answers offers or looks for free times when told to, and may be killed at it."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

from booking import create_app
from booking.db.transactions import OverlapError
from booking.extensions import db
from booking.messaging.rules import Channel
from booking.waitlist.offering import update_waitlist
from booking.waitlist.offers import OfferOver, accept_offer, decline_offer
from tests.databases import settings_for
from tests.forked import forkserver
from tests.waitlist.waiting import HOLD


class Step(StrEnum):
    """What a racer can be told to do."""

    TICK = "tick"
    ACCEPT = "accept"
    DECLINE = "decline"


@dataclass(frozen=True)
class Order:
    """Do this, as if it were `now`; with `dies_after` be killed so many seconds after the start."""

    step: Step
    now: datetime
    token: str = ""
    dies_after: float | None = None


class Racers:
    """Some processes that do each their order at the same moment."""

    def __init__(self, database_url: str, count: int) -> None:
        self.database_url, self.shot = database_url, forkserver.Barrier(count)
        self.racers = [self._start() for _ in range(count)]

    def run(self, orders: list[Order]) -> list[str]:
        """Return what came of each order: its answer, or "killed"."""
        for (_, connection), order in zip(self.racers, orders, strict=True):
            connection.send(order)
        outcomes = []
        for number, (process, connection) in enumerate(self.racers):
            try:
                outcomes.append(connection.recv())
            except EOFError:
                process.join(10)
                assert process.exitcode == -signal.SIGKILL
                self.racers[number] = self._start()
                outcomes.append("killed")
        return outcomes

    def stop(self) -> None:
        """End them all."""
        for process, _ in self.racers:
            process.kill()
            process.join(10)

    def _start(self) -> tuple[ForkServerProcess, Connection]:
        ours, theirs = forkserver.Pipe()
        process = forkserver.Process(target=obey, args=(self.database_url, theirs, self.shot))
        process.start()
        theirs.close()
        return process, ours


def obey(database_url: str, connection: Connection, shot: Any) -> None:
    """Do what is ordered until killed."""
    app = create_app(settings_for(database_url))
    with app.app_context():
        while True:
            order: Order = connection.recv()
            shot.wait(60)
            if order.dies_after is not None:
                threading.Timer(order.dies_after, os.kill, (os.getpid(), signal.SIGKILL)).start()
            outcome = ACTIONS[order.step](order)
            db.session.remove()
            if order.dies_after is not None:
                signal.pause()  # what it did is done; nobody hears of it
            connection.send(outcome)


def _tick(order: Order) -> str:
    return f"offered {update_waitlist(order.now, HOLD, list(Channel))}"


def _accept(order: Order) -> str:
    try:
        return f"moved {accept_offer(order.token, order.now).id}"
    except (OfferOver, OverlapError) as refusal:
        return type(refusal).__name__


def _decline(order: Order) -> str:
    try:
        decline_offer(order.token, order.now)
    except OfferOver:
        return "OfferOver"
    return "declined"


ACTIONS: dict[Step, Callable[[Order], str]] = {
    Step.TICK: _tick,
    Step.ACCEPT: _accept,
    Step.DECLINE: _decline,
}
