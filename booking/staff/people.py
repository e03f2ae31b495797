"""Who works here: taking people on, their role, and letting them go. `appointments` sees to their visits."""

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.clock import local_date
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.extensions import db
from booking.locations.models import Location, Resource
from booking.locations.rules import ResourceKind
from booking.staff import invitations, operations, second_factors
from booking.staff.models import BusyCalendar, Role, Shift, Staff
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

LONGEST_SLUG_WORDS = 30  # characters of a slug that a name gives; the rest is random


class EmailInUse(ValueError):
    """Somebody who works here has this e-mail already."""


class OwnAccount(ValueError):
    """Managers change neither their own role nor retire themselves: so one is always left."""


def list_people() -> list[Staff]:
    """Return everybody who works or worked here, those who do first, by name."""
    return list(db.session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.name)))


def find_person(staff_id: int) -> Staff | None:
    """Return a member of staff, a former one too."""
    return db.session.get(Staff, staff_id)


@transaction()
def add_person(
    name: str, email: str, role: Role, now: datetime, actor: str
) -> tuple[Staff, invitations.NewInvitation]:
    """Take somebody on, or again who was retired; return them with the link to set a password.

    Raises `EmailInUse`.
    """
    email = email.strip().lower()
    person = db.session.scalar(select(Staff).filter_by(email=email).with_for_update())
    if person is None:
        person = Staff(slug=_new_slug(name), email=email, role=role, name=name)
        db.session.add(person)
    elif person.active:
        raise EmailInUse(email)
    person.name, person.active, person.password_hash = name, True, None
    db.session.flush()
    _set_role(person, role, now, actor)
    audit.record(actor, "invite", "staff", person.id, now, role=role.value)
    return person, invitations.make_invitation(person, now, actor)


@transaction()
def change_role(staff_id: int, role: Role, now: datetime, manager_id: int) -> None:
    """Give a person another role, and end their sign-ins. Raises `OwnAccount`."""
    person = _lock_other(staff_id, manager_id)
    if person.role is role:
        return
    before = person.role
    _set_role(person, role, now, staff_actor(manager_id))
    operations.end_sessions(person.id, now)
    facts = {"before": before.value, "after": role.value}
    audit.record(staff_actor(manager_id), "change_role", "staff", person.id, now, **facts)


@transaction()
def retire_person(staff_id: int, now: datetime, manager_id: int) -> None:
    """Let nobody sign in as this person any more, and end their shifts. Raises `OwnAccount`."""
    person = _lock_other(staff_id, manager_id)
    if not person.active:
        return
    person.active, person.password_hash = False, None
    for resource in db.session.scalars(select(Resource).filter_by(staff_id=person.id)):
        resource.active = False
    operations.end_sessions(person.id, now)
    second_factors.remove_passkeys(person.id)
    forget_calendar(person.id, now, staff_actor(manager_id))
    invitations.end_invitations(person.id, now)
    end_shifts(person.id, now)
    audit.record(staff_actor(manager_id), "retire", "staff", person.id, now)


def list_coming_shifts(staff_id: int, now: datetime) -> list[tuple[Shift, Location]]:
    """Return the weekly shifts that a person still has, each with its location, by weekday."""
    rows = db.session.execute(
        select(Shift, Location)
        .join(Location, Location.id == Shift.location_id)
        .where(Shift.staff_id == staff_id)
        .order_by(Shift.weekday, Shift.begins)
    )
    return [
        (shift, location)
        for shift, location in rows
        if shift.valid_to is None or shift.valid_to >= local_date(now, location.time_zone)
    ]


@transaction()
def end_shifts(staff_id: int, now: datetime) -> None:
    """End a person's weekly shifts the day before today (local); those that have not begun never were."""
    for shift, location in list_coming_shifts(staff_id, now):
        yesterday = local_date(now, location.time_zone) - timedelta(days=1)
        if shift.valid_from > yesterday:
            db.session.delete(shift)
        else:
            shift.valid_to = yesterday


def _set_role(person: Staff, role: Role, now: datetime, actor: str) -> None:
    """Give a role, and with it what practitioners' appointments claim."""
    person.role = role
    if role is not Role.NURSE:
        person.watches = 0
    if role is not Role.PRACTITIONER:
        forget_calendar(person.id, now, actor)
    resource = db.session.scalar(select(Resource).filter_by(staff_id=person.id))
    if resource is None and role is Role.PRACTITIONER:
        resource = Resource(
            kind=ResourceKind.PRACTITIONER, name=person.name, staff_id=person.id, created_at=now
        )
        db.session.add(resource)
    if resource is not None:
        resource.active = role is Role.PRACTITIONER


@transaction()
def forget_calendar(staff_id: int, now: datetime, actor: str) -> bool:
    """Forget a person's own calendar, what was read of it, and its task; False where there was none."""
    forgotten = delete(BusyCalendar).where(BusyCalendar.staff_id == staff_id)
    tasks.close_fulfilled_task(TaskKind.CALENDAR_UNREAD, "staff", staff_id, now)
    if db.session.scalar(forgotten.returning(BusyCalendar.staff_id)) is None:
        return False
    audit.record(actor, "remove_own_calendar", "staff", staff_id, now)
    return True


def _lock_other(staff_id: int, manager_id: int) -> Staff:
    if staff_id == manager_id:
        raise OwnAccount(staff_id)
    return lock_row(Staff, staff_id)


def _new_slug(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_SLUG_WORDS].strip("-")
    return f"{words or 'staff'}-{secrets.token_hex(3)}"
