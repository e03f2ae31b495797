"""Keeping the local time of what is booked when a new `tzdata` knows another law for its day.

A local time is what was promised, its UTC instant follows. So each appointment keeps the offset from
UTC by which its instant was computed; where its zone says another one today, it is moved to the instant
that now has its local time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from booking import zones
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.calendars.local_days import resolve_wall_clock, utc_offset
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "upgrade"
LOST_TIME_CALL_WITHIN = timedelta(days=1)
DAY = timedelta(days=1)
Timed = Appointment | Row[datetime, int | None, str]  # starts_at, utc_offset, time_zone


@dataclass(frozen=True, slots=True)
class ClockChange:
    """An appointment whose local time (naive) has another instant now; both instants in UTC.

    `is_kept` tells whether it could be moved there; else it stays at its instant, and someone has to call.
    """

    reference: str
    zone: ZoneInfo
    local_time: datetime
    before: datetime
    after: datetime
    is_kept: bool

    def __str__(self) -> str:
        local, zone = f"{self.local_time:%Y-%m-%d %H:%M}", self.zone.key
        was, now = f"{self.before:%H:%M} UTC", f"{self.after:%H:%M} UTC"
        if self.is_kept:
            return f"{self.reference} stays at {local} {zone}: {was} until now, {now} from now on"
        local_time = self.before.astimezone(self.zone)
        return f"{self.reference} can't stay at {local} {zone}: {now} is taken; now at {local_time:%H:%M}"


@transaction()
def preserve_local_times(now: datetime) -> list[ClockChange]:
    """Move what is booked or held to the instants that have its local time; return what changed.

    Running it again changes nothing. What collides becomes a task; what the hours leave out then is
    found as any other appointment that can't take place.
    """
    stale = _outdated_appointments(now)
    if not stale:
        return []
    calendars.lock_days((appointment.location_id, appointment.local_date) for appointment in stale)
    db.session.execute(delete(Claim).where(Claim.expires_at <= now))
    return [_preserve(appointment, now) for appointment in _in_move_order(stale)]


def _outdated_appointments(now: datetime) -> list[Appointment]:
    """Return what isn't over, by either law, and was computed by another than its zone's today."""
    appointments = db.session.scalars(
        select(Appointment)
        .where(*_is_not_over(now))
        .order_by(Appointment.starts_at)
        .with_for_update()
    )
    return [appointment for appointment in appointments if _has_another_offset(appointment)]


def are_local_times_current(now: datetime) -> bool:
    """Tell whether this process knows what is booked by the local times that were promised.

    Not after a forgotten `flask db upgrade`, and not where another machine's `tzdata` is newer.
    """
    upcoming = db.session.execute(
        select(Appointment.starts_at, Appointment.utc_offset, Appointment.time_zone).where(
            *_is_not_over(now)
        )
    )
    return not any(map(_has_another_offset, upcoming))


def _is_not_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_open = Appointment.status.in_((Status.PENDING, Status.BOOKED))
    return is_open, Appointment.ends_at > now - DAY


def _has_another_offset(appointment: Timed) -> bool:
    return appointment.utc_offset not in (None, _offset_today(appointment))


def _offset_today(appointment: Timed) -> int:
    return utc_offset(appointment.starts_at, ZoneInfo(appointment.time_zone))


def _in_move_order(stale: Sequence[Appointment]) -> list[Appointment]:
    """Return them so that none is in the way of the next: what goes earlier from the earliest on."""
    earlier_first = [
        appointment for appointment in stale if _new_instant(appointment) < appointment.starts_at
    ]
    later_first = [appointment for appointment in stale if appointment not in earlier_first]
    return earlier_first + sorted(later_first, key=attrgetter("starts_at"), reverse=True)


def _local_time(appointment: Appointment) -> datetime:
    return (appointment.starts_at + timedelta(minutes=appointment.utc_offset or 0)).replace(
        tzinfo=None
    )


def _new_instant(appointment: Appointment) -> datetime:
    """Return the instant that has the appointment's local time now."""
    local = _local_time(appointment)
    return resolve_wall_clock(local.date(), local.time(), ZoneInfo(appointment.time_zone))


def _preserve(appointment: Appointment, now: datetime) -> ClockChange:
    local, before, after = (
        _local_time(appointment),
        appointment.starts_at,
        _new_instant(appointment),
    )
    is_kept = _move(appointment, after)
    if not is_kept:
        _leave_instant(appointment, now)
    audit.record(
        ACTOR, "keep_local_time" if is_kept else "lose_local_time", "appointment", appointment.id, now,
        **{"from": before.isoformat(), "to": appointment.starts_at.isoformat(), "tzdata": zones.VERSION},
    )  # fmt: skip
    return ClockChange(
        appointment.reference, ZoneInfo(appointment.time_zone), local, before, after, is_kept
    )


def _move(appointment: Appointment, after: datetime) -> bool:
    """Move an appointment and its claims together; tell whether the database had room for them."""
    shift = after - appointment.starts_at
    claims = select(Claim).where(Claim.appointment_id == appointment.id).order_by(Claim.starts_at)
    moved_claims = list(db.session.scalars(claims))
    try:
        with db.session.begin_nested():
            appointment.starts_at, appointment.ends_at = after, appointment.ends_at + shift
            _increment_sequence(appointment, only_the_clocks=True)
            db.session.flush()
            for claim in moved_claims if shift < timedelta() else reversed(moved_claims):
                new_times = {"starts_at": claim.starts_at + shift, "ends_at": claim.ends_at + shift}
                db.session.execute(update(Claim).where(Claim.id == claim.id).values(new_times))
    except IntegrityError:
        return False
    return True


def _leave_instant(appointment: Appointment, now: datetime) -> None:
    """Leave an appointment at its instant, which is another local time now: somebody has to call."""
    _increment_sequence(appointment, only_the_clocks=False)
    db.session.flush()
    if appointment.status is Status.BOOKED:
        due = max(now, min(now + LOST_TIME_CALL_WITHIN, appointment.starts_at))
        tasks.open_task(
            TaskKind.CALL_BACK,
            Owner.FRONT_DESK,
            "appointment",
            appointment.id,
            due,
            now,
            why="clocks",
        )


def _increment_sequence(appointment: Appointment, *, only_the_clocks: bool) -> None:
    """Note the new offset; of what is booked, calendars and messages learn by SEQUENCE and version."""
    appointment.utc_offset = _offset_today(appointment)
    if appointment.status is Status.BOOKED:
        appointment.sequence += 1
        appointment.clocks_sequence = appointment.sequence if only_the_clocks else None
