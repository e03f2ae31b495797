"""A loopback provider for each test that asks for one."""

from collections.abc import Iterator

import pytest

from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A fresh provider on a free port, quick with its reports."""
    with Loopback(behaviour=Behaviour(seconds=0.01)) as server:
        yield server
