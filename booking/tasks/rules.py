"""Which tasks are shown at once, and which are only coming."""

from datetime import datetime, timedelta

COMING_AFTER = timedelta(weeks=1)  # a task due later is nothing to do yet, and would hide what is


def is_coming(due_at: datetime, now: datetime) -> bool:
    """Tell whether a task is due so late that it is shown as coming (both UTC)."""
    return due_at >= now + COMING_AFTER
