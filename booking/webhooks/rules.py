"""Decisions about webhooks: what a change of an appointment is told as, and what follows an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.appointments.rules import Status

MAX_URL_LENGTH = 500
# How long to wait after each failure; the last is kept. As the Standard Webhooks specification proposes.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=5), timedelta(hours=10), timedelta(hours=14)),
)
LONGEST_PAUSE = timedelta(days=1)  # however long a receiver asks to be left alone
GIVE_UP_AFTER = timedelta(days=3)  # a delivery, from when it was owed
STOP_AFTER = timedelta(days=3)  # an endpoint that has answered nothing else than failures
RECENT = timedelta(days=7)  # of appointments that began longer ago nothing is told
KEPT = timedelta(days=30)  # how long what became of a delivery is on record
GONE = 410  # the receiver wants no more (RFC 9110, 15.5.11)


class EventKind(StrEnum):
    """What an endpoint is told of; the names that receivers read."""

    BOOKED = "appointment.booked"
    MOVED = "appointment.moved"
    CANCELLED = "appointment.cancelled"
    ARRIVED = "appointment.arrived"
    FULFILLED = "appointment.fulfilled"
    NOSHOW = "appointment.noshow"
    TEST = "webhook.test"  # sent by hand


SUBSCRIBED_KINDS = tuple(kind for kind in EventKind if kind is not EventKind.TEST)
BY_STATUS = {
    Status.BOOKED: EventKind.BOOKED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.ARRIVED: EventKind.ARRIVED,
    Status.FULFILLED: EventKind.FULFILLED,
    Status.NOSHOW: EventKind.NOSHOW,
}


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PLANNED = "planned"
    SENDING = "sending"  # on lease; sent again, under the same id, when that runs out
    DELIVERED = "delivered"
    FAILED = "failed"  # given up
    DROPPED = "dropped"  # its endpoint was removed


class StopReason(StrEnum):
    """Why nothing is sent to an endpoint."""

    BY_HAND = "by_hand"
    FAILING = "failing"  # for days
    GONE = "gone"  # it said so itself


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What of an appointment is told; `starts_at` in UTC."""

    status: Status
    starts_at: datetime
    location_id: int


def find_event(before: ObservedState | None, after: ObservedState) -> EventKind | None:
    """Return what a change is told as, None for one that doesn't show; `before` is None of a new one.

    Of what changed twice between two looks, the latest is told.
    """
    if before is None or before.status is not after.status:
        return BY_STATUS.get(after.status)
    is_elsewhere = (before.starts_at, before.location_id) != (after.starts_at, after.location_id)
    return EventKind.MOVED if is_elsewhere and after.status is Status.BOOKED else None


def is_delivered(status: int | None) -> bool:
    """Tell whether an HTTP status means that the receiver has it."""
    return status is not None and 200 <= status < 300


def next_try(tries: int, now: datetime, retry_after: timedelta | None) -> datetime:
    """Return when to send again after `tries` that failed; not before the receiver asks."""
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    return now + min(LONGEST_PAUSE, max(pause, retry_after or timedelta(0)))


def has_failed_long(failing_since: datetime, now: datetime) -> bool:
    """Tell whether an endpoint has failed for so long that nothing more is sent."""
    return now - failing_since >= STOP_AFTER
