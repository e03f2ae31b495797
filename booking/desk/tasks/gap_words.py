"""A gap that is soon too long, or is, as its task says it."""

from datetime import date

from flask_babel import gettext as _

from booking.tasks.models import Task, TaskKind
from booking.web.formats import format_day


def explain_gap_limit(task: Task) -> str:
    """Return which gap is too long, or soon will be, and the last day that keeps it."""
    day = date.fromisoformat(task.details["limit"])
    if task.kind is TaskKind.GAP_EXCEEDED:
        return str(
            _(
                "The gap after session %(number)s is over its limit since %(day)s.",
                number=task.details["after"],
                day=format_day(day),
            )
        )
    return str(
        _(
            "The gap after session %(number)s reaches its limit on %(day)s, with nothing booked.",
            number=task.details["after"],
            day=format_day(day),
        )
    )
