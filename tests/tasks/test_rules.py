"""Which tasks are only coming."""

from datetime import timedelta

import pytest

from booking.tasks.rules import is_coming
from tests.builders import NOW


@pytest.mark.parametrize(
    ("due_in", "coming"),
    [
        (timedelta(days=-1), False),
        (timedelta(days=7, microseconds=-1), False),
        (timedelta(days=7), True),
    ],
)
def test_a_task_due_in_a_week_or_later_is_coming(due_in: timedelta, *, coming: bool) -> None:
    assert is_coming(NOW + due_in, NOW) is coming
