"""Decisions about messages: when one may go, what an error means, what follows what."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS = time(8)  # what we start ourselves goes from 08:00 …
DAY_ENDS = time(21)  # … until 21:00 where the recipient is (TCPA, 47 CFR 64.1200(c)(1))
EVENING = time(20, 30)  # where a message meant for the night goes: half an hour is left for delays
MAX_REMINDERS = 3  # texts that we start, to a person, in REMINDER_WINDOW; and one a day
REMINDER_WINDOW = timedelta(days=7)
FIRST_PAUSE = timedelta(seconds=30)
MAX_PAUSE = timedelta(minutes=15)


class Channel(enum.StrEnum):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"


class MessageStatus(enum.StrEnum):
    """Where a message stands."""

    PLANNED = "planned"
    SENDING = "sending"  # on lease; after a crash the provider is asked
    SENT = "sent"  # the provider accepted it
    DELIVERED = "delivered"
    FAILED = "failed"
    RETIRED = "retired"  # what it told of was moved or cancelled
    SKIPPED = "skipped"  # for the reason given
    UNKNOWN = "unknown"  # interrupted, and the provider can't say: never sent again


# What a provider has, or may have: not refused, not taken back
ACCEPTED = (MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.DELIVERED)


class AttemptOutcome(enum.StrEnum):
    """How one attempt at sending ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good
    POSTPONED = "postponed"  # surely not accepted: tried again later
    AMBIGUOUS = "ambiguous"  # no clear answer: the provider is asked before anything else
    NOT_ACCEPTED = "not_accepted"  # interrupted; the provider, asked, has no such message
    UNKNOWN = "unknown"  # interrupted; the provider can't say


class Reason(enum.StrEnum):
    """Why a message was not sent. Whoever owes one may say so at once, with one of these."""

    OPTED_OUT = "opted_out"
    TOO_LATE = "too_late"
    NIGHT = "night"  # the morning after would be too late
    DUPLICATE = "duplicate"  # it would repeat another
    IMPOSSIBLE = "impossible"  # what it tells of can't take place as things are
    ENOUGH = "enough"  # the person had a reminder that day, or three that week
    NOT_SAFE = "not_safe"  # somebody else may read the person's texts
    NOT_TEXTED = "not_texted"  # texts go to mobile numbers of some countries only
    TOLD_TOGETHER = "told_together"  # one message tells of it and of others
    BY_DESK = "by_desk"  # the desk chose not to tell of it
    UNSUBSCRIBED = "unsubscribed"  # who reads the address stopped reminders by e-mail
    UNTRUE = "untrue"  # what it tells of is no longer so


class ReplyMeaning(enum.StrEnum):
    """What a text that someone sent us asks for."""

    CONFIRM = "confirm"
    CHANGE = "change"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CRISIS = "crisis"
    UNCLEAR = "unclear"  # a person reads it


@dataclass(frozen=True, slots=True)
class DueMessageFacts:
    """What is known of a message whose time has come. `time_zone` is an IANA name."""

    channel: Channel
    immediate: bool
    time_zone: str
    expires_at: datetime
    opted_out: bool
    unsubscribed: bool = False  # the address wants no reminders
    recent_reminders: Sequence[
        datetime
    ] = ()  # when the person was lately sent texts that we started


@dataclass(frozen=True, slots=True)
class SendNow:
    """Send it now."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Not now, but at `until` (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class SkipMessage:
    """Never send it."""

    reason: Reason


Decision = SendNow | WaitUntil | SkipMessage


def decide_delivery(due: DueMessageFacts, now: datetime) -> Decision:
    """Return what to do, at `now`, with a message whose time has come (DESIGN invariant 9)."""
    if due.opted_out:
        return SkipMessage(Reason.OPTED_OUT)
    if now >= due.expires_at:
        return SkipMessage(Reason.TOO_LATE)
    if due.immediate:
        return SendNow()
    if due.channel is Channel.EMAIL:
        return SkipMessage(Reason.UNSUBSCRIBED) if due.unsubscribed else SendNow()
    return _decide_reminder_by_text(due, now)


def _decide_reminder_by_text(due: DueMessageFacts, now: datetime) -> Decision:
    if reminder_cap_reached(due.recent_reminders, now, due.time_zone):
        return SkipMessage(Reason.ENOUGH)
    if within_sending_hours(now, due.time_zone):
        return SendNow()
    morning = next_sending_start(now, due.time_zone)
    return WaitUntil(morning) if morning < due.expires_at else SkipMessage(Reason.NIGHT)


def reminder_cap_reached(
    recent_reminders: Sequence[datetime], now: datetime, time_zone: str
) -> bool:
    """Tell whether a person had their reminder of today, or three in seven days, by local dates."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    ages = [(today - instant.astimezone(zone).date()).days for instant in recent_reminders]
    return 0 in ages or sum(age < REMINDER_WINDOW.days for age in ages) >= MAX_REMINDERS


def within_sending_hours(instant: datetime, time_zone: str) -> bool:
    """Tell whether `instant` is within 08:00 to 21:00 on the wall clock of `time_zone`."""
    local = instant.astimezone(ZoneInfo(time_zone)).time()
    return DAY_BEGINS <= local < DAY_ENDS


def move_before_night(instant: datetime, time_zone: str) -> datetime:
    """Return `instant`, or 20:30 of the evening before the night it falls in; in its own zone."""
    if within_sending_hours(instant, time_zone):
        return instant
    zone = ZoneInfo(time_zone)
    local = instant.astimezone(zone)
    evening = local.date() if local.time() >= DAY_ENDS else local.date() - timedelta(days=1)
    return datetime.combine(evening, EVENING, zone).astimezone(instant.tzinfo)


def next_sending_start(instant: datetime, time_zone: str) -> datetime:
    """Return the first 08:00 after `instant` on the wall clock of `time_zone`; in its own zone."""
    zone = ZoneInfo(time_zone)
    local = instant.astimezone(zone)
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, zone).astimezone(instant.tzinfo)


def retry_delay(tries: int) -> timedelta:
    """Return how long to wait after the `tries`th attempt: 30 s, doubling, 15 min at most."""
    doublings = min(max(tries, 1) - 1, 10)  # beyond ten the longest pause is long reached
    return min(FIRST_PAUSE * (1 << doublings), MAX_PAUSE)
