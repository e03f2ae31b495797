"""The service under gunicorn, killed and started again on one socket, which holds connections meanwhile."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.forked import forkserver
from tests.processes import children_of
from tests.server import environment_for, run_gunicorn, wait_until_alive


class KilledWeb:
    """Several workers on one database, whose processes end by SIGKILL."""

    def __init__(self, listener: socket.socket, database_url: str, log: Path, workers: int) -> None:
        self.listener, self.log, self.workers = listener, log, workers
        self.port = listener.getsockname()[1]
        self.environment = environment_for(database_url, PUBLIC_URL=f"http://127.0.0.1:{self.port}")
        self._process: ForkServerProcess | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        arguments = (self.listener, self.workers, self.environment, self.log)
        self._process = forkserver.Process(target=run_gunicorn, args=arguments)
        self._process.start()
        wait_until_alive(self.port, self.log)

    def kill_workers(self) -> None:
        """Kill what answers requests; gunicorn's first process starts others."""
        for worker in children_of(self._first):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill every process, the first one before it can start others."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self._process is not None:
            self._process.join(30)

    @property
    def processes(self) -> list[int]:
        """The first process and its workers."""
        return [self._first, *children_of(self._first)]

    @property
    def _first(self) -> int:
        return self._process.pid or 0 if self._process is not None else 0


@contextmanager
def killed_web(database_url: str, log: Path, workers: int = 2) -> Iterator[KilledWeb]:
    """Run the service until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        web = KilledWeb(listener, database_url, log, workers)
        web.start()
        try:
            yield web
        finally:
            web.kill_all()
