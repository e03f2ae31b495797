"""What must hold at the end of each day: the design's invariants, by the database and the provider's log."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations.models import Location
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.reminders.rules import REMINDER_KINDS
from simulation.provider import AcceptedMessage
from tests.series.life_checks import list_silent_series, list_wrongs

TELLING = re.compile(
    r"(?i)ketamin|infusion|infusión|depress|depres|bipolar|psych|psic|series\b|drip"
)
STUCK = timedelta(hours=1)  # a pause between two tries is a quarter of an hour at most
TAKEN = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN)


def list_broken(
    accepted: Sequence[AcceptedMessage],
    stops: Mapping[str, list[tuple[datetime, bool]]],
    agreed_phones: Collection[str],
    now: datetime,
) -> list[str]:
    """Return each invariant that is broken, in words.

    `stops`: when a phone said STOP (True) or START; `agreed_phones`: where somebody agreed to texts.
    """
    messages = {message.id: message for message in db.session.scalars(select(Message))}
    return [
        *list_wrongs(now),
        *list_silent_series(now),
        *_sent_once(messages, accepted),
        *_settled(messages.values(), now),
        *(
            wrong
            for taken in accepted
            for wrong in _sent_rightly(messages[taken.message.id], taken, stops)
        ),
        *_few_enough(messages, accepted),
        *(
            f"message {taken.message.id} went to who never agreed to texts"
            for taken in accepted
            if taken.message.channel is Channel.SMS
            and not messages[taken.message.id].immediate
            and taken.message.recipient not in agreed_phones
        ),
    ]


def list_untrue(accepted: Sequence[AcceptedMessage]) -> list[str]:
    """Return what is wrong with messages just taken, before anybody does anything more.

    A reminder is of an appointment as it stands (invariant 10), and what the sender heard is on record.
    """
    rows = [(taken, db.session.get_one(Message, taken.message.id)) for taken in accepted]
    return [
        *(wrong for taken, message in rows for wrong in _true_when_sent(message, taken)),
        *(
            f"message {message.id} was acknowledged and is {message.status}"
            for taken, message in rows
            if taken.is_acknowledged and message.status is MessageStatus.SENDING
        ),
    ]


def _true_when_sent(message: Message, taken: AcceptedMessage) -> Iterator[str]:
    if message.kind not in REMINDER_KINDS or not message.topic.startswith("appointment:"):
        return
    appointment = db.session.get_one(Appointment, int(message.topic.partition(":")[2]))
    location = db.session.get_one(Location, appointment.location_id)
    local = appointment.starts_at.astimezone(ZoneInfo(location.time_zone))
    if appointment.status is not Status.BOOKED:
        yield f"message {message.id} reminds of what is {appointment.status}"
    elif f"{local:%I:%M}".lstrip("0") not in taken.message.body:
        yield f"message {message.id} reminds of another time than {local:%I:%M}"
    if location.neutral_name not in f"{taken.message.subject} {taken.message.body}":
        yield f"message {message.id} does not say {location.neutral_name}"


def _sent_once(
    messages: Mapping[int, Message], accepted: Sequence[AcceptedMessage]
) -> Iterator[str]:
    """Invariant 8, by the provider's own log."""
    counts = Counter(taken.message.id for taken in accepted)
    yield from (
        f"message {number} was sent {count} times" for number, count in counts.items() if count > 1
    )
    for message in messages.values():
        if (
            message.status in (MessageStatus.SENT, MessageStatus.DELIVERED)
            and not counts[message.id]
        ):
            yield f"message {message.id} is {message.status} and was never taken"
        if counts[message.id] and message.status not in (*TAKEN, MessageStatus.SENDING):
            yield f"message {message.id} was taken and is {message.status}"


def _settled(messages: Iterable[Message], now: datetime) -> Iterator[str]:
    """Invariant 8: what is due goes, or says why not."""
    for message in messages:
        is_waiting = message.status in (MessageStatus.PLANNED, MessageStatus.SENDING)
        if is_waiting and message.send_at < now - STUCK:
            yield f"message {message.id} has been due since {message.send_at}"


def _sent_rightly(
    message: Message, taken: AcceptedMessage, stops: Mapping[str, list[tuple[datetime, bool]]]
) -> Iterator[str]:
    """Invariants 9 and 10: never late, at night, to who opted out, or saying what for."""
    if taken.at >= message.expires_at:
        yield f"message {message.id} was sent after {message.expires_at}"
    shown = (
        f"{taken.message.subject} {taken.message.body if message.channel is Channel.SMS else ''}"
    )
    if TELLING.search(shown):
        yield f"message {message.id} tells what it is about: {shown}"
    if message.channel is Channel.EMAIL:
        return
    hour = taken.at.astimezone(ZoneInfo(message.time_zone)).hour
    if not message.immediate and not 8 <= hour < 21:
        yield f"message {message.id} was sent at {hour} o'clock"
    said = [is_stop for at, is_stop in stops.get(message.recipient, ()) if at < taken.at]
    if said and said[-1]:
        yield f"message {message.id} went to who said STOP"


def _few_enough(
    messages: Mapping[int, Message], accepted: Sequence[AcceptedMessage]
) -> Iterator[str]:
    """Invariant 9: one reminder a local day to a person, and three in seven days."""
    days_by_person = defaultdict(list)
    for taken in accepted:
        message = messages[taken.message.id]
        if message.channel is Channel.SMS and not message.immediate:
            day = taken.at.astimezone(ZoneInfo(message.time_zone)).date()
            days_by_person[message.person].append(day)
    for person, days in days_by_person.items():
        if len(days) != len(set(days)):
            yield f"{person} was reminded twice on one day"
        if any(sum(0 <= (day - first).days < 7 for day in days) > 3 for first in days):
            yield f"{person} was reminded more than three times in a week"
