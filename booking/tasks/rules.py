"""Which tasks are shown at once, which are only coming, and who closes one."""

from datetime import datetime, timedelta

PRACTITIONER = "practitioner"  # the owner's code
COMING_AFTER = timedelta(weeks=1)  # a task due later is nothing to do yet, and would hide what is


def is_coming(due_at: datetime, now: datetime) -> bool:
    """Tell whether a task is due so late that it is shown as coming (both UTC)."""
    return due_at >= now + COMING_AFTER


def may_close(owner: str, *, is_practitioner: bool) -> bool:
    """Tell whether somebody may close a task by hand: a practitioner's only a practitioner."""
    return is_practitioner or owner != PRACTITIONER
