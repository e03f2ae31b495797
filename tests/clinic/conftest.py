"""Files are loaded at eight on a Monday morning in Phoenix, and what a load writes is copied."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.builders import NOW


@pytest.fixture(autouse=True)
def _time_stands_still() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield
