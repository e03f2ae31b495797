"""When an appointment starts, as exports write it: in one cell, or the day in one and the hour in another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser

from booking.importing.outcomes import RowRefused

UNREAD = "no day and time that can be read"
# A text that leaves out a day or an hour is read otherwise with each of these.
DEFAULTS = (datetime(2000, 1, 1, 1), datetime(2001, 2, 2, 2))  # noqa: DTZ001 - wall clocks
# IANA's Etc zones count west of Greenwich.
US_ZONES: Mapping[str, ZoneInfo] = {
    "EDT": ZoneInfo("Etc/GMT+4"),
    "EST": ZoneInfo("Etc/GMT+5"),
    "CDT": ZoneInfo("Etc/GMT+5"),
    "CST": ZoneInfo("Etc/GMT+6"),
    "MDT": ZoneInfo("Etc/GMT+6"),
    "MST": ZoneInfo("Etc/GMT+7"),
    "PDT": ZoneInfo("Etc/GMT+7"),
    "PST": ZoneInfo("Etc/GMT+8"),
    "AKDT": ZoneInfo("Etc/GMT+8"),
    "AKST": ZoneInfo("Etc/GMT+9"),
    "HST": ZoneInfo("Etc/GMT+10"),
    "ET": ZoneInfo("America/New_York"),
    "CT": ZoneInfo("America/Chicago"),
    "MT": ZoneInfo("America/Denver"),
    "PT": ZoneInfo("America/Los_Angeles"),
}
CLOCK, HALF = r"\d{1,2}(?::\d{2}){0,2}", r"[ap]\.?\s?m\.?"
# From when to when: 9:00 AM - 10:00 AM
RANGE = re.compile(
    rf"(?<![\d:/.-])({CLOCK})\s*({HALF})?(\s*(?:[-–—]|\bto\b)\s*)({CLOCK})\s*({HALF})?(?=\s*\(?[A-Z]*\)?$)",
    re.IGNORECASE,
)
# The parser reads "GMT-7" as POSIX does, seven hours the other way.
GREENWICH = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says of a start; `time` with a zone where the text names one."""

    day: date | None
    time: time | None


def parse_start_cells(day_text: str, time_text: str, zone: ZoneInfo) -> datetime:
    """Return the instant that two cells name, month before day; where they name no zone, in `zone`.

    The day may stand in either or in both. Raises `RowRefused`.
    """
    readings = [_read(text) for text in (day_text, time_text) if text]
    days = {reading.day for reading in readings if reading.day}
    times = [reading.time for reading in readings if reading.time]
    if not days or not times:
        raise RowRefused(UNREAD)
    if len(days) > 1:
        raise RowRefused("its columns name different days")
    return _in_zone(datetime.combine(days.pop(), times[-1]), zone)


def _read(text: str) -> Reading:
    try:
        text = _leave_end_out(GREENWICH.sub("", text))
        earlier, later = (
            parser.parse(text, default=default, tzinfos=_zone_of) for default in DEFAULTS
        )
    except (ValueError, OverflowError) as error:
        raise RowRefused(UNREAD) from error
    return Reading(
        earlier.date() if earlier.date() == later.date() else None,
        earlier.timetz() if earlier.time() == later.time() else None,
    )


def _leave_end_out(text: str) -> str:
    """Return a text that has a time from when to when as if it said from when; else as it is.

    A start without AM or PM has the end's, or the other where it would come after it. Raises `ValueError`.
    """
    match = RANGE.search(text)
    if match is None:
        return text
    start, half, dash, end, end_half = match.groups(default="")
    if not end_half and (half or ":" not in start or ":" not in end):
        return text
    if not end_half and dash.endswith("-"):
        _require_offset(start, end, text[: match.start()])
        return text
    halves = [half] if half or not end_half else [end_half, "am", "pm"]
    ends_at = parser.parse(f"{end} {end_half}").time()
    starts = (f"{start} {each}" for each in halves)
    begin = next((each for each in starts if parser.parse(each).time() < ends_at), None)
    if begin is None:
        raise ValueError("it ends before it starts")
    return text[: match.start()] + begin + text[match.end() :]


def _require_offset(start: str, end: str, before: str) -> None:
    """Raise `ValueError` for 09:00-10:00, which may be an offset or an end; 13:00-07:00 is no end."""
    is_like_an_end = start.count(":") == 1 and parser.parse(start).time() < parser.parse(end).time()
    if is_like_an_end and not before.endswith("T"):
        raise ValueError("an offset or an end")


def _zone_of(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone that a text names: by its offset in seconds, or as people in the US call it."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return None
    if name not in US_ZONES:
        raise RowRefused("the time is in a zone that isn't known")
    return US_ZONES[name]


def _in_zone(local_time: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant; a zone by name has to be the location's then, as people mix up PST and PDT."""
    in_zone = local_time.replace(tzinfo=zone)
    if local_time.tzinfo is None:
        return in_zone
    if isinstance(local_time.tzinfo, ZoneInfo) and local_time.utcoffset() != in_zone.utcoffset():
        raise RowRefused("the time is in another zone than the location's")
    return local_time
