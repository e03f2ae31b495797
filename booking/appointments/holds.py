"""Holding a time while someone books: ten minutes, anew at each step, and taken again if still free."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError

from booking.appointments.misfits import can_take_place
from booking.appointments.models import Appointment
from booking.appointments.rules import (
    MOST_HOLDS,
    Origin,
    Status,
    hold_beginning,
    hold_expiry,
    new_reference,
    new_token,
)
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Offer
from booking.calendars.days import utc_offset
from booking.calendars.places import Place
from booking.calendars.rules import Demand
from booking.db import OverlapError, transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.statements import lock_name, write

ABANDONED = timedelta(hours=23)  # after this a hold goes with all that was answered under it


class TooManyHolds(Exception):
    """So many times are held from one address that it gets no other for now."""


class HoldGone(LookupError):
    """There is no such hold: never made, deleted, or booked already."""


def take(
    token: str,
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    held_from: str | None = None,
    most_holds: int = MOST_HOLDS,
) -> Appointment:
    """Hold a slot under `token`, or point the hold there is under it to this slot.

    Pressed twice, it holds once. Raises `SlotTaken`, `UnknownName`, `TooManyHolds`; `HoldGone` when it is
    booked.
    """
    try:
        return change_time(token, location, starts_at, now)
    except HoldGone:
        pass
    try:
        return hold(service, location, starts_at, now, token, held_from, most_holds)
    except (calendars.SlotTaken, OverlapError, IntegrityError) as refusal:
        try:  # perhaps the same press came first
            return change_time(token, location, starts_at, now)
        except HoldGone:
            raise refusal from None


@transaction()
def hold(
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    token: str | None = None,
    held_from: str | None = None,
    most_holds: int = MOST_HOLDS,
) -> Appointment:
    """Hold a slot for whoever asked, under a `token` nobody else has; `held_from` stands for their address.

    One address may hold `most_holds` at once.

    Raises `SlotTaken`, `UnknownName`, `TooManyHolds`.
    """
    if held_from is not None:
        _require_few_holds(held_from, most_holds, now)
    known = offering.catalogue()
    offer, place = (
        offering.find_offer(known, service),
        offering.find_place(known, location),
    )
    if not offering.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    held = new_visit(place, offer, offer.demand, starts_at, now, Origin.ONLINE)
    held.token = token or held.token
    held.expires_at, held.held_from = hold_expiry(now, now), held_from
    write(held)
    calendars.claim(held.id, place, offer.demand, starts_at, now, expires_at=held.expires_at)
    _record("hold", held, now)
    return held


def _require_few_holds(held_from: str, most_holds: int, now: datetime) -> None:
    """Raise `TooManyHolds` when an address holds as many times as it may; those at once are counted too."""
    lock_name(f"holds {held_from}")
    open_holds = select(func.count()).where(*open_from(held_from, now))
    if (db.session.scalar(open_holds) or 0) >= most_holds:
        raise TooManyHolds


def open_from(held_from: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a hold that is kept now, made from an address."""
    return (
        Appointment.held_from == held_from,
        Appointment.status == Status.PENDING,
        Appointment.expires_at > now,
    )


def _record(action: str, held: Appointment, now: datetime) -> None:
    starts_at, where = held.starts_at.isoformat(), held.location_id
    audit.record(
        Origin.ONLINE, action, "appointment", held.id, now, starts_at=starts_at, location=where
    )


def new_visit(
    place: Place,
    offer: Offer,
    demand: Demand,
    starts_at: datetime,
    now: datetime,
    origin: Origin,
) -> Appointment:
    """Return an appointment of nobody yet and without claims."""
    return Appointment(
        reference=new_reference(),
        token=new_token(),
        uid=f"{uuid4()}@visits",
        status=Status.PENDING,
        service_id=offer.id,
        location_id=place.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=demand.minutes),
        local_date=starts_at.astimezone(place.zone).date(),
        time_zone=place.zone.key,
        utc_offset=utc_offset(starts_at, place.zone),
        needs=[need.as_data() for need in demand.needs],
        is_infusion=offer.is_infusion,
        origin=origin,
        created_at=now,
        sequence=0,
        note="",
        version=1,
    )


def find_hold(token: str) -> Appointment:
    """Return the hold with this token; raise `HoldGone`. Reads only; it may have expired."""
    found = db.session.scalar(select(Appointment).filter_by(token=token))
    if found is None or found.status is not Status.PENDING:
        raise HoldGone(token)
    return found


@transaction()
def keep(token: str, now: datetime) -> Appointment:
    """Make a hold last for another step; one that expired is taken again if its time is still free.

    Once it has lasted as long as one may, the time is free for others, and whoever is slow goes on without
    it: booking looks again. Raises `SlotTaken` (the hold stays, with what was typed), `HoldGone`.
    """
    held = lock_hold(token)
    if expires_at := _extend_life(held, now):
        secure(held, expires_at, now)
    return held


def _extend_life(held: Appointment, now: datetime) -> datetime | None:
    """Let a hold last for another step, and return until when; None while it may not."""
    held.created_at = hold_beginning(held.created_at, now)
    expires_at = hold_expiry(held.created_at, now)
    if expires_at <= now:
        return None
    held.expires_at = expires_at
    return expires_at


@transaction()
def free(token: str, now: datetime) -> Appointment:
    """Free the time of a hold, which then has expired; what was typed stays. Raises `HoldGone`."""
    held = lock_hold(token)
    place = offering.catalogue().places_by_id[held.location_id]
    calendars.release(held.id, place, held.local_date)
    held.expires_at = now
    return held


def lock_hold(token: str) -> Appointment:
    """Return a hold, locked; raise `HoldGone`."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        raise HoldGone(token)
    return held


def secure(held: Appointment, expires_at: datetime | None, now: datetime) -> None:
    """Make the claims of a hold last until `expires_at` (None: for good).

    Once they expired, the time is claimed anew as if by anyone: raises `SlotTaken` when it is taken, has
    begun, or is offered no longer. So it does of a time at which the clinic is no longer there.
    """
    known = offering.catalogue()
    place, offer = (
        known.places_by_id[held.location_id],
        known.offers_by_id[held.service_id],
    )
    calendars.lock_days([(place.id, held.local_date)])
    if held.starts_at <= now:
        raise calendars.SlotTaken
    if calendars.extend(held.id, expires_at, now):
        if not can_take_place(held):  # the clinic has changed since
            raise calendars.SlotTaken
        return
    if not offering.is_bookable_online(place, offer, held.starts_at, now):
        raise calendars.SlotTaken
    calendars.claim(held.id, place, offer.demand, held.starts_at, now, expires_at=expires_at)


def require_offered(place: Place, offer: Offer, starts_at: datetime, now: datetime) -> None:
    """Raise `SlotTaken` unless a time is offered online and free. Reads only."""
    if not offering.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    calendars.require_free(place, offer.demand, starts_at, now)


def require_time(held: Appointment, now: datetime) -> None:
    """Raise `SlotTaken` unless a hold has its time still, or could take it again. Reads only."""
    if held.expires_at is None or held.expires_at <= now:
        known = offering.catalogue()
        place, offer = known.places_by_id[held.location_id], known.offers_by_id[held.service_id]
        require_offered(place, offer, held.starts_at, now)


@transaction()
def change_time(token: str, location: str, starts_at: datetime, now: datetime) -> Appointment:
    """Point a hold to another time, with what was typed so far. Raises `SlotTaken`, `HoldGone`."""
    held = lock_hold(token)
    known = offering.catalogue()
    old_place, offer = (
        known.places_by_id[held.location_id],
        known.offers_by_id[held.service_id],
    )
    place = offering.find_place(known, location)
    if not offering.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(place.zone).date()
    calendars.lock_days([(old_place.id, held.local_date), (place.id, local_date)])
    calendars.release(held.id, old_place, held.local_date)
    held.location_id, held.local_date, held.time_zone = place.id, local_date, place.zone.key
    held.utc_offset = utc_offset(starts_at, place.zone)
    held.starts_at, held.ends_at = (
        starts_at,
        starts_at + timedelta(minutes=offer.minutes),
    )
    if expires_at := _extend_life(held, now):
        calendars.claim(held.id, place, offer.demand, starts_at, now, expires_at=expires_at)
    _record("move_hold", held, now)
    return held


@transaction()
def drop(token: str, now: datetime) -> None:
    """Free a hold's time and delete it with all that was answered under it, if there is such a hold."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        return
    known = offering.catalogue()
    calendars.release(held.id, known.places_by_id[held.location_id], held.local_date)
    db.session.delete(held)
    _record("drop_hold", held, now)


@transaction()
def delete_abandoned(now: datetime) -> int:
    """Delete holds that nobody finished, with their answers, within a day; return how many."""
    # On the DELETE itself: a hold that is being booked meanwhile is looked at again.
    abandoned = delete(Appointment).where(
        Appointment.status == Status.PENDING, Appointment.created_at < now - ABANDONED
    )
    gone = db.session.scalars(abandoned.returning(Appointment.id)).all()
    for appointment_id in gone:
        audit.record("appointments", "drop_hold", "appointment", appointment_id, now)
    screening.delete_nameless_flags(now - ABANDONED)
    return len(gone)
