"""Holding a time while someone books: ten minutes, anew at each step, and taken again if still free."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking.appointments.hold_limits import require_hold_limit
from booking.appointments.impossible import is_still_possible
from booking.appointments.models import Appointment
from booking.appointments.pending import build_pending_appointment
from booking.appointments.rules import (
    MOST_HOLDS,
    Origin,
    Status,
    hold_expires_at,
    hold_started_at,
)
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import utc_offset
from booking.calendars.location_calendars import LocationCalendar
from booking.db.statements import write
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
    most_holds: int = MOST_HOLDS,
) -> Appointment:
    """Hold a slot under `token`, or point the hold there is under it to this slot.

    Pressed twice, it holds once. Raises `SlotTaken`, `UnknownSlug`, `TooManyHolds`; `HoldNotFound` when it is
    booked.
    """
    try:
        return change_hold_time(token, location, starts_at, now)
    except HoldNotFound:
        pass
    try:
        return create_hold(service, location, starts_at, now, token, held_from, most_holds)
    except (calendars.SlotTaken, OverlapError, IntegrityError) as refusal:
        try:  # perhaps the same press came first
            return change_hold_time(token, location, starts_at, now)
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
    most_holds: int = MOST_HOLDS,
) -> Appointment:
    """Hold a slot for whoever asked, under a `token` nobody else has; `held_from` stands for their address.

    One address may hold `most_holds` at once.

    Raises `SlotTaken`, `UnknownSlug`, `TooManyHolds`.
    """
    if held_from is not None:
        require_hold_limit(held_from, most_holds, now)
    known = availability.current_catalogue()
    offer, place = (
        availability.find_service(known, service),
        availability.find_location(known, location),
    )
    if not availability.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    held = build_pending_appointment(place, offer, offer.demand, starts_at, now, Origin.ONLINE)
    held.token = token or held.token
    held.expires_at, held.held_from = hold_expires_at(now, now), held_from
    write(held)
    calendars.claim_resources(
        held.id, place, offer.demand, starts_at, now, expires_at=held.expires_at
    )
    record_hold_action("hold", held, now)
    return held


def record_hold_action(action: str, held: Appointment, now: datetime) -> None:
    """Write the audit entry of something done to a hold."""
    starts_at, where = held.starts_at.isoformat(), held.location_id
    audit.record(
        Origin.ONLINE, action, "appointment", held.id, now, starts_at=starts_at, location=where
    )


def find_hold(token: str) -> Appointment:
    """Return the hold with this token; raise `HoldNotFound`. Reads only; it may have expired."""
    found = db.session.scalar(select(Appointment).filter_by(token=token))
    if found is None or found.status is not Status.PENDING:
        raise HoldNotFound(token)
    return found


@transaction()
def renew_hold(token: str, now: datetime) -> Appointment:
    """Make a hold last for another step; one that expired is taken again if its time is still free.

    Once it has lasted as long as one may, the time is free for others, and whoever is slow goes on without
    it: booking looks again. Raises `SlotTaken` (the hold stays, with what was typed), `HoldNotFound`.
    """
    held = lock_hold(token)
    if expires_at := _extend_claims(held, now):
        renew_claims(held, expires_at, now)
    return held


def _extend_claims(held: Appointment, now: datetime) -> datetime | None:
    """Let a hold last for another step, and return until when; None while it may not."""
    held.created_at = hold_started_at(held.created_at, now)
    expires_at = hold_expires_at(held.created_at, now)
    if expires_at <= now:
        return None
    held.expires_at = expires_at
    return expires_at


@transaction()
def release_hold(token: str, now: datetime) -> Appointment:
    """Free the time of a hold, which then has expired; what was typed stays. Raises `HoldNotFound`."""
    held = lock_hold(token)
    place = availability.current_catalogue().locations_by_id[held.location_id]
    calendars.release_claims(held.id, place, held.local_date)
    held.expires_at = now
    return held


def lock_hold(token: str) -> Appointment:
    """Return a hold, locked; raise `HoldNotFound`."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        raise HoldNotFound(token)
    return held


def renew_claims(held: Appointment, expires_at: datetime | None, now: datetime) -> None:
    """Make the claims of a hold last until `expires_at` (None: for good).

    Once they expired, the time is claimed anew as if by anyone: raises `SlotTaken` when it is taken, has
    begun, or is offered no longer. So it does of a time at which the clinic is no longer there.
    """
    known = availability.current_catalogue()
    place, offer = (
        known.locations_by_id[held.location_id],
        known.services_by_id[held.service_id],
    )
    calendars.lock_days([(place.id, held.local_date)])
    if held.starts_at <= now:
        raise calendars.SlotTaken
    if calendars.extend_claims(held.id, expires_at, now):
        if not is_still_possible(held):  # the clinic has changed since
            raise calendars.SlotTaken
        return
    if not availability.is_bookable_online(place, offer, held.starts_at, now):
        raise calendars.SlotTaken
    calendars.claim_resources(
        held.id, place, offer.demand, held.starts_at, now, expires_at=expires_at
    )


def require_slot_offered(
    place: LocationCalendar, offer: BookableService, starts_at: datetime, now: datetime
) -> None:
    """Raise `SlotTaken` unless a time is offered online and free. Reads only."""
    if not availability.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    calendars.require_slot_free(place, offer.demand, starts_at, now)


def require_hold_time_free(held: Appointment, now: datetime) -> None:
    """Raise `SlotTaken` unless a hold has its time still, or could take it again. Reads only."""
    if held.expires_at is None or held.expires_at <= now:
        known = availability.current_catalogue()
        place, offer = (
            known.locations_by_id[held.location_id],
            known.services_by_id[held.service_id],
        )
        require_slot_offered(place, offer, held.starts_at, now)


@transaction()
def change_hold_time(token: str, location: str, starts_at: datetime, now: datetime) -> Appointment:
    """Point a hold to another time, with what was typed so far. Raises `SlotTaken`, `HoldNotFound`."""
    held = lock_hold(token)
    known = availability.current_catalogue()
    old_place, offer = (
        known.locations_by_id[held.location_id],
        known.services_by_id[held.service_id],
    )
    place = availability.find_location(known, location)
    if not availability.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(place.zone).date()
    calendars.lock_days([(old_place.id, held.local_date), (place.id, local_date)])
    calendars.release_claims(held.id, old_place, held.local_date)
    held.location_id, held.local_date, held.time_zone = place.id, local_date, place.zone.key
    held.utc_offset = utc_offset(starts_at, place.zone)
    held.starts_at, held.ends_at = (
        starts_at,
        starts_at + timedelta(minutes=offer.minutes),
    )
    if expires_at := _extend_claims(held, now):
        calendars.claim_resources(
            held.id, place, offer.demand, starts_at, now, expires_at=expires_at
        )
    record_hold_action("move_hold", held, now)
    return held
