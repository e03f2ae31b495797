"""Which messages an appointment is owed, and when: pure, so that the demo and the tests can ask, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from booking.messaging.rules import Channel, move_before_night

TimedDue = TypeVar("TimedDue", bound="TimedMessage")
REPEAT_WINDOW = timedelta(hours=10)  # a reminder so soon after another message says nothing new


class MessageKind(StrEnum):
    """What a message is for."""

    CONFIRMATION = "confirmation"
    MOVED = "moved"
    CANCELLATION = "cancellation"
    SCHEDULE = "schedule"  # of a series some were cancelled and others booked at once
    DAYS_BEFORE = "days_before"
    DAY_BEFORE = "day_before"
    HOURS_BEFORE = "hours_before"
    LINKS = "links"
    OFFER = "offer"
    FORM = "form"
    CHOICE = "choice"


class Audience(StrEnum):
    """Whom a reminder is for, where it isn't for all."""

    FIRST_OR_UNCONFIRMED = "first_or_unconfirmed"


AT_BOOKING = frozenset({MessageKind.CONFIRMATION})
# Whatever the clinic's rules
AT_CHANGE = frozenset({MessageKind.MOVED, MessageKind.CANCELLATION, MessageKind.SCHEDULE})
ON_REQUEST = frozenset({MessageKind.LINKS, MessageKind.OFFER})  # the person asked to be told
BY_ORDER = frozenset({MessageKind.FORM})  # a practitioner switched it on for this patient
BY_CLINIC = frozenset({MessageKind.CHOICE})  # it can't keep a time, and asks about another
NEVER_BY_RULE = AT_CHANGE | ON_REQUEST | BY_ORDER | BY_CLINIC
REMINDER_KINDS = frozenset(MessageKind) - AT_BOOKING - NEVER_BY_RULE


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """One message an appointment is owed: at booking, or so many minutes before its start."""

    kind: MessageKind
    channel: Channel
    minutes_before: int | None = None
    only: Audience | None = None

    def __post_init__(self) -> None:
        if self.kind in NEVER_BY_RULE:
            raise ValueError("kind: expected a confirmation or a reminder; changes are always told")
        if (self.kind in REMINDER_KINDS) is not (self.minutes_before is not None):
            raise ValueError(
                "minutes_before: expected for reminders before a visit, and for no other"
            )
        if self.minutes_before is not None and not 30 <= self.minutes_before <= 30 * 24 * 60:
            raise ValueError("minutes_before: expected 30 minutes to 30 days")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ReminderRule":
        """Read a rule from plain data; raises `ValueError` or `KeyError` naming what is wrong."""
        audience = data.get("only")
        return cls(
            MessageKind(data["kind"]),
            Channel(data["channel"]),
            data.get("minutes_before"),
            Audience(audience) if audience else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        return {
            "kind": self.kind.value,
            "channel": self.channel.value,
            "minutes_before": self.minutes_before,
            "only": self.only.value if self.only else None,
        }


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """What decides the messages of one booked appointment; instants in UTC.

    `informed_at` is when it was booked, or last moved; `in_list` that its booking is told together with
    others', as a series is; `only_the_clocks_changed` that it was moved to keep its local time. From
    `readiness_asked_at`, the evening before an infusion, its page asks whether the patient is ready.
    """

    starts_at: datetime
    informed_at: datetime
    time_zone: str
    is_first: bool
    is_confirmed: bool
    was_moved: bool
    in_list: bool
    channels: frozenset[Channel]
    only_the_clocks_changed: bool = False
    readiness_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A message of a kind, on a channel, to be sent at an instant."""

    kind: MessageKind
    channel: Channel
    send_at: datetime
    immediate: bool


def compute_reminders(
    appointment: AppointmentFacts, rules: Sequence[ReminderRule]
) -> list[DueReminder]:
    """Return the messages a booked appointment is owed, in the order in which they go.

    Of a move everybody is told, whatever the rules. A reminder that would fall in the night goes the
    evening before; one that would then, or so soon after the booking, repeat another on its channel is left
    out (DESIGN invariant 9, REFERENCES §5). The day before an infusion it asks something: it goes when that
    is asked, by e-mail where no text may go.
    """
    reminders = _tell_move(appointment) if appointment.was_moved else []
    for written in sorted(rules, key=lambda rule: -(rule.minutes_before or 10**6)):
        rule = _by_other_channel(written, appointment)
        if rule.channel not in appointment.channels or not _applies(rule, appointment):
            continue
        reminder = compute_due(rule, appointment)
        if reminder is not None and not _repeats_earlier(reminder, reminders, appointment):
            reminders.append(reminder)
    return reminders


class TimedMessage(Protocol):
    """What is to be sent on a channel at an instant."""

    @property
    def channel(self) -> Channel:
        """How it travels."""

    @property
    def send_at(self) -> datetime:
        """When it goes, in UTC."""


def drop_superseded(reminders: Sequence[TimedDue], now: datetime) -> list[TimedDue]:
    """Return, of messages that were held back for a while, those to come and each channel's last before.

    What would have gone earlier says less than that one, and would go together with it.
    """
    in_order = sorted(reminders, key=lambda reminder: reminder.send_at)
    passed_by_channel = {
        reminder.channel: reminder for reminder in in_order if reminder.send_at <= now
    }
    return [
        reminder
        for reminder in reminders
        if reminder.send_at > now or reminder is passed_by_channel[reminder.channel]
    ]


def _asks_readiness(kind: MessageKind, appointment: AppointmentFacts) -> bool:
    return kind is MessageKind.DAY_BEFORE and appointment.readiness_asked_at is not None


def _by_other_channel(rule: ReminderRule, appointment: AppointmentFacts) -> ReminderRule:
    """Return a rule as it is; for e-mail, where it asks something and no text may go."""
    is_unheard = (
        _asks_readiness(rule.kind, appointment) and rule.channel not in appointment.channels
    )
    return replace(rule, channel=Channel.EMAIL) if is_unheard else rule


def _applies(rule: ReminderRule, appointment: AppointmentFacts) -> bool:
    if rule.kind in AT_BOOKING:
        return not appointment.was_moved and not appointment.in_list
    if rule.only is Audience.FIRST_OR_UNCONFIRMED:
        return appointment.is_first or not appointment.is_confirmed
    return True


def _tell_move(appointment: AppointmentFacts) -> list[DueReminder]:
    """Return what says the new time.

    Where the clocks alone changed, the time that people know is the same: calendars get the new instant with
    a confirmation, and nobody is texted.
    """
    if appointment.only_the_clocks_changed:
        kind, channels = MessageKind.CONFIRMATION, {Channel.EMAIL}
    else:
        kind, channels = MessageKind.MOVED, set(Channel)
    return [
        DueReminder(kind, channel, appointment.informed_at, immediate=True)
        for channel in Channel
        if channel in channels & appointment.channels
    ]


def compute_due(rule: ReminderRule, appointment: AppointmentFacts) -> DueReminder | None:
    """Return when a rule's message goes; None where that is at night and it says nothing earlier."""
    if rule.minutes_before is None:
        return DueReminder(rule.kind, rule.channel, appointment.informed_at, immediate=True)
    send_at = appointment.starts_at - timedelta(minutes=rule.minutes_before)
    if rule.kind is MessageKind.DAY_BEFORE and appointment.readiness_asked_at is not None:
        send_at = appointment.readiness_asked_at
    if rule.channel is Channel.SMS:
        decent = move_before_night(send_at, appointment.time_zone)
        if decent != send_at and rule.kind is MessageKind.HOURS_BEFORE:
            return None  # the evening before it would repeat the day's reminder, and say "today"
        send_at = decent
    return DueReminder(rule.kind, rule.channel, send_at, immediate=False)


def _repeats_earlier(
    reminder: DueReminder, sooner_reminders: Sequence[DueReminder], appointment: AppointmentFacts
) -> bool:
    if reminder.immediate:
        return False
    if _asks_readiness(reminder.kind, appointment):  # only another of its kind asks the same
        pairs = {(sooner.kind, sooner.channel) for sooner in sooner_reminders}
        return (
            reminder.send_at < appointment.informed_at or (reminder.kind, reminder.channel) in pairs
        )
    window = timedelta(0) if appointment.only_the_clocks_changed else REPEAT_WINDOW
    if reminder.send_at < appointment.informed_at + window:
        return True
    return any(
        sooner.channel is reminder.channel and reminder.send_at - sooner.send_at < REPEAT_WINDOW
        for sooner in sooner_reminders
    )
