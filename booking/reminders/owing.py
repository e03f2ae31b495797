"""What a visit, or visits told of together, are owed as they stand; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.operations import Owed
from booking.messaging.rules import Channel
from booking.reminders.models import ReminderPolicy
from booking.reminders.persons import person_of
from booking.reminders.rendering import News, called_on, is_new_place, say
from booking.reminders.rules import BEFORE, Due, Kind, ReminderRule, due_for, still_useful
from booking.reminders.topics import details_of, list_topic_of, topic_of
from booking.reminders.wording import Recipient, facts, recipient


def owed_for(visit: Appointment, now: datetime) -> list[Owed]:
    """Return the messages a visit is owed as it stands; reads only.

    Nothing is owed of a visit that has begun (invariant 9).
    """
    if visit.patient_id is None or visit.starts_at <= now:
        return []
    if visit.status is Status.BOOKED and visit.suspended_at is not None:
        return []  # a person decides first, and tells the patient
    to = recipient(visit)
    if visit.status is Status.CANCELLED:
        dues = [Due(Kind.CANCELLATION, channel, now, True) for channel in to.addresses]
    elif visit.status is Status.BOOKED:
        told_at = _told_at(visit, now)
        dues = due_for(facts(visit, to, told_at), newest_rules())
        if visit.is_infusion:  # it may have been suspended meanwhile
            before = [due for due in dues if due.kind in BEFORE]
            dues = [due for due in dues if due not in before] + still_useful(before, now)
    else:
        return []
    return [_owed(visit, to, due, now) for due in dues]


@dataclass(frozen=True, slots=True)
class ToBeSent:
    """By which channels a visit is confirmed, and by which it is reminded of."""

    confirmation: frozenset[Channel]
    reminders: frozenset[Channel]


def to_be_sent(visit: Appointment, now: datetime) -> ToBeSent:
    """Return what whoever booked a visit may be told that they get; reads only."""
    owed = owed_for(visit, now)
    at_booking = frozenset(one.channel for one in owed if one.kind == Kind.CONFIRMATION)
    return ToBeSent(at_booking, frozenset(one.channel for one in owed if one.kind in BEFORE))


def _told_at(visit: Appointment, now: datetime) -> datetime:
    """Return when the visit's time was set: at booking, or, once moved, when that was first seen."""
    if visit.sequence == 0:
        return visit.booked_at or now
    return messaging.first_owed_at(topic_of(visit.id), visit.sequence) or now


def newest_rules() -> list[ReminderRule]:
    """Return the reminder rules in force; none before a clinic file was loaded."""
    newest = db.session.scalar(
        select(ReminderPolicy).order_by(ReminderPolicy.version.desc()).limit(1)
    )
    return [ReminderRule.from_data(data) for data in newest.rules] if newest else []


def _owed(visit: Appointment, to: Recipient, due: Due, now: datetime) -> Owed:
    new_place = due.kind is Kind.MOVED and is_new_place(visit)
    news = _news([visit], to, due, now)
    return _message(
        topic_of(visit.id), visit.sequence, due, replace(news, new_place=new_place), now
    )


def list_owed_for(
    series_id: int, revision: int, kind: Kind, visits: Sequence[Appointment], now: datetime
) -> list[Owed]:
    """Return the one text and the one e-mail that tell that visits of a series were booked or cancelled.

    At least one visit, all of one patient, in order of time.
    """
    first = visits[0]
    if first.patient_id is None or first.starts_at <= now:
        return []
    to, topic = recipient(first), list_topic_of(series_id)
    dues = [Due(kind, channel, now, True) for channel in to.addresses]
    return [
        _message(topic, revision, due, replace(_news(visits, to, due, now), in_list=True), now)
        for due in dues
    ]


def _news(visits: Sequence[Appointment], to: Recipient, due: Due, now: datetime) -> News:
    address, called = to.addresses[due.channel], ""
    if due.channel is Channel.SMS:
        called = called_on(address, to.patient, now)
    return News(due.kind, due.channel, address, to.patient, to.contact, visits, called=called)


def _message(topic: str, revision: int, due: Due, news: News, now: datetime) -> Owed:
    """Return a message, with the words as they would be now; they are made again when it is sent."""
    said = say(news, now)
    return Owed(
        topic=topic,
        revision=revision,
        kind=due.kind.value,
        channel=due.channel,
        recipient=news.recipient,
        person=person_of(news.patient),
        details=details_of(news.visits),
        subject=said.subject,
        body=said.body,
        send_at=due.send_at,
        expires_at=news.visits[-1].starts_at,
        time_zone=locations.by_id(news.visits[0].location_id).time_zone,
        language=news.contact.language,
        attachment=said.attachment,
        attachment_type=said.attachment_type,
        immediate=due.immediate,
    )
