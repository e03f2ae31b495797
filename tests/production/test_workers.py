"""Workers are forked from a process that has loaded the app: they share its memory and nothing else."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.databases import postgresql_database, sqlite_database
from tests.demo.loopback_builders import until
from tests.processes import children_of, count_threads, memory_of, opened_by
from tests.server import ROOT, environment_for, wait_until_alive

WORKERS = 2
METRICS_TOKEN = "not-guessed-by-anybody"
OWN = 64  # MB, the limit of `make bench BENCH=memory`


@dataclass(frozen=True, slots=True)
class Web:
    """gunicorn that has imported everything itself: where it answers, and its first process."""

    url: str
    pid: int


@contextmanager
def started(app: str, database_url: str, log: Path, **settings: str) -> Iterator[Web]:
    """Start gunicorn as docs/operating.md says; its output goes to the file `log`."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener, log.open("wb") as output:
        port, number = listener.getsockname()[1], listener.fileno()
        options = ["--config", "deploy/gunicorn.conf.py", "--bind", f"fd://{number}"]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "--workers", str(WORKERS), app],
            cwd=ROOT,
            env=environment_for(database_url, **settings),
            stdout=output,
            stderr=output,
            pass_fds=[number],
        )
        try:
            wait_until_alive(port, log)
            yield Web(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database for all that is asked of one start."""
    with sqlite_database() if request.param == "sqlite" else postgresql_database() as url:
        yield url


@pytest.fixture(scope="module")
def web(kept_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The service."""
    log = tmp_path_factory.mktemp("web") / "gunicorn.log"
    with started("wsgi:app", kept_url, log, METRICS_TOKEN=METRICS_TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def opened_early(kept_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The service whose first process has talked to the database."""
    log = tmp_path_factory.mktemp("opened") / "gunicorn.log"
    with started("tests.production.opened_early:app", kept_url, log) as running:
        yield running


def answers_of_all(web: Web) -> list[dict[str, int]]:
    """Ask until each worker has answered; return one answer of each."""
    answers: dict[int, dict[str, int]] = {}

    def ask() -> bool:
        with urlopen(f"{web.url}/processes", timeout=60) as response:
            answer = json.load(response)
        answers[answer["answers"]] = answer
        return len(answers) == WORKERS

    until(ask, 60)
    return list(answers.values())


def test_the_first_process_has_nothing_open_but_its_port(web: Web) -> None:
    opened = opened_by(web.pid)
    assert len([name for name in opened if name.startswith("socket:")]) == 1
    assert [name for name in opened if "sqlite" in name] == []
    assert count_threads(web.pid) == 1


def test_each_worker_talks_to_the_database_on_connections_of_its_own(opened_early: Web) -> None:
    answers = answers_of_all(opened_early)
    assert [answer["connected"] for answer in answers] == [answer["answers"] for answer in answers]


def test_a_worker_shares_the_memory_of_the_app(web: Web) -> None:
    until(lambda: len(children_of(web.pid)) == WORKERS, 60)  # gunicorn takes a moment between two
    for _ in range(20):
        urlopen(f"{web.url}/desk/sign-in", timeout=60).close()
    workers = children_of(web.pid)
    assert max(own for own, _ in map(memory_of, workers)) < OWN


def count_answers(web: Web, endpoint: str) -> float:
    """Return how often a page was answered, as any worker tells it."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    with urlopen(Request(f"{web.url}/metrics", headers=headers), timeout=60) as response:
        figures = response.read().decode()
    name = f'booking_request_seconds_count{{endpoint="{endpoint}"}} '
    return sum(float(line.removeprefix(name)) for line in figures.splitlines() if name in line)


def test_whichever_worker_is_asked_tells_what_all_have_answered(web: Web) -> None:
    before = count_answers(web, "staff.show_sign_in")
    for _ in range(20):
        urlopen(f"{web.url}/desk/sign-in", timeout=60).close()
    told = [count_answers(web, "staff.show_sign_in") for _ in range(4)]
    assert told == [before + 20] * 4


def test_a_reload_makes_new_workers_of_the_app_as_it_was_loaded(opened_early: Web) -> None:
    before = children_of(opened_early.pid)

    def are_replaced() -> bool:
        workers = set(children_of(opened_early.pid))
        return len(workers) == WORKERS and workers.isdisjoint(before)

    os.kill(opened_early.pid, signal.SIGHUP)
    until(are_replaced, 60)
    for answer in answers_of_all(opened_early):
        assert answer["answers"] not in before
        assert answer["loaded"] == opened_early.pid
