"""What a visit, or visits told of together, are owed as they stand; reads only."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import select

from booking.appointments.ics import Method, calendar_file
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.operations import Owed
from booking.messaging.rules import Channel
from booking.reminders.list_texts import list_words
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import Due, Kind, ReminderRule, due_for
from booking.reminders.texts import Words, words
from booking.reminders.wording import Recipient, facts, recipient, wording

WITH_CALENDAR = {
    Kind.CONFIRMATION: Method.REQUEST,
    Kind.MOVED: Method.REQUEST,
    Kind.CANCELLATION: Method.CANCEL,
}


def topic_of(appointment_id: int) -> str:
    """Return what a visit's messages are kept under."""
    return f"appointment:{appointment_id}"


def list_topic_of(series_id: int) -> str:
    """Return what messages telling of several visits of a series at once are kept under."""
    return f"series:{series_id}"


def owed_for(visit: Appointment, now: datetime) -> list[Owed]:
    """Return the messages a visit is owed as it stands; reads only.

    Nothing is owed of a visit that has begun (invariant 9).
    """
    if visit.patient_id is None or visit.starts_at <= now:
        return []
    to = recipient(visit.patient_id)
    if visit.status is Status.CANCELLED:
        dues = [Due(Kind.CANCELLATION, channel, now, True) for channel in to.addresses]
    elif visit.status is Status.BOOKED:
        told_at = _told_at(visit, now)
        dues = due_for(facts(visit, to, told_at), newest_rules())
    else:
        return []
    return [_owed(visit, to, due) for due in dues]


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


def _owed(visit: Appointment, to: Recipient, due: Due) -> Owed:
    with force_locale(to.patient.language):
        said = words(due.kind, due.channel, wording(visit, to.patient))
        return _message(topic_of(visit.id), visit.sequence, [visit], to, due, said)


def list_owed_for(
    series_id: int, revision: int, kind: Kind, visits: Sequence[Appointment], now: datetime
) -> list[Owed]:
    """Return the one text and the one e-mail that tell that visits of a series were booked or cancelled.

    At least one visit, all of one patient, in order of time.
    """
    first = visits[0]
    if first.patient_id is None or first.starts_at <= now:
        return []
    to, topic = recipient(first.patient_id), list_topic_of(series_id)
    found = []
    for channel in to.addresses:
        with force_locale(to.patient.language):
            said = list_words(kind, channel, wording(first, to.patient, visits))
            due = Due(kind, channel, now, True)
            found.append(_message(topic, revision, visits, to, due, said))
    return found


def _message(
    topic: str,
    revision: int,
    visits: Sequence[Appointment],
    to: Recipient,
    due: Due,
    said: Words,
) -> Owed:
    first = visits[0]
    method = WITH_CALENDAR.get(due.kind) if due.channel is Channel.EMAIL else None
    return Owed(
        topic=topic,
        revision=revision,
        kind=due.kind.value,
        channel=due.channel,
        recipient=to.addresses[due.channel],
        subject=said.subject,
        body=said.body,
        send_at=due.send_at,
        expires_at=first.starts_at,
        time_zone=locations.by_id(first.location_id).time_zone,
        language=to.patient.language,
        attachment=calendar_file(visits, method) if method else None,
        attachment_type=f"text/calendar; method={method.value}" if method else None,
        immediate=due.immediate,
    )
