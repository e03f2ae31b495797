"""Reads that may be a second old go to a replica, where `BOOKING_REPLICA_URL` names one that keeps up.

Only whole views that change nothing do (`read_from_replica`); whatever else is asked, and every
transaction, is the primary's. A replica that is away or behind costs nobody an answer.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import structlog
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import NotFound

from booking.db.engines import REPLICA
from booking.extensions import db

View = TypeVar("View", bound=Callable[..., object])
log = structlog.get_logger()
LOOK_EVERY = 1.0  # seconds between two looks at whether it keeps up
AWAY_FOR = 10.0  # seconds for which one that failed is left alone
# A scheduler's heartbeat is written every few seconds, so one that replays nothing for so long is behind.
KEEPS_UP = text(
    "SELECT NOT pg_is_in_recovery()"
    " OR coalesce(now() - pg_last_xact_replay_timestamp() < interval '15 seconds', false)"
)


@dataclass(slots=True)
class ReplicaState:
    """What this process knows of the replica; looked at anew after `look_at` (monotonic seconds)."""

    keeps_up: bool = False
    look_at: float = 0.0

    def record(self, keeps_up: bool, seconds: float) -> None:
        """Keep what was seen for so many seconds; a change is logged."""
        if keeps_up is not self.keeps_up:
            log.warning("replica", keeps_up=keeps_up)
        self.keeps_up, self.look_at = keeps_up, time.monotonic() + seconds


def read_from_replica(view: View) -> View:
    """Let a view that only reads read from the replica.

    Where that fails, or something isn't there (yet), it runs again on the primary.
    """

    @functools.wraps(view)
    def read(*args: object, **kwargs: object) -> object:
        if REPLICA in db.engines and _is_usable():
            db.session.rollback()  # gives back the primary's connection
            db.session.info[REPLICA] = True
            try:
                return view(*args, **kwargs)
            except NotFound:
                log.debug("not_on_replica")  # perhaps not yet
            except (DBAPIError, PoolTimeoutError) as error:
                log.warning("replica_failed", kind=type(error).__name__)
                _state().record(keeps_up=False, seconds=AWAY_FOR)
            finally:
                db.session.remove()  # and with it the mark
        return view(*args, **kwargs)

    return cast(View, read)


def _state() -> ReplicaState:
    state: ReplicaState = current_app.extensions.setdefault("replica_state", ReplicaState())
    return state


def _is_usable() -> bool:
    state = _state()
    if time.monotonic() >= state.look_at:
        _look(state)
    return state.keeps_up


def _look(state: ReplicaState) -> None:
    state.look_at = time.monotonic() + AWAY_FOR  # meanwhile other threads go by what is known
    try:
        with db.engines[REPLICA].connect() as connection:
            state.record(bool(connection.scalar(KEEPS_UP)), LOOK_EVERY)
    except SQLAlchemyError:
        state.record(keeps_up=False, seconds=AWAY_FOR)
