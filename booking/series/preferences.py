"""The days, times and places a patient asks for: each is a rule (*only*) or a wish (*rather*)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from booking.series.rules import InvalidSchedule

EVERY_DAY = frozenset(range(7))
WEEKDAYS_EXPECTED = "weekdays: expected one or more whole numbers, from 0 (Monday) to 6"
CLOCK = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Days of the week (Monday is 0), and the local times of the first and the last start of a day."""

    weekdays: frozenset[int] = EVERY_DAY
    earliest: time = time(0)
    latest: time = time(23, 59)

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise InvalidSchedule(WEEKDAYS_EXPECTED)
        if self.latest < self.earliest:
            raise InvalidSchedule("to: expected a time after from")

    @property
    def minutes(self) -> tuple[int, int]:
        """The first and the last minute of the day at which an appointment may start."""
        return _minute(self.earliest), _minute(self.latest)

    def allows(self, weekday: int, minute: int) -> bool:
        """Tell whether a start lies in the window: on one of its days, within its times."""
        first, last = self.minutes
        return weekday in self.weekdays and first <= minute <= last

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "TimeWindow":
        """Read a window from plain data; raises `InvalidSchedule`."""
        weekdays = data.get("weekdays", [*EVERY_DAY])
        if not isinstance(weekdays, list) or any(type(day) is not int for day in weekdays):
            raise InvalidSchedule(WEEKDAYS_EXPECTED)
        earliest, latest = _clock(data, "from", "00:00"), _clock(data, "to", "23:59")
        return cls(frozenset(weekdays), earliest, latest)

    def to_dict(self) -> dict[str, Any]:
        """Return the window as plain data."""
        return {
            "weekdays": sorted(self.weekdays),
            "from": self.earliest.isoformat("minutes"),
            "to": self.latest.isoformat("minutes"),
        }


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is asked for: no session outside `only`; one outside `rather` costs (`planning/costs.py`).

    `locations` are the slugs of further locations that the patient would go to, beside the series' own.
    """

    only: TimeWindow = field(default_factory=TimeWindow)
    rather: TimeWindow = field(default_factory=TimeWindow)
    locations: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Preferences":
        """Read preferences from plain data; raises `InvalidSchedule`."""
        only, rather = (TimeWindow.from_dict(data.get(name, {})) for name in ("only", "rather"))
        return cls(only, rather, tuple(data.get("locations", ())))

    def to_dict(self) -> dict[str, Any]:
        """Return the preferences as plain data."""
        return {
            "only": self.only.to_dict(),
            "rather": self.rather.to_dict(),
            "locations": list(self.locations),
        }


def _clock(data: Mapping[str, Any], name: str, default: str) -> time:
    """Read a local time like 09:00; raise `InvalidSchedule` for anything else, seconds and 24:00, too."""
    text = data.get(name, default)
    if not isinstance(text, str) or not CLOCK.fullmatch(text):
        raise InvalidSchedule(f"{name}: expected a time like 09:00, from 00:00 to 23:59")
    return time.fromisoformat(text)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
