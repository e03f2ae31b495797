"""Who is offered which sooner time, and when one may be offered at all: first come, first served."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from booking.calendars.local_days import PartOfDay
from booking.messaging.rules import within_sending_hours

LEAST_NOTICE = timedelta(
    hours=2
)  # nobody is offered a time that begins sooner, whatever the service


class EntryStatus(StrEnum):
    """Where somebody's place on the waitlist stands."""

    WAITING = "waiting"
    LEFT = "left"  # taken off, by themselves or the desk
    MOVED = "moved"  # an offer was accepted
    ENDED = "ended"  # the appointment was cancelled, or has begun


class OfferStatus(StrEnum):
    """What became of a time that was offered."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody answered in time
    UNSENT = "unsent"  # its message never left, so nobody is to blame
    WITHDRAWN = "withdrawn"  # whoever it was for left the list, or the time can't be kept any more


REFUSED_STATES = (OfferStatus.DECLINED, OfferStatus.EXPIRED)  # that day is not offered again


class EmptyWish(ValueError):
    """No day, no part of the day or no location was chosen: nothing could ever be offered."""


@dataclass(frozen=True, slots=True)
class Wish:
    """When (Monday is 0) and where somebody could come sooner."""

    weekdays: frozenset[int]
    parts: frozenset[PartOfDay]
    location_ids: frozenset[int]

    def __post_init__(self) -> None:
        if not (self.weekdays and self.parts and self.location_ids):
            raise EmptyWish

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Wish":
        """Read a wish from plain data, as it is kept."""
        return cls(
            frozenset(data["weekdays"]),
            frozenset(PartOfDay(part) for part in data["parts"]),
            frozenset(data["location_ids"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the wish as plain data."""
        return {
            "weekdays": sorted(self.weekdays),
            "parts": [part.value for part in PartOfDay if part in self.parts],
            "location_ids": sorted(self.location_ids),
        }


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A start that is free, in UTC, and the local day and part of the day it lies in."""

    starts_at: datetime
    location_id: int
    local_date: date
    part: PartOfDay


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """Somebody in line: the local date of their appointment, and those they let go by."""

    entry_id: int
    wish: Wish
    appointment_date: date
    refused_dates: frozenset[date]

    def suits(self, free_time: FreeTime) -> bool:
        """Tell whether a time is on an earlier day than the appointment, and one they could come at."""
        return (
            free_time.local_date < self.appointment_date
            and free_time.local_date not in self.refused_dates
            and free_time.local_date.weekday() in self.wish.weekdays
            and free_time.part in self.wish.parts
            and free_time.location_id in self.wish.location_ids
        )


def may_offer_at(now: datetime, hold: timedelta, time_zone: str) -> bool:
    """Tell whether an offer made now ends within the sending hours too: none reaches into the night."""
    return within_sending_hours(now, time_zone) and within_sending_hours(now + hold, time_zone)
