"""Which appointments' messages are out of date; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from booking.appointments.impossible import (
    filter_impossible,
)
from booking.appointments.models import Appointment
from booking.appointments.notices import notice_waits
from booking.appointments.rules import Status
from booking.extensions import db
from booking.reminders.models import Derivation, Heartbeat, ReminderPolicy
from booking.reminders.topics import (
    APPOINTMENT,
    SERIES,
    appointment_topic,
    parse_topic,
    series_topic,
)
from booking.series.models import Session

BATCH_SIZE = 200  # appointments looked for at a time


# Of what changed after that since an appointment's start, nothing is told
TELL_UNTIL = timedelta(days=1)
HEARTBEAT_TIMEOUT = timedelta(minutes=2)  # a scheduler silent for longer is down


@dataclass(frozen=True, slots=True)
class SchedulerHealth:
    """Whether any scheduler works, and when one last finished a tick (UTC; None: never)."""

    is_alive: bool
    last_seen_at: datetime | None


def read_scheduler_health(now: datetime) -> SchedulerHealth:
    """Tell whether any scheduler finished a tick lately: without one nothing is sent."""
    newest = db.session.scalar(select(func.max(Heartbeat.at)))
    is_alive = newest is not None and now - newest < HEARTBEAT_TIMEOUT
    return SchedulerHealth(is_alive, newest)


def list_changed_appointments(now: datetime, *, excluded_ids: Collection[int] = ()) -> list[int]:
    """Return the ids of appointments to come whose messages were derived from another version, or never.

    Of what may be undone yet nothing is told (`notice_waits`); its reminders wait as well.
    """
    return _find_underived(is_changed(now), now, excluded_ids)


def list_appointments_by_older_rules(now: datetime) -> list[int]:
    """Return the ids of appointments to come that are reminded of by rules which have changed; a batch."""
    return _find_underived(follows_older_rules(now), now)


def _find_underived(
    condition: ColumnElement[bool], now: datetime, excluded_ids: Collection[int] = ()
) -> list[int]:
    return list(
        db.session.scalars(
            select(Appointment.id)
            .where(condition, Appointment.id.not_in(excluded_ids), ~notice_waits(now))
            .order_by(Appointment.starts_at, Appointment.id)  # an index knows those to come
            .limit(BATCH_SIZE)
        )
    )


def _last_derived(column: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    """Return what an appointment's derivation says, NULL without one.

    Looked up for each appointment to come: beside a join, PostgreSQL reads the derivations of all the past.
    """
    of_appointment = Derivation.appointment_id == Appointment.id
    return select(column).where(of_appointment).correlate(Appointment).scalar_subquery()


def is_changed(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an appointment changed since its messages were derived, if they were.

    A time that is only held is told to nobody, nor is what changes a day after the start or later.
    """
    return and_(
        Appointment.starts_at > now - TELL_UNTIL,
        Appointment.status != Status.PENDING,
        _last_derived(Derivation.version).is_distinct_from(Appointment.version),
    )


def follows_older_rules(now: datetime) -> ColumnElement[bool]:
    """Return the condition that the rules have changed since a booked appointment's messages were derived."""
    newest_policy = select(func.max(ReminderPolicy.version)).scalar_subquery()
    return and_(
        Appointment.starts_at > now,
        Appointment.status == Status.BOOKED,
        _last_derived(Derivation.policy_version) < newest_policy,
    )


def list_outdated_topics(topics: Collection[str], now: datetime) -> set[str]:
    """Return those of `topics` whose appointments changed after their messages were derived (invariant 9).

    Or whose rules did, or that can't take place. Asked as messages are claimed: what was cancelled a moment
    ago is not reminded of. What nobody will derive holds nothing up.
    """
    appointments = parse_topic_numbers(APPOINTMENT, topics)
    statement = (
        select(Appointment.id, Session.series_id)
        .outerjoin(Session, Session.appointment_id == Appointment.id)
        .where(
            or_(
                Appointment.id.in_(appointments),
                Session.series_id.in_(parse_topic_numbers(SERIES, topics)),
            ),
            or_(is_changed(now), follows_older_rules(now)),
        )
    )
    outdated_topics = {
        appointment_topic(appointment_id) for appointment_id in filter_impossible(appointments)
    }
    for appointment_id, series_id in db.session.execute(statement):
        outdated_topics |= {appointment_topic(appointment_id), series_topic(series_id)}
    return outdated_topics & set(topics)


def parse_topic_numbers(kind: str, topics: Collection[str]) -> list[int]:
    """Return the numbers of topics of a kind."""
    parted = (parse_topic(topic) for topic in topics)
    return [number for topic_kind, number in parted if topic_kind == kind]


def derived_version(appointment_id: int) -> int | None:
    """Return the version an appointment's messages were derived from; None when there are none."""
    return db.session.scalar(select(Derivation.version).filter_by(appointment_id=appointment_id))
