"""Reads the busy times out of a calendar file that a stranger wrote: run as a program of its own.

A file of a few lines can ask for more than any machine has (FREQ=SECONDLY, from the year 1). So nothing of it
is read in the scheduler's process: this one has neither its settings nor its database, and ends at limits
of time and memory that the kernel keeps.

In: the file at standard input; as arguments the zone (IANA) of times that name none, the span [begins, ends)
that is asked about (ISO 8601, UTC), seconds of computing time, and the end of the UIDs that are our own.
Out: JSON, `{"busy": [[begins, ends], …]}` in order and apart, or `{"refusal": code}`.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, reset_tzpath

from icalendar import Calendar, Component, vDDDTypes, vPeriod
from recurring_ical_events import of

MEMORY = 768 * 1024 * 1024  # bytes
MOST_SPANS = 5000  # after those that touch are one: twenty a working day for a year
DAY = timedelta(days=1)  # nowhere is the clock further from UTC
NO_CALENDAR, TOO_MUCH = "no_calendar", "too_much"

Span = tuple[datetime, datetime]


def list_busy_spans(body: bytes, zone: ZoneInfo, period: Span, own_uids: str) -> list[Span]:
    """Return when a calendar is busy within `period`, in UTC. Raises `ValueError` for what is no calendar."""
    spans: list[Span] = []
    for calendar in Calendar.from_ical(body, multiple=True):
        if calendar.name != "VCALENDAR":
            raise ValueError(calendar.name)
        spans += _of_events(calendar, zone, period, own_uids)
        spans += _of_free_busy(calendar, zone)
    return list(merge_spans(_clip(spans, period)))


def _of_events(calendar: Component, zone: ZoneInfo, period: Span, own_uids: str) -> Iterator[Span]:
    calendar.subcomponents = [part for part in calendar.subcomponents if _has_start(part)]
    occurrences = of(calendar, skip_bad_series=True).between(period[0] - DAY, period[1] + DAY)
    for event in occurrences:
        if _is_busy(event) and not str(event.get("UID", "")).endswith(own_uids):
            begins, ends = event["DTSTART"].dt, event["DTEND"].dt
            yield _instant(begins, zone), _instant(ends, zone)


def _has_start(part: Component) -> bool:
    """Tell whether an event says once when it begins: one that doesn't is at no time."""
    return part.name != "VEVENT" or isinstance(part.get("DTSTART"), vDDDTypes)


def _is_busy(event: Component) -> bool:
    """Tell whether an event takes time (RFC 5545, 3.8.2.7 and 3.8.1.11; Outlook's own word for the first)."""
    status, transparency, outlook = (
        str(event.get(name, "")).upper()
        for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")
    )
    return status != "CANCELLED" and transparency != "TRANSPARENT" and outlook != "FREE"


def _of_free_busy(calendar: Component, zone: ZoneInfo) -> Iterator[Span]:
    """Yield the periods of a calendar that publishes nothing but when it is busy (RFC 5545, 3.6.4)."""
    for component in calendar.walk("VFREEBUSY"):
        for period in _list_of(component.get("FREEBUSY", [])):
            if isinstance(period, vPeriod) and period.params.get("FBTYPE", "BUSY") != "FREE":
                yield _instant(period.start, zone), _instant(period.end, zone)


def _list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _instant(at: date | datetime, zone: ZoneInfo) -> datetime:
    """Return a time in UTC: one without a zone, or a day, is of the clock on the practitioner's wall."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _clip(spans: Iterable[Span], period: Span) -> Iterator[Span]:
    for begins, ends in spans:
        span = max(begins, period[0]), min(ends, period[1])
        if span[0] < span[1]:
            yield span


def merge_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order, those that touch as one."""
    open_span: Span | None = None
    for begins, ends in sorted(spans):
        if open_span and begins <= open_span[1]:
            open_span = open_span[0], max(open_span[1], ends)
        else:
            if open_span:
                yield open_span
            open_span = begins, ends
    if open_span:
        yield open_span


def build_output(body: bytes, arguments: list[str]) -> dict[str, Any]:
    """Return what this program prints."""
    zone, begins, ends, _seconds, own_uids = arguments
    period = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    try:
        spans = list_busy_spans(body, ZoneInfo(zone), period, own_uids)
    except (MemoryError, RecursionError):
        return {"refusal": TOO_MUCH}
    except Exception:  # noqa: BLE001 - whatever libraries raise over a file, it isn't read
        return {"refusal": NO_CALENDAR}
    if len(spans) > MOST_SPANS:
        return {"refusal": TOO_MUCH}
    return {"busy": [[begins.isoformat(), ends.isoformat()] for begins, ends in spans]}


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    reset_tzpath(())  # zones are those of tzdata, as everywhere
    _limit(int(sys.argv[4]))
    json.dump(build_output(sys.stdin.buffer.read(), sys.argv[1:]), sys.stdout)
