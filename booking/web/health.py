"""Is the process alive, and is the service ready: for load balancers and people on call."""

from contextlib import suppress

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from booking import clock, zones
from booking.access import Access, access
from booking.appointments.local_times import are_local_times_current
from booking.extensions import db
from booking.messaging.restorations import find_unsettled_restoration
from booking.reminders.queries import read_scheduler_health

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@access(Access.PUBLIC)
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@access(Access.PUBLIC)
def readyz() -> tuple[Response, int]:
    """Say of each part whether it works: the database, its migrations, the scheduler's heartbeat.

    And whether local times are the promised ones by the version of `tzdata` that this process has, and
    whether what was sent since a backup that was restored is settled: nothing is sent before.
    """
    names = ("database", "migrations", "scheduler", "local_times", "settled")
    parts = dict.fromkeys(names, False)
    with suppress(SQLAlchemyError):  # what can't be read does not work
        parts["database"] = bool(db.session.scalar(select(1)))
        parts["migrations"] = is_migrated()
        parts["scheduler"] = read_scheduler_health(clock.now()).is_alive
        parts["local_times"] = are_local_times_current(clock.now())
        parts["settled"] = find_unsettled_restoration() is None
    return jsonify(**parts, tzdata=zones.VERSION), 200 if all(parts.values()) else 503


def is_migrated() -> bool:
    """Tell whether the database is at the newest revision of the migrations."""
    folder = current_app.extensions["migrate"].directory
    head_revision = ScriptDirectory(folder).get_current_head()
    current_revision = MigrationContext.configure(db.session.connection()).get_current_revision()
    return current_revision == head_revision
