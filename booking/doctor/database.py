"""The database: whether it answers, keeps what it acknowledged, has room, and agrees on the time."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from booking import clock
from booking.doctor.findings import Finding, fault, fine, warn
from booking.extensions import db

OLDEST_POSTGRESQL = 150000
CLOCKS_APART = timedelta(seconds=2)
LITTLE_ROOM, NO_ROOM = 5 * 1024**3, 512 * 1024**2  # bytes
# By PostgreSQL's name: without these an acknowledged booking may be gone after a power cut
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def check_database(_settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Say whether it answers, and whether it is safe to book in."""
    try:
        db.session.scalar(select(1))
    except SQLAlchemyError as error:
        yield fault("database", f"no answer: {type(error).__name__}", "see BOOKING_DATABASE_URL")
        return
    check = _check_postgresql if db.engine.dialect.name == "postgresql" else _check_sqlite
    problems = list(check())
    yield from problems or [fine("database", f"{db.engine.dialect.name}, safe to book in")]


def _check_postgresql() -> Iterator[Finding]:
    if int(_setting("server_version_num")) < OLDEST_POSTGRESQL:
        yield fault("database", "PostgreSQL is older than 15", "upgrade it")
    for name, safe in DURABLE.items():
        if (value := _setting(name)) not in (safe, "remote_apply", "remote_write", "local"):
            yield fault(
                "database",
                f"{name} is {value}: a power cut loses bookings",
                f"ALTER SYSTEM SET {name} = {safe}",
            )
    server_now = db.session.scalar(select(func.clock_timestamp()))
    if server_now and abs(clock.now() - server_now) > CLOCKS_APART:
        yield fault(
            "clocks", "the database's host has another time", "run chrony or ntpd on all hosts"
        )


def _setting(name: str) -> str:
    return str(db.session.scalar(select(func.current_setting(name))))


def _check_sqlite() -> Iterator[Finding]:
    if (answer := db.session.scalar(text("PRAGMA quick_check(1)"))) != "ok":
        yield fault("database", f"the file is damaged: {answer}", "stop, and restore the backup")
    folder = Path(str(db.engine.url.database)).parent
    room = shutil.disk_usage(folder).free
    if room < LITTLE_ROOM:
        say = fault if room < NO_ROOM else warn
        yield say("database", f"{room // 1024**2} MB are left on its disk", "make room")
