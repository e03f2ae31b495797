"""A primary and its replica of one test's own, on free ports of this machine."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade

from booking import create_database_app
from booking.extensions import db
from deploy.cluster.postgresql import Pair, Server, make_folder
from deploy.cluster.processes import Processes
from tests.databases import settings_for

DATABASE = "booking"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def migrated_pair() -> Iterator[Pair]:
    """Give both servers with our tables."""
    with tempfile.TemporaryDirectory(prefix="booking-pair-", dir=MEMORY) as made:
        path = Path(made)
        path.chmod(0o755)
        yield from _run_pair(path)


def _run_pair(path: Path) -> Iterator[Pair]:
    processes = Processes(path)
    data = make_folder(path / "data")
    servers = [Server(name, "127.0.0.1", free_port(), data) for name in ("one", "two")]
    pair = Pair(processes, *servers)
    try:
        pair.create(DATABASE)
        with create_database_app(settings_for(pair.primary_url(DATABASE))).app_context():
            upgrade()
            db.engine.dispose()
        yield pair
    finally:
        processes.stop_all()
