"""What is free, and taking it: the only place that reads or writes claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import delete, insert, select, update

from booking.audit import operations as audit
from booking.calendars.allocation import Allocation, StartNotFree
from booking.calendars.choosing import ResourceChoice, choose_instead, choose_resources
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import CalendarDay, Claim
from booking.calendars.overrides import NO_RULES, Rules
from booking.calendars.rules import FreeCells, ResourceDemand
from booking.db.statements import Insert, on_sqlite, upsert
from booking.db.transactions import transaction
from booking.extensions import db

ACTOR = "calendar"  # who moves appointments to other chairs, by the audit trail


class SlotTaken(Exception):
    """The wanted time is no longer free."""


@transaction()
def lock_days(days: Iterable[tuple[int, date]]) -> None:
    """Lock the calendar days (location id, local date) in sorted order, and count their versions up.

    Whoever claims or frees time on a day holds its row to the end of the transaction.
    """
    counting = _increment_day_versions(on_sqlite())
    for location_id, local_date in sorted(set(days)):
        day = {"location_id": location_id, "local_date": local_date, "version": 1}
        db.session.connection().execute(counting, day)


@transaction()
def lock_day_as_it_is(location_id: int, local_date: date) -> None:
    """Lock a calendar day on which something is claimed, leaving its version: what is free stays so."""
    day = select(CalendarDay.version).filter_by(location_id=location_id, local_date=local_date)
    db.session.execute(day.with_for_update())


@cache
def _increment_day_versions(_on_sqlite: bool) -> Insert:
    return upsert(CalendarDay).on_conflict_do_update(
        index_elements=["location_id", "local_date"], set_={"version": CalendarDay.version + 1}
    )


@transaction()
def claim_resources(
    appointment_id: int,
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    preferred_ids: Sequence[int] = (),
    exempt: Rules = NO_RULES,
) -> tuple[int, ...]:
    """Take what an appointment starting at `starts_at` needs; return the resource ids taken.

    Resources in `preferred_ids` are taken where they are free. `expires_at` makes it a hold; `exempt` are
    rules that don't bind it. Raises `SlotTaken` when the time is not free, judged by the same function that
    offers it.
    """
    lock_days([(location.id, starts_at.astimezone(location.zone).date())])
    choice = _choose(location, demand, starts_at, now, preferred_ids, exempt)
    _delete_expired(choice, now)
    _move_others(choice, now)
    _insert_claims(appointment_id, choice.allocations, choice.free, expires_at)
    return tuple(allocation.resource_id for allocation in choice.allocations)


def require_slot_free(
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    exempt: Rules = NO_RULES,
) -> None:
    """Raise `SlotTaken` unless an appointment could start then; locks nothing and claims nothing."""
    _choose(location, demand, starts_at, now, exempt=exempt)


@transaction()
def replace_missing_resources(
    appointment_id: int,
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    exempt: Rules = NO_RULES,
) -> tuple[int, ...] | None:
    """Give an appointment other rooms, chairs or seats at its own time; return the resource ids taken.

    What is still there stays, its practitioner always. None, and all as it was, where nothing of that
    kind is free.
    """
    lock_days([(location.id, starts_at.astimezone(location.zone).date())])
    of_appointment = Claim.appointment_id == appointment_id
    try:
        choice = choose_instead(appointment_id, location, demand, starts_at, now, exempt)
    except StartNotFree:
        return None
    _delete_expired(choice, now)
    db.session.execute(delete(Claim).where(of_appointment))
    _move_others(choice, now)
    _insert_claims(appointment_id, choice.allocations, choice.free, None)
    return tuple(allocation.resource_id for allocation in choice.allocations)


def _choose(
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    preferred_ids: Sequence[int] = (),
    exempt: Rules = NO_RULES,
) -> ResourceChoice:
    try:
        return choose_resources(location, demand, starts_at, now, preferred_ids, exempt=exempt)
    except StartNotFree as refusal:
        raise SlotTaken from refusal


def _move_others(choice: ResourceChoice, now: datetime) -> None:
    """Give those who are in the way other chairs or rooms at their own times; they are promised none."""
    if not choice.moves:
        return
    columns = (Claim.id, Claim.appointment_id, Claim.starts_at, Claim.ends_at, Claim.expires_at)
    in_the_way = delete(Claim).where(Claim.id.in_(choice.moves)).returning(*columns)
    rows = [row._asdict() for row in db.session.execute(in_the_way)]
    moved_claims = [{**row, "resource_id": choice.moves[row["id"]]} for row in rows]
    db.session.connection().execute(insert(Claim).returning(Claim.id), moved_claims)
    for claim in moved_claims:
        facts = {"resource": claim["resource_id"]}
        audit.record(ACTOR, "reseat", "appointment", claim["appointment_id"], now, **facts)


def _delete_expired(choice: ResourceChoice, now: datetime) -> None:
    if choice.expired:
        deletion = delete(Claim).where(Claim.id.in_(choice.expired), Claim.expires_at <= now)
        db.session.execute(deletion)  # one that was booked meanwhile stays, and refuses this one


def _insert_claims(
    appointment_id: int,
    allocations: Sequence[Allocation],
    free: FreeCells,
    expires_at: datetime | None,
) -> None:
    rows = [
        {
            "appointment_id": appointment_id,
            "resource_id": allocation.resource_id,
            "starts_at": free.day.cell_start(allocation.first),
            "ends_at": free.day.cell_start(allocation.end),
            "expires_at": expires_at,
        }
        for allocation in allocations
    ]
    # RETURNING makes it one statement; without, psycopg sends each row through its pipeline.
    db.session.connection().execute(insert(Claim).returning(Claim.id), rows)


@transaction()
def release_claims(appointment_id: int, location: LocationCalendar, local_date: date) -> None:
    """Free what an appointment holds on `local_date`."""
    lock_days([(location.id, local_date)])
    db.session.execute(delete(Claim).where(Claim.appointment_id == appointment_id))


@transaction()
def pin_claims(appointment_id: int, location: LocationCalendar, local_date: date) -> None:
    """Keep what an appointment claims on `local_date` as it is: its patient is here."""
    lock_days([(location.id, local_date)])
    db.session.execute(
        update(Claim).where(Claim.appointment_id == appointment_id).values(pinned=True)
    )


@transaction()
def release_remaining_claims(
    appointment_id: int, location: LocationCalendar, local_date: date, now: datetime
) -> None:
    """Free what an appointment holds from `now` on; the time gone by stays its own, where it was."""
    lock_days([(location.id, local_date)])
    of_appointment = Claim.appointment_id == appointment_id
    db.session.execute(delete(Claim).where(of_appointment, Claim.starts_at >= now))
    what_was = update(Claim).where(of_appointment, Claim.ends_at > now)
    db.session.execute(what_was.values(ends_at=now, pinned=True))


@transaction()
def extend_claims(appointment_id: int, expires_at: datetime | None, now: datetime) -> bool:
    """Set the expiry (None: for good) of claims that hold at `now`; tell whether there were any.

    The caller holds the day's lock: a claim that is moved to another chair is another row.
    """
    claim_ids = db.session.scalars(
        update(Claim)
        .where(Claim.appointment_id == appointment_id, Claim.expires_at > now)
        .values(expires_at=expires_at)
        .returning(Claim.id)
    )
    return bool(claim_ids.all())


@dataclass(frozen=True, slots=True)
class ClaimedTime:
    """The time [starts_at, ends_at), in UTC, that an appointment claims of a resource."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime


def claims_by_appointment(appointment_ids: Sequence[int]) -> dict[int, list[ClaimedTime]]:
    """Return appointment id → what it claims, or claimed until it was over."""
    by_appointment: dict[int, list[ClaimedTime]] = {}
    rows = db.session.execute(
        select(Claim.appointment_id, Claim.resource_id, Claim.starts_at, Claim.ends_at)
        .where(Claim.appointment_id.in_(appointment_ids))
        .order_by(Claim.id)
    )
    for appointment_id, resource_id, starts_at, ends_at in rows:
        claim = ClaimedTime(resource_id, starts_at, ends_at)
        by_appointment.setdefault(appointment_id, []).append(claim)
    return by_appointment


def claimed_resource_ids(appointment_id: int) -> tuple[int, ...]:
    """Return the ids of the resources that an appointment claims."""
    return tuple(
        claim.resource_id
        for claim in claims_by_appointment([appointment_id]).get(appointment_id, ())
    )
