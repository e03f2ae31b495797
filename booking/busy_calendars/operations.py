"""Keeping a practitioner's own calendar, and what was read of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from booking.audit import operations as audit
from booking.busy_calendars.expanding import Span
from booking.busy_calendars.fetching import CacheValidators, FetchedFile
from booking.busy_calendars.rules import TELL_AFTER, TRY_AGAIN, ReadFailure
from booking.calendars.availability import increment_catalogue_version
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.extensions import db
from booking.staff.models import BusyCalendar, BusyTime, Staff
from booking.staff.people import forget_calendar
from booking.staff.secret_box import SecretBox
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

ACTOR = "scheduler"
SUBJECT = "staff"
MANAGER_ACTS_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """A calendar that is to be read now; `address`, still encrypted, tells it from another set meanwhile."""

    staff_id: int
    address: str
    validators: CacheValidators
    read_until: datetime | None


@transaction()
def set_calendar(staff_id: int, address: str, box: SecretBox, now: datetime, actor: str) -> None:
    """Keep the address of a person's own calendar, to be read soon; what was read of another is forgotten."""
    lock_row(Staff, staff_id)
    forget_calendar(staff_id, now, actor)
    increment_catalogue_version()
    db.session.add(
        BusyCalendar(
            staff_id=staff_id, address=box.encrypt(address), added_at=now, next_read_at=now
        )
    )
    db.session.flush()
    audit.record(actor, "set_own_calendar", SUBJECT, staff_id, now)


@transaction()
def remove_calendar(staff_id: int, now: datetime, actor: str) -> None:
    """Forget a person's own calendar and all that was read of it; twice changes nothing."""
    lock_row(Staff, staff_id)
    if forget_calendar(staff_id, now, actor):
        increment_catalogue_version()


@transaction()
def claim_due_calendar(now: datetime) -> DueCalendar | None:
    """Take a calendar that is to be read, the one that waits longest; none is read by two schedulers."""
    due = select(BusyCalendar).where(BusyCalendar.next_read_at <= now)
    row = db.session.scalar(
        due.order_by(BusyCalendar.next_read_at).limit(1).with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.next_read_at = now + TRY_AGAIN
    validators = CacheValidators(row.etag, row.last_modified)
    return DueCalendar(row.staff_id, row.address, validators, row.read_until)


@transaction()
def keep_unchanged(due: DueCalendar, now: datetime, interval: timedelta) -> None:
    """Keep that a calendar was asked for, and is as it was."""
    if (row := _lock_current(due)) is not None:
        _note_success(row, now, interval)


@transaction()
def keep_busy_times(
    due: DueCalendar,
    fetched: FetchedFile,
    spans: Sequence[Span],
    read_until: datetime,
    now: datetime,
    interval: timedelta,
) -> None:
    """Put what was read in place of what was read before; nothing happens to what is booked."""
    row = _lock_current(due)
    if row is None:
        return
    _note_success(row, now, interval)
    row.read_until = read_until
    row.etag, row.last_modified = fetched.validators.etag, fetched.validators.last_modified
    if list(spans) != list_busy_times(row.staff_id):
        _replace_times(row.staff_id, spans)
        audit.record(ACTOR, "read_own_calendar", SUBJECT, row.staff_id, now, busy_times=len(spans))


def list_busy_times(staff_id: int) -> list[Span]:
    """Return when a person's own calendar says busy, in order."""
    columns = select(BusyTime.starts_at, BusyTime.ends_at)
    rows = db.session.execute(columns.filter_by(staff_id=staff_id).order_by(BusyTime.starts_at))
    return [(starts_at, ends_at) for starts_at, ends_at in rows]


def _replace_times(staff_id: int, spans: Sequence[Span]) -> None:
    db.session.execute(delete(BusyTime).where(BusyTime.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "starts_at": span[0], "ends_at": span[1]} for span in spans]
    if rows:
        db.session.execute(insert(BusyTime), rows)
    increment_catalogue_version()


@transaction()
def keep_failure(due: DueCalendar, reason: ReadFailure, now: datetime) -> None:
    """Keep that a calendar couldn't be read, and since when; after a day somebody is told, once a day."""
    row = _lock_current(due)
    if row is None:
        return
    row.failing_since, row.failure = row.failing_since or now, reason.value
    if now - row.failing_since < TELL_AFTER:
        return
    kind, since = TaskKind.CALENDAR_UNREAD, now - TELL_AFTER
    if not tasks.was_handled_since(kind, SUBJECT, row.staff_id, since=since):
        tasks.open_task(
            kind,
            Owner.FRONT_DESK,
            SUBJECT,
            row.staff_id,
            now + MANAGER_ACTS_WITHIN,
            now,
            why=reason.value,
        )


def _lock_current(due: DueCalendar) -> BusyCalendar | None:
    """Return the row of a calendar; None when it was removed, or is another, since it was taken."""
    row = db.session.get(BusyCalendar, due.staff_id, with_for_update=True)
    return row if row is not None and row.address == due.address else None


def _note_success(row: BusyCalendar, now: datetime, interval: timedelta) -> None:
    row.read_at, row.next_read_at = now, now + interval
    row.failing_since = row.failure = None
    tasks.close_fulfilled_task(TaskKind.CALENDAR_UNREAD, SUBJECT, row.staff_id, now)
