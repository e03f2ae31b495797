"""Deriving what is owed from the visits that stand: pulled by the scheduler, never pushed by bookings."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select

from booking.appointments.misfits import (
    Impossible,
    ask_for_first_call,
    find_impossible,
    impossible_among,
)
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import offering
from booking.db import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.operations import Owed
from booking.messaging.rules import Channel, Reason
from booking.reminders.models import Derivation, Heartbeat
from booking.reminders.owing import list_owed_for, owed_for
from booking.reminders.persons import follow_merges
from booking.reminders.rules import BEFORE, Kind, still_useful
from booking.reminders.topics import APPOINTMENT, SERIES, list_topic_of, topic_of, topic_parts
from booking.reminders.wording import series_id_of
from booking.series.models import InfusionSeries, Session
from booking.statements import put

AT_ONCE = 200  # visits looked for at a time
TELL_UNTIL = timedelta(days=1)  # of what changed after that since a visit's start, nothing is told
NEWS = {Status.BOOKED: Kind.CONFIRMATION, Status.CANCELLED: Kind.CANCELLATION}

log = structlog.get_logger()


def derive(now: datetime) -> int:
    """Owe what each changed visit asks for and retire what is no longer true; return how many changed.

    Each visit, or list of visits told of together, in a transaction of its own; one that fails is
    logged, and holds up nobody else's.
    """
    follow_merges()
    count, failed = 0, set[int]()
    while changed := changed_visits(now, besides=failed):  # all: what is sent next relies on it
        done: set[int] = set()
        for visit_id in changed:
            if visit_id in done:
                continue
            try:
                done |= derive_one(visit_id, now)
            except Exception as error:
                log.error("derivation_failed", visit=visit_id, exc_info=error)
                failed.add(visit_id)
        count += len(done)
    return count


def changed_visits(now: datetime, *, besides: Collection[int] = ()) -> list[int]:
    """Return the ids of visits to come whose messages were derived from another version, or never."""
    return list(
        db.session.scalars(
            select(Appointment.id)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Appointment.starts_at > now - TELL_UNTIL,
                Appointment.status != Status.PENDING,
                Appointment.id.not_in(besides),
                or_(Derivation.version.is_(None), Derivation.version != Appointment.version),
            )
            .order_by(Appointment.id)
            .limit(AT_ONCE)
        )
    )


def outdated(topics: Collection[str]) -> set[str]:
    """Return those of `topics` whose visits have changed since their messages were derived (invariant 9).

    Or can't take place. Asked as messages are claimed: a visit cancelled a moment ago is not reminded of.
    """
    visits = _numbers(APPOINTMENT, topics)
    changed = (
        select(Appointment.id, Session.series_id)
        .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
        .outerjoin(Session, Session.appointment_id == Appointment.id)
        .where(
            or_(Appointment.id.in_(visits), Session.series_id.in_(_numbers(SERIES, topics))),
            or_(Derivation.version.is_(None), Derivation.version != Appointment.version),
        )
    )
    found = {topic_of(one) for one in impossible_among(visits)}
    for visit_id, series_id in db.session.execute(changed):
        found |= {topic_of(visit_id), list_topic_of(series_id)}
    return found & set(topics)


def _numbers(kind: str, topics: Collection[str]) -> list[int]:
    """Return the numbers of topics of a kind."""
    parted = (topic_parts(topic) for topic in topics)
    return [number for of, number in parted if of == kind]


@transaction()
def derive_one(visit_id: int, now: datetime) -> set[int]:
    """Derive the messages of one visit, and of those told of with it; return the ids dealt with."""
    visit = db.session.get_one(Appointment, visit_id)
    series_id = series_id_of(visit)
    if series_id is None:
        return _derive([db.session.get_one(Appointment, visit_id, with_for_update=True)], now)
    db.session.get_one(InfusionSeries, series_id, with_for_update=True)  # one at a time tells of it
    db.session.refresh(visit, with_for_update=True)
    derived = _derived_version(visit.id)
    if derived == visit.version:
        return {visit.id}  # by another scheduler meanwhile
    together = _same_news(visit, series_id, now)
    if together or visit.status is Status.CANCELLED or visit.sequence:
        _correct_list(series_id, now)
    if not together:
        return _derive([visit], now)
    _tell_list(series_id, NEWS[visit.status], together, now)
    return _derive(together, now, told=True)


def _derived_version(visit_id: int) -> int | None:
    """Return the version from which a visit's messages were derived; None when it was never told of."""
    return db.session.scalar(select(Derivation.version).filter_by(appointment_id=visit_id))


def _same_news(visit: Appointment, series_id: int, now: datetime) -> list[Appointment]:
    """Return the visits of a series to be told of in one list with this one; none if by itself.

    All that were booked and never told of, even one; all that were cancelled since, if several.
    """
    told = _derived_version(visit.id) is not None
    if visit.status not in NEWS or told is (visit.status is Status.BOOKED):
        return []
    changed = Derivation.version != Appointment.version if told else Derivation.version.is_(None)
    found = _visits_of(series_id, visit.status, now, changed)
    return found if len(found) > 1 or not told else []


def _visits_of(
    series_id: int, status: Status, now: datetime, *which: ColumnElement[bool]
) -> list[Appointment]:
    return list(
        db.session.scalars(
            select(Appointment)
            .join(Session, Session.appointment_id == Appointment.id)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Session.series_id == series_id,
                Appointment.status == status,
                Appointment.starts_at > now,
                *which,
            )
            .order_by(Appointment.starts_at)
        )
    )


def _correct_list(series_id: int, now: datetime) -> None:
    """Take back a list of bookings that is still on its way, and tell again what of it stands.

    What is being sent this moment goes; the change is told of by itself (invariant 9). A list of
    cancellations stays true.
    """
    channels = messaging.take_back(list_topic_of(series_id), Kind.CONFIRMATION.value, now)
    told, unmoved = Derivation.version.is_not(None), Appointment.sequence == 0
    standing = _visits_of(series_id, Status.BOOKED, now, told, unmoved)
    if channels and standing:
        _tell_list(series_id, Kind.CONFIRMATION, standing, now, channels)


def _tell_list(
    series_id: int,
    kind: Kind,
    visits: Sequence[Appointment],
    now: datetime,
    channels: Collection[Channel] = frozenset(Channel),
) -> None:
    """Owe one text and one e-mail for visits of a series that were booked or cancelled together."""
    revision = messaging.next_revision(list_topic_of(series_id))
    for one in list_owed_for(series_id, revision, kind, visits, now):
        if one.channel in channels:
            messaging.owe(one, now)


def _derive(visits: Sequence[Appointment], now: datetime, *, told: bool = False) -> set[int]:
    """Retire what earlier times or states of visits asked for, and owe what these do.

    Of those `told` of by a list, only reminders; of one that went before it was told of, nothing.
    """
    impossible = find_impossible(offering.catalogue(), now, [visit.id for visit in visits])
    for visit in visits:
        owed = owed_for(visit, now)
        if told or (visit.status is Status.CANCELLED and _derived_version(visit.id) is None):
            owed = [one for one in owed if one.kind in BEFORE]
        if visit.id in impossible:
            owed = _hold_back(impossible[visit.id], owed, now)
        elif messaging.take_up_again(topic_of(visit.id), visit.sequence, Reason.IMPOSSIBLE, now):
            owed = still_useful(owed, now)
        _owe(visit, owed, now)
        put(
            Derivation, {"appointment_id": visit.id, "version": visit.version}, key="appointment_id"
        )
    return {visit.id for visit in visits}


def _owe(visit: Appointment, owed: Sequence[Owed], now: datetime) -> None:
    topic = topic_of(visit.id)
    wanted = {(one.kind, one.channel, one.recipient) for one in owed}
    messaging.retire(topic, now, below_revision=visit.sequence)
    messaging.retire_except(topic, visit.sequence, wanted, now)
    for one in owed:
        messaging.owe(one, now)


def _hold_back(impossible: Impossible, owed: Sequence[Owed], now: datetime) -> list[Owed]:
    """Keep on record that none of this is sent: the person is called."""
    ask_for_first_call(impossible, now)
    messaging.hold_back(topic_of(impossible.appointment_id), Reason.IMPOSSIBLE, now)
    return [replace(one, skipped=Reason.IMPOSSIBLE) for one in owed]


@transaction()
def beat(worker: str, now: datetime) -> None:
    """Keep that a scheduler has just finished a tick; `/readyz` reads it."""
    put(Heartbeat, {"worker": worker, "at": now}, key="worker")
