"""Holding a time while someone books: ten minutes, anew at each step, and taken again if still free."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from booking.appointments.hold_limits import require_hold_limit
from booking.appointments.impossible import is_still_possible
from booking.appointments.models import Appointment
from booking.appointments.pending import build_pending_appointment
from booking.appointments.rules import (
    MAX_HOLDS,
    Origin,
    Status,
    hold_expires_at,
    hold_started_at,
)
from booking.appointments.timing import set_time
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.slots import is_bookable_online
from booking.db.statements import KEEPS_ITS_ID
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db


class HoldNotFound(LookupError):
    """There is no such hold: never made, deleted, or booked already."""


def hold_or_change_time(
    token: str,
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    held_from: str | None = None,
    most_holds: int = MAX_HOLDS,
    practitioner_id: int | None = None,
) -> Appointment:
    """Hold a slot under `token`, or point the hold there is under it to this slot.

    With `practitioner_id` (a resource's) nobody else is claimed. Pressed twice, it holds once. Raises
    `SlotTaken`, `UnknownSlug`, `TooManyHolds`; `HoldNotFound` when it is booked.
    """
    try:
        return change_hold_time(token, location, starts_at, now, practitioner_id)
    except HoldNotFound:
        pass
    try:
        return create_hold(
            service, location, starts_at, now, token, held_from, most_holds, practitioner_id
        )
    except (calendars.SlotTaken, OverlapError, IntegrityError) as refusal:
        try:  # perhaps the same press came first
            return change_hold_time(token, location, starts_at, now, practitioner_id)
        except HoldNotFound:
            raise refusal from None


@transaction()
def create_hold(
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    token: str | None = None,
    held_from: str | None = None,
    most_holds: int = MAX_HOLDS,
    practitioner_id: int | None = None,
    *,
    origin: Origin = Origin.ONLINE,
) -> Appointment:
    """Hold a slot for whoever asked, under a `token` nobody else has; `held_from` stands for their address.

    One address may hold `most_holds` at once.

    Raises `SlotTaken`, `UnknownSlug`, `TooManyHolds`.
    """
    if held_from is not None:
        require_hold_limit(held_from, most_holds, now)
    catalogue = availability.current_catalogue()
    booked_service, location_calendar = (
        availability.get_service(catalogue, service),
        availability.get_location(catalogue, location),
    )
    if not is_bookable_online(location_calendar, booked_service, starts_at, now):
        raise calendars.SlotTaken
    demand = booked_service.demand_of(practitioner_id)
    hold = build_pending_appointment(
        location_calendar, booked_service, demand, starts_at, now, origin
    )
    hold.token = token or hold.token
    hold.expires_at, hold.held_from = hold_expires_at(now, now), held_from
    db.session.add(hold)
    db.session.flush()
    calendars.claim_resources(
        hold.id, location_calendar, demand, starts_at, now, expires_at=hold.expires_at
    )
    record_hold_action("hold", hold, now)
    return hold


def record_hold_action(
    action: str, hold: Appointment, now: datetime, actor: str | None = None
) -> None:
    """Write the audit entry of something done to a hold; by whom it was made, unless another did it."""
    starts_at, location_id = hold.starts_at.isoformat(), hold.location_id
    audit.record(
        actor or hold.origin,
        action,
        "appointment",
        hold.id,
        now,
        starts_at=starts_at,
        location=location_id,
    )


def get_hold(token: str) -> Appointment:
    """Return the hold with this token; raise `HoldNotFound`. Reads only; it may have expired."""
    appointment = db.session.scalar(select(Appointment).filter_by(token=token))
    if appointment is None or appointment.status is not Status.PENDING:
        raise HoldNotFound(token)
    return appointment


@transaction()
def renew_hold(token: str, now: datetime) -> Appointment:
    """Make a hold last for another step; one that expired is taken again if its time is still free.

    Once it has lasted as long as one may, the time is free for others, and whoever is slow goes on without
    it: booking looks again. Raises `SlotTaken` (the hold stays, with what was typed), `HoldNotFound`.
    """
    hold = lock_hold(token)
    if expires_at := _extend_claims(hold, now):
        renew_claims(hold, expires_at, now)
    return hold


@transaction()
def extend_hold(token: str, now: datetime) -> None:
    """Keep a time that is held while its form is being filled in; a hold that has expired stays so.

    What forms show of the hold, its version too, stays as it is. Raises `HoldNotFound`.
    """
    hold = lock_hold(token)
    if hold.expires_at is None or hold.expires_at <= now:
        return
    expires_at = max(hold.expires_at, hold_expires_at(hold.created_at, now))
    own_row = update(Appointment).where(Appointment.id == hold.id)
    db.session.execute(own_row.values(expires_at=expires_at))
    calendars.lock_day_as_it_is(hold.location_id, hold.local_date)
    calendars.extend_claims(hold.id, expires_at, now)


def _extend_claims(hold: Appointment, now: datetime) -> datetime | None:
    """Let a hold last for another step, and return until when; None while it may not."""
    hold.created_at = hold_started_at(hold.created_at, now)
    expires_at = hold_expires_at(hold.created_at, now)
    if expires_at <= now:
        return None
    hold.expires_at = expires_at
    return expires_at


@transaction()
def release_hold(token: str, now: datetime) -> Appointment:
    """Free the time of a hold, which then has expired; what was typed stays. Raises `HoldNotFound`."""
    hold = lock_hold(token)
    location = availability.current_catalogue().locations_by_id[hold.location_id]
    calendars.release_claims(hold.id, location, hold.local_date)
    hold.expires_at = now
    return hold


def lock_hold(token: str) -> Appointment:
    """Return a hold, locked; raise `HoldNotFound`."""
    hold = db.session.scalar(
        select(Appointment).filter_by(token=token).with_for_update(**KEEPS_ITS_ID)
    )
    if hold is None or hold.status is not Status.PENDING:
        raise HoldNotFound(token)
    return hold


def renew_claims(hold: Appointment, expires_at: datetime | None, now: datetime) -> None:
    """Make the claims of a hold last until `expires_at` (None: for good).

    Once they expired, the time is claimed anew as if by anyone: raises `SlotTaken` when it is taken, has
    begun, or is offered no longer. So it does of a time at which the clinic is no longer there.
    """
    catalogue = availability.current_catalogue()
    location, service = (
        catalogue.locations_by_id[hold.location_id],
        catalogue.services_by_id[hold.service_id],
    )
    calendars.lock_days([(location.id, hold.local_date)])
    if hold.starts_at <= now:
        raise calendars.SlotTaken
    if calendars.extend_claims(hold.id, expires_at, now):
        if not is_still_possible(hold):  # the clinic has changed since
            raise calendars.SlotTaken
        return
    if not is_bookable_online(location, service, hold.starts_at, now):
        raise calendars.SlotTaken
    demand = service.demand_of(hold.practitioner_id)
    calendars.claim_resources(hold.id, location, demand, hold.starts_at, now, expires_at=expires_at)


@transaction()
def change_hold_time(
    token: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    practitioner_id: int | None = None,
) -> Appointment:
    """Point a hold to another time, with what was typed so far. Raises `SlotTaken`, `HoldNotFound`."""
    hold = lock_hold(token)
    catalogue = availability.current_catalogue()
    old_location = catalogue.locations_by_id[hold.location_id]
    service = catalogue.services_by_id[hold.service_id]
    location_calendar = availability.get_location(catalogue, location)
    if not is_bookable_online(location_calendar, service, starts_at, now):
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(location_calendar.zone).date()
    calendars.lock_days([(old_location.id, hold.local_date), (location_calendar.id, local_date)])
    calendars.release_claims(hold.id, old_location, hold.local_date)
    set_time(hold, location_calendar, starts_at, service.minutes)
    hold.practitioner_id = practitioner_id
    if expires_at := _extend_claims(hold, now):
        demand = service.demand_of(practitioner_id)
        calendars.claim_resources(
            hold.id, location_calendar, demand, starts_at, now, expires_at=expires_at
        )
    record_hold_action("move_hold", hold, now)
    return hold
