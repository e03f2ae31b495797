"""Which messages a visit is owed, and when: pure, so that the demo and the tests can ask, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from booking.messaging.rules import Channel, earlier_if_at_night

TimedDue = TypeVar("TimedDue", bound="Timed")
REPEATS_WITHIN = timedelta(hours=10)  # a reminder so soon after another message says nothing new


class Kind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    MOVED = "moved"
    CANCELLATION = "cancellation"
    DAYS_BEFORE = "days_before"
    DAY_BEFORE = "day_before"
    HOURS_BEFORE = "hours_before"


class Only(StrEnum):
    """Whom a reminder is for, where it isn't for all."""

    FIRST_OR_UNCONFIRMED = "first_or_unconfirmed"


AT_BOOKING = frozenset({Kind.CONFIRMATION})
BEFORE = frozenset({Kind.DAYS_BEFORE, Kind.DAY_BEFORE, Kind.HOURS_BEFORE})


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """One message a visit is owed: at booking, or so many minutes before its start."""

    kind: Kind
    channel: Channel
    minutes_before: int | None = None
    only: Only | None = None

    def __post_init__(self) -> None:
        if (self.kind in BEFORE) is not (self.minutes_before is not None):
            raise ValueError(
                "minutes_before: expected for reminders before a visit, and for no other"
            )
        if self.minutes_before is not None and not 30 <= self.minutes_before <= 30 * 24 * 60:
            raise ValueError("minutes_before: expected 30 minutes to 30 days")

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ReminderRule":
        """Read a rule from plain data; raises `ValueError` or `KeyError` naming what is wrong."""
        only = data.get("only")
        return cls(
            Kind(data["kind"]),
            Channel(data["channel"]),
            data.get("minutes_before"),
            Only(only) if only else None,
        )

    def as_data(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        return {
            "kind": self.kind.value,
            "channel": self.channel.value,
            "minutes_before": self.minutes_before,
            "only": self.only.value if self.only else None,
        }


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What decides the messages of one booked visit; instants in UTC.

    `told_at` is when it was booked, or last moved; `in_list` that its booking is told together with
    others', as a series is; `only_the_clocks_changed` that it was moved to keep its local time.
    """

    starts_at: datetime
    told_at: datetime
    time_zone: str
    is_first: bool
    is_confirmed: bool
    was_moved: bool
    in_list: bool
    channels: frozenset[Channel]
    only_the_clocks_changed: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A message of a kind, on a channel, to be sent at an instant."""

    kind: Kind
    channel: Channel
    send_at: datetime
    immediate: bool


def due_for(visit: VisitFacts, rules: Sequence[ReminderRule]) -> list[Due]:
    """Return the messages a booked visit is owed, in the order in which they go.

    A reminder that would fall in the night goes the evening before; one that would then, or so soon after
    the booking, repeat another on its channel is left out (DESIGN invariant 9, REFERENCES §5).
    """
    found: list[Due] = []
    for rule in sorted(rules, key=lambda rule: -(rule.minutes_before or 10**6)):
        if rule.channel not in visit.channels or not _applies(rule, visit):
            continue
        due = _due(rule, visit)
        if due is not None and not _repeats(due, found, visit):
            found.append(due)
    return found


class Timed(Protocol):
    """What is to be sent on a channel at an instant."""

    @property
    def channel(self) -> Channel:
        """How it travels."""

    @property
    def send_at(self) -> datetime:
        """When it goes, in UTC."""


def still_useful(dues: Sequence[TimedDue], now: datetime) -> list[TimedDue]:
    """Return, of messages that were held back for a while, those to come and each channel's last before.

    What would have gone earlier says less than that one, and would go together with it.
    """
    in_order = sorted(dues, key=lambda due: due.send_at)
    passed = {due.channel: due for due in in_order if due.send_at <= now}
    return [due for due in dues if due.send_at > now or due is passed[due.channel]]


def _applies(rule: ReminderRule, visit: VisitFacts) -> bool:
    if rule.kind in AT_BOOKING:
        return visit.was_moved or not visit.in_list
    if rule.only is Only.FIRST_OR_UNCONFIRMED:
        return visit.is_first or not visit.is_confirmed
    return True


def _due(rule: ReminderRule, visit: VisitFacts) -> Due | None:
    if rule.minutes_before is None and visit.only_the_clocks_changed:
        # The time people know is the same, so none is texted; calendars get the new instant.
        is_email = rule.channel is Channel.EMAIL
        return Due(rule.kind, rule.channel, visit.told_at, immediate=True) if is_email else None
    if rule.minutes_before is None:
        kind = Kind.MOVED if visit.was_moved else rule.kind
        return Due(kind, rule.channel, visit.told_at, immediate=True)
    send_at = visit.starts_at - timedelta(minutes=rule.minutes_before)
    if rule.channel is Channel.SMS:
        decent = earlier_if_at_night(send_at, visit.time_zone)
        if decent != send_at and rule.kind is Kind.HOURS_BEFORE:
            return None  # the evening before it would repeat the day's reminder, and say "today"
        send_at = decent
    return Due(rule.kind, rule.channel, send_at, immediate=False)


def _repeats(due: Due, before: Sequence[Due], visit: VisitFacts) -> bool:
    if due.immediate:
        return False
    said = timedelta(0) if visit.only_the_clocks_changed else REPEATS_WITHIN
    if due.send_at < visit.told_at + said:
        return True
    return any(
        other.channel is due.channel and due.send_at - other.send_at < REPEATS_WITHIN
        for other in before
    )
