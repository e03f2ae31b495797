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
        earlier, later = (
            parser.parse(GREENWICH.sub("", text), default=default, tzinfos=_zone_of)
            for default in DEFAULTS
        )
    except (ValueError, OverflowError) as error:
        raise RowRefused(UNREAD) from error
    return Reading(
        earlier.date() if earlier.date() == later.date() else None,
        earlier.timetz() if earlier.time() == later.time() else None,
    )


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
