"""Deriving what is owed from the visits that stand: pulled by the scheduler, never pushed by bookings."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import or_, select

from booking.appointments.ics import Method, calendar_file
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.db import put, transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.operations import Owed
from booking.messaging.rules import Channel
from booking.reminders.models import Derivation, Heartbeat, ReminderPolicy
from booking.reminders.rules import Due, Kind, ReminderRule, due_for
from booking.reminders.texts import Words, list_words, words
from booking.reminders.wording import Recipient, facts, recipient, series_id_of, wording
from booking.series.models import Session

AT_ONCE = 200  # visits looked for at a time
WITH_CALENDAR = {
    Kind.CONFIRMATION: Method.REQUEST,
    Kind.MOVED: Method.REQUEST,
    Kind.CANCELLATION: Method.CANCEL,
}
REPLY_WITHIN = timedelta(days=7)  # an answer that comes later is about something else
TELL_UNTIL = timedelta(
    days=1
)  # of what changed shortly before a visit that has begun, nothing is told


def topic_of(appointment_id: int) -> str:
    """Return what a visit's messages are kept under."""
    return f"appointment:{appointment_id}"


def list_topic_of(series_id: int) -> str:
    """Return what the message telling of several visits at once is kept under."""
    return f"series:{series_id}"


def derive(now: datetime) -> int:
    """Owe what each changed visit asks for and retire what is no longer true; return how many changed.

    Each visit, or list of visits booked together, in a transaction of its own.
    """
    count = 0
    while changed := changed_visits(now):  # all of them: what is sent next relies on it
        done: set[int] = set()
        for visit_id in changed:
            if visit_id not in done:
                done |= derive_one(visit_id, now)
        count += len(changed)
    return count


def changed_visits(now: datetime) -> list[int]:
    """Return the ids of visits to come whose messages were derived from another version, or never."""
    return list(
        db.session.scalars(
            select(Appointment.id)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Appointment.starts_at > now - TELL_UNTIL,
                Appointment.status != Status.PENDING,
                or_(Derivation.version.is_(None), Derivation.version != Appointment.version),
            )
            .order_by(Appointment.id)
            .limit(AT_ONCE)
        )
    )


@transaction()
def derive_one(visit_id: int, now: datetime) -> set[int]:
    """Derive the messages of one visit, and tell of those booked with it; return the ids dealt with."""
    visit = db.session.get_one(Appointment, visit_id, with_for_update=True)
    together = _booked_together(visit)
    for one in together:
        _derive_visit(one, now)
        _remember(one)
    if len(together) > 1 or (together and _is_new_in_list(visit)):
        _tell_list(together, now)
    return {one.id for one in together}


def _booked_together(visit: Appointment) -> list[Appointment]:
    """Return the visits of a series that were never told of, or just this one."""
    series_id = series_id_of(visit)
    if series_id is None or not _is_new_in_list(visit):
        return [visit]
    return list(
        db.session.scalars(
            select(Appointment)
            .join(Session, Session.appointment_id == Appointment.id)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Session.series_id == series_id,
                Appointment.status == Status.BOOKED,
                Derivation.version.is_(None),
            )
            .order_by(Appointment.starts_at)
        )
    )


def _is_new_in_list(visit: Appointment) -> bool:
    return (
        visit.status is Status.BOOKED
        and series_id_of(visit) is not None
        and db.session.get(Derivation, visit.id) is None
    )


def _remember(visit: Appointment) -> None:
    row = {"appointment_id": visit.id, "version": visit.version}
    put(Derivation, row, key="appointment_id")


def _derive_visit(visit: Appointment, now: datetime) -> None:
    """Retire what an earlier time or state of the visit asked for, and owe what this one does."""
    topic = topic_of(visit.id)
    messaging.retire(topic, now, below_revision=visit.sequence)
    owed = owed_for(visit, now)
    wanted = {(one.kind, one.channel) for one in owed}
    messaging.retire_except(topic, visit.sequence, wanted, now)
    for one in owed:
        messaging.owe(one, now)


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
        about = wording(visit, to.patient)
        said = words(due.kind, due.channel, about)
        method = WITH_CALENDAR.get(due.kind) if due.channel is Channel.EMAIL else None
        attachment = calendar_file([visit], method) if method else None
    return _message(topic_of(visit.id), visit.sequence, visit, to, due, said, attachment, method)


def _message(
    topic: str,
    revision: int,
    visit: Appointment,
    to: Recipient,
    due: Due,
    said: Words,
    attachment: str | None,
    method: Method | None,
) -> Owed:
    return Owed(
        topic=topic,
        revision=revision,
        kind=due.kind.value,
        channel=due.channel,
        recipient=to.addresses[due.channel],
        subject=said.subject,
        body=said.body,
        send_at=due.send_at,
        expires_at=visit.starts_at,
        time_zone=locations.by_id(visit.location_id).time_zone,
        language=to.patient.language,
        attachment=attachment,
        attachment_type=f"text/calendar; method={method.value}" if method else None,
        immediate=due.immediate,
    )


def _tell_list(visits: Sequence[Appointment], now: datetime) -> None:
    """Owe one text and one e-mail for visits that were booked together, as a series is."""
    for one in list_owed_for(visits, now):
        messaging.owe(one, now)


def list_owed_for(visits: Sequence[Appointment], now: datetime) -> list[Owed]:
    """Return the one text and the one e-mail that tell of visits booked together; reads only."""
    first, last = visits[0], visits[-1]
    if first.patient_id is None or first.starts_at <= now:
        return []
    to, series_id = recipient(first.patient_id), series_id_of(first)
    found = []
    for channel in to.addresses:
        with force_locale(to.patient.language):
            said = list_words(channel, wording(first, to.patient, visits))
            method = Method.REQUEST if channel is Channel.EMAIL else None
            attachment = calendar_file(visits, method) if method else None
        due = Due(Kind.CONFIRMATION, channel, first.booked_at or now, True)
        topic = list_topic_of(series_id) if series_id else topic_of(first.id)
        found.append(_message(topic, last.id, first, to, due, said, attachment, method))
    return found


@transaction()
def beat(worker: str, now: datetime) -> None:
    """Keep that a scheduler has just finished a tick; `/readyz` reads it."""
    put(Heartbeat, {"worker": worker, "at": now}, key="worker")


def visit_for_reply(phone: str, now: datetime) -> Appointment | None:
    """Return the coming visit that a reply from this number is about: the one last texted of."""
    for topic in messaging.topics_sent_to(phone, now - REPLY_WITHIN):
        kind, _, number = topic.partition(":")
        visit = db.session.get(Appointment, int(number)) if kind == "appointment" else None
        if visit is not None and visit.status is Status.BOOKED and visit.starts_at > now:
            return visit
    return None
