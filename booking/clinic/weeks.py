"""Weekly hours as the clinic file writes them: weekdays, spans of local time, hours past midnight."""

import re
from datetime import time
from enum import StrEnum
from itertools import pairwise
from typing import Any

from booking.calendars.local_days import CELL_MINUTES
from booking.locations.rules import END_OF_DAY

CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
SPAN = re.compile(rf"({CLOCK})-({CLOCK}|24:00)")
LATEST_CLOSE = time(6)  # of hours past midnight: "17:00-08:00" is a slip
Span = tuple[time, time]


class Weekday(StrEnum):
    """A day of the week by its name; Monday's number is 0."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """The number that `date.weekday()` gives."""
        return list(Weekday).index(self)

    @property
    def next(self) -> "Weekday":
        """The day after, Monday after Sunday."""
        return list(Weekday)[(self.number + 1) % 7]


def parse_spans(value: Any) -> tuple[Span, ...]:
    """Read "09:00-12:00, 13:00-17:00" as spans of local time, "closed" as none.

    Only the last may end after midnight; `split_past_midnight` gives the rest of it to the next day.
    """
    if value == "closed":
        return ()
    parts = value.split(", ") if isinstance(value, str) else [""]
    return _in_order(tuple(parse_span(part) for part in parts))


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if any(not first < ends <= begins for (first, ends), (begins, _) in pairwise(spans)):
        raise ValueError("expected spans in order that do not overlap")
    return spans


def parse_span(text: str) -> Span:
    """Read "09:00-17:00", on the calendar's grid of 5 minutes; "24:00" and "00:00" end with the day."""
    span = SPAN.fullmatch(text)
    if span is None:
        raise ValueError('expected "09:00-17:00" or "closed"')
    begins, ends = (END_OF_DAY if at == "24:00" else time.fromisoformat(at) for at in span.groups())
    off_the_grid = any(at.minute % CELL_MINUTES for at in (begins, ends) if at != END_OF_DAY)
    if begins == ends or off_the_grid:
        raise ValueError("expected a beginning before the end, both on multiples of 5 minutes")
    if LATEST_CLOSE < ends < begins:
        raise ValueError("expected an end after the beginning, or by 06:00 the next day")
    return begins, ends if ends > time() else END_OF_DAY


def require_within_day(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Refuse hours past midnight, which are of two days."""
    if any(begins > ends for begins, ends in spans):
        raise ValueError("expected hours within the day; what is past midnight is the next day's")
    return spans


def split_past_midnight(week: dict[Weekday, tuple[Span, ...]]) -> dict[Weekday, tuple[Span, ...]]:
    """Give to the next day what a day's last span has of it, as no appointment spans midnight."""
    split = dict(week)
    for day, spans in week.items():
        if spans and spans[-1][0] > spans[-1][1]:
            begins, ends = spans[-1]
            split[day] = (*split[day][:-1], (begins, END_OF_DAY))
            split[day.next] = _in_order(((time(), ends), *split.get(day.next, ())))
    return split
