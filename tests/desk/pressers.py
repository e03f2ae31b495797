"""Two people at the desk who press at the same instant: two real processes, each with an app of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import time_machine

from booking.desk.people.signed_in import KEY
from tests.builders import NOW
from tests.desk.page_forms import PageForm
from tests.forked import forkserver
from tests.shared_app import app_on

PATIENCE = 60  # seconds
Pressed = tuple[int, str]  # the answer's status, and where it leads


class Pressers:
    """Two processes that each send a form when both are ready."""

    def __init__(self) -> None:
        self._ready = forkserver.Barrier(2)  # kept for the processes, which open it by name
        self._pipes, ends = zip(*(forkserver.Pipe() for _ in range(2)), strict=True)
        self.processes = [
            forkserver.Process(target=_press_until_told, args=(end, self._ready)) for end in ends
        ]
        for process in self.processes:
            process.start()

    def press(
        self, database_url: str, keys: tuple[str, str], forms: tuple[PageForm, PageForm],
        typed: Mapping[str, object],
    ) -> list[Pressed]:  # fmt: skip
        """Send a form from each process, by the sign-in of each of `keys`; return what they got."""
        for pipe, key, form in zip(self._pipes, keys, forms, strict=True):
            pipe.send((database_url, key, form.action, {**form.hidden, **typed}))
        return [pipe.recv() for pipe in self._pipes]

    def end(self) -> None:
        """Let both processes go."""
        for pipe, process in zip(self._pipes, self.processes, strict=True):
            pipe.send(None)
            process.join(PATIENCE)


@contextmanager
def two_pressers() -> Iterator[Pressers]:
    """Keep two processes until the block ends."""
    pressers = Pressers()
    try:
        yield pressers
    finally:
        pressers.end()


def _press_until_told(pipe: Any, ready: Any) -> None:
    while asked := pipe.recv():
        database_url, key, action, fields = asked
        pipe.send(_press(database_url, key, action, fields, ready))


def _press(database_url: str, key: str, action: str, fields: dict[str, Any], ready: Any) -> Pressed:
    """Send a form as a browser that is signed in, at the tests' hour."""
    with app_on(database_url) as app, time_machine.travel(NOW, tick=False):
        browser = app.test_client()
        with browser.session_transaction() as cookies:
            cookies[KEY] = key
        browser.get("/desk/sign-in")  # all that a first request makes is there
        ready.wait(PATIENCE)
        response = browser.post(action, data=fields)
    return response.status_code, response.location or ""
