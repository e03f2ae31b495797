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
from booking.calendars.days import utc_offset, wall_clock
from booking.calendars.models import Claim
from booking.db import transaction
from booking.extensions import db
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "upgrade"
CALLED_WITHIN = timedelta(days=1)
DAY = timedelta(days=1)
Timed = Appointment | Row[datetime, int | None, str]  # starts_at, utc_offset, time_zone


@dataclass(frozen=True, slots=True)
class ZoneChange:
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
        shown = self.before.astimezone(self.zone)
        return (
            f"{self.reference} can't stay at {local} {zone}: {now} is taken; now at {shown:%H:%M}"
        )


@transaction()
def keep_local_times(now: datetime) -> list[ZoneChange]:
    """Move what is booked or held to the instants that have its local time; return what changed.

    Running it again changes nothing. What collides becomes a task; what the hours leave out then is
    found as any other appointment that can't take place.
    """
    stale = _stale(now)
    if not stale:
        return []
    calendars.lock_days((visit.location_id, visit.local_date) for visit in stale)
    db.session.execute(delete(Claim).where(Claim.expires_at <= now))
    return [_keep(visit, now) for visit in _in_turn(stale)]


def _stale(now: datetime) -> list[Appointment]:
    """Return what isn't over, by either law, and was computed by another than its zone's today."""
    coming = db.session.scalars(
        select(Appointment)
        .where(*_is_not_over(now))
        .order_by(Appointment.starts_at)
        .with_for_update()
    )
    return [visit for visit in coming if _has_another_offset(visit)]


def are_local_times_kept(now: datetime) -> bool:
    """Tell whether this process knows what is booked by the local times that were promised.

    Not after a forgotten `flask db upgrade`, and not where another machine's `tzdata` is newer.
    """
    coming = db.session.execute(
        select(Appointment.starts_at, Appointment.utc_offset, Appointment.time_zone).where(
            *_is_not_over(now)
        )
    )
    return not any(map(_has_another_offset, coming))


def _is_not_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_open = Appointment.status.in_((Status.PENDING, Status.BOOKED))
    return is_open, Appointment.ends_at > now - DAY


def _has_another_offset(visit: Timed) -> bool:
    return visit.utc_offset not in (None, _offset_today(visit))


def _offset_today(visit: Timed) -> int:
    return utc_offset(visit.starts_at, ZoneInfo(visit.time_zone))


def _in_turn(stale: Sequence[Appointment]) -> list[Appointment]:
    """Return them so that none is in the way of the next: what goes earlier from the earliest on."""
    earlier = [visit for visit in stale if _after(visit) < visit.starts_at]
    later = [visit for visit in stale if visit not in earlier]
    return earlier + sorted(later, key=attrgetter("starts_at"), reverse=True)


def _local_time(visit: Appointment) -> datetime:
    return (visit.starts_at + timedelta(minutes=visit.utc_offset or 0)).replace(tzinfo=None)


def _after(visit: Appointment) -> datetime:
    """Return the instant that has the appointment's local time now."""
    local = _local_time(visit)
    return wall_clock(local.date(), local.time(), ZoneInfo(visit.time_zone))


def _keep(visit: Appointment, now: datetime) -> ZoneChange:
    local, before, after = _local_time(visit), visit.starts_at, _after(visit)
    is_kept = _move(visit, after)
    if not is_kept:
        _stay(visit, now)
    audit.record(
        ACTOR, "keep_local_time" if is_kept else "lose_local_time", "appointment", visit.id, now,
        **{"from": before.isoformat(), "to": visit.starts_at.isoformat(), "tzdata": zones.VERSION},
    )  # fmt: skip
    return ZoneChange(visit.reference, ZoneInfo(visit.time_zone), local, before, after, is_kept)


def _move(visit: Appointment, after: datetime) -> bool:
    """Move an appointment and its claims together; tell whether the database had room for them."""
    by = after - visit.starts_at
    claims = select(Claim).where(Claim.appointment_id == visit.id).order_by(Claim.starts_at)
    held = list(db.session.scalars(claims))
    try:
        with db.session.begin_nested():
            visit.starts_at, visit.ends_at = after, visit.ends_at + by
            _count_up(visit, only_the_clocks=True)
            db.session.flush()
            for claim in held if by < timedelta() else reversed(held):
                moved = {"starts_at": claim.starts_at + by, "ends_at": claim.ends_at + by}
                db.session.execute(update(Claim).where(Claim.id == claim.id).values(moved))
    except IntegrityError:
        return False
    return True


def _stay(visit: Appointment, now: datetime) -> None:
    """Leave an appointment at its instant, which is another local time now: somebody has to call."""
    _count_up(visit, only_the_clocks=False)
    db.session.flush()
    if visit.status is Status.BOOKED:
        due = max(now, min(now + CALLED_WITHIN, visit.starts_at))
        tasks.open_task(
            TaskKind.CALL_BACK, Owner.FRONT_DESK, "appointment", visit.id, due, now, why="clocks"
        )


def _count_up(visit: Appointment, *, only_the_clocks: bool) -> None:
    """Note the new offset; of what is booked, calendars and messages learn by SEQUENCE and version."""
    visit.utc_offset = _offset_today(visit)
    if visit.status is Status.BOOKED:
        visit.sequence += 1
        visit.clocks_sequence = visit.sequence if only_the_clocks else None
