"""Reminders of one person's appointments on one day become one text, whatever their places; reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.impossible import filter_impossible
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.messaging.persons import list_texts_by_person
from booking.messaging.rendering import Draft
from booking.messaging.rules import Channel, MessageStatus
from booking.reminders.rules import REMINDER_KINDS, MessageKind
from booking.reminders.topics import PLACES, parse_topic, told_sequence

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SameDay:
    """What else a reminder's day holds: `others` are named in it, too.

    It waits until another goes that asks something as well (UTC), and isn't sent where one `named` it today.
    """

    others: Sequence[Appointment] = ()
    wait_until: datetime | None = None
    was_named: bool = False


@dataclass(frozen=True, slots=True)
class OtherText:
    """Another text to the same person, at the same number, and its appointment."""

    text: Draft
    appointment: Appointment


def list_same_days(
    drafts: Sequence[Draft], appointments: Mapping[int, Appointment], now: datetime
) -> dict[int, SameDay]:
    """Return what else the day of each reminder by text holds, by message; `appointments` are theirs."""
    own = {draft.id: appointments.get(parse_topic(draft.topic)[1]) for draft in drafts}
    reminders = [
        (draft, appointment)
        for draft in drafts
        if draft.channel is Channel.SMS and draft.kind in REMINDER_KINDS
        if (appointment := own[draft.id]) is not None
    ]
    others = _list_other_texts(reminders, now)
    return {
        draft.id: _describe_day(draft, appointment, others[draft.id], now)
        for draft, appointment in reminders
    }


def _list_other_texts(
    reminders: Sequence[tuple[Draft, Appointment]], now: datetime
) -> dict[int, list[OtherText]]:
    """Return the other reminders that the same person is owed, or was sent today, by message."""
    if not reminders:
        return {}
    persons = {draft.person for draft, _ in reminders}
    until = max(appointment.starts_at for _, appointment in reminders) + DAY
    texts = list_texts_by_person(persons, REMINDER_KINDS, now - DAY, until)
    others = {
        draft.id: [
            text
            for text in texts.get(draft.person, ())
            if text.recipient == draft.recipient and text.topic != draft.topic
        ]
        for draft, _ in reminders
    }
    ids = {parse_topic(text.topic)[1] for listed in others.values() for text in listed}
    rows = db.session.scalars(select(Appointment).where(Appointment.id.in_(ids)))
    by_id = {appointment.id: appointment for appointment in rows} if ids else {}
    return {
        draft_id: [
            OtherText(text, by_id[number])
            for text in listed
            if (number := parse_topic(text.topic)[1]) in by_id
        ]
        for draft_id, listed in others.items()
    }


def _describe_day(
    draft: Draft, appointment: Appointment, others: Sequence[OtherText], now: datetime
) -> SameDay:
    planned = [
        other
        for other in others
        if other.text.status is MessageStatus.PLANNED and _stands_beside(other, appointment, now)
    ]
    impossible = filter_impossible([other.appointment.id for other in planned])
    planned = [other for other in planned if other.appointment.id not in impossible]
    return SameDay(
        list({other.appointment.id: other.appointment for other in planned}.values()),
        _find_later_question(draft, appointment, planned, now),
        any(_named(other.text, appointment, now) for other in others),
    )


def _stands_beside(other: OtherText, appointment: Appointment, now: datetime) -> bool:
    """Tell whether another is still to come as its text says, on the day of this one."""
    beside = other.appointment
    is_same_day = beside.local_date == appointment.local_date
    sequence = told_sequence(beside.id, other.text.revision, other.text.details)
    stands = beside.status is Status.BOOKED and beside.suspended_at is None
    return is_same_day and stands and beside.starts_at > now and beside.sequence == sequence


def _find_later_question(
    draft: Draft, appointment: Appointment, planned: Sequence[OtherText], now: datetime
) -> datetime | None:
    """Return when the question before an infusion of the same day goes, if soon enough for this one."""
    if draft.kind != MessageKind.DAY_BEFORE or appointment.is_infusion:
        return None
    questions = [
        other.text.send_at
        for other in planned
        if other.appointment.is_infusion
        and other.text.kind == MessageKind.DAY_BEFORE
        and now < other.text.send_at < appointment.starts_at
    ]
    return min(questions, default=None)


def _named(text: Draft, appointment: Appointment, now: datetime) -> bool:
    """Tell whether a text that went today told of an appointment as it stands."""
    if text.sent_at is None or str(appointment.id) not in text.details.get(PLACES, {}):
        return False
    zone = ZoneInfo(appointment.time_zone)
    is_of_today = text.sent_at.astimezone(zone).date() == now.astimezone(zone).date()
    sequence = told_sequence(appointment.id, -1, text.details)
    return is_of_today and sequence == appointment.sequence
