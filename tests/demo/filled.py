"""The demo's database as its first start leaves it, made once a run: filling it takes seconds."""

import shutil
from datetime import datetime
from pathlib import Path

from flask_migrate import upgrade

from booking import create_app
from booking.demo import own_database
from booking.demo.operations import prepare
from booking.extensions import db
from tests.databases import settings_for
from tests.shared_run import folder, one_at_a_time


def copy_filled_database(now: datetime, path: Path) -> None:
    """Copy to `path` a demo's database that was filled at `now`."""
    template = folder() / f"demo-{now:%Y%m%d%H%M}.sqlite3"
    with one_at_a_time("demo"):
        if not template.exists():
            _fill(template.with_suffix(".unfinished"), now).rename(template)
    shutil.copyfile(template, path)


def _fill(path: Path, now: datetime) -> Path:
    own_database.make(path)
    app = create_app({**settings_for(f"sqlite:///{path}"), "DEMO": True})
    with app.app_context():
        upgrade()
        prepare(now)
        db.session.remove()
        db.engine.dispose()
    return path
