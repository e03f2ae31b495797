"""Many clients at once: real processes, each with a few threads that all wait for one starting shot."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.forked import forkserver

THREADS = 8


def post_at_once(url: str, bodies: list[dict[str, Any]]) -> list[tuple[int, Any]]:
    """Send each body to `url` at the same moment, from a process for each eight; return the answers."""
    shares = [bodies[first : first + THREADS] for first in range(0, len(bodies), THREADS)]
    shot = forkserver.Barrier(len(shares))
    answers: Any = forkserver.Queue()
    racers = [
        forkserver.Process(target=_race, args=(url, share, shot, answers)) for share in shares
    ]
    for racer in racers:
        racer.start()
    found = [answer for _ in racers for answer in answers.get(timeout=120)]
    for racer in racers:
        racer.join(10)
    return found


def _race(url: str, bodies: list[dict[str, Any]], shot: Any, answers: Any) -> None:
    start = threading.Barrier(len(bodies), action=shot.wait)
    with ThreadPoolExecutor(len(bodies)) as threads:
        answers.put(list(threads.map(lambda body: _post(url, body, start), bodies)))


def _post(url: str, body: dict[str, Any], start: threading.Barrier) -> tuple[int, Any]:
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1"
    connection = HTTPConnection(parts.hostname, parts.port, timeout=60)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": body["patient"]["phone"],
    }
    start.wait(60)
    try:
        connection.request("POST", parts.path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
