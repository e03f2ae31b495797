"""Holding a time while someone books: ten minutes, anew at each step, and taken again if still free."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select

from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.rules import (
    Origin,
    Status,
    hold_expiry,
    new_reference,
    new_token,
)
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Offer
from booking.calendars.places import Place
from booking.calendars.rules import Demand
from booking.db import transaction
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.operations import Answers
from booking.screening.rules import Judgement
from booking.statements import write

ABANDONED = timedelta(hours=23)  # after this a hold goes with all that was answered under it


class HoldGone(LookupError):
    """There is no such hold: never made, deleted, or booked already."""


@transaction()
def hold(service: str, location: str, starts_at: datetime, now: datetime) -> Appointment:
    """Hold a slot for whoever asked. Raises `SlotTaken`, `UnknownName`."""
    known = offering.catalogue()
    offer, place = (
        offering.find_offer(known, service),
        offering.find_place(known, location),
    )
    if not offering.is_bookable_online(place, offer, starts_at, now):
        raise calendars.SlotTaken
    held = new_visit(place, offer, offer.demand, starts_at, now, Origin.ONLINE)
    held.expires_at = hold_expiry(now, now)
    write(held)
    calendars.claim(held.id, place, offer.demand, starts_at, now, expires_at=held.expires_at)
    _record("hold", held, now)
    return held


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

    Raises `SlotTaken` when it is not (the hold stays, with what was typed), `HoldGone`.
    """
    held = _held(token)
    held.expires_at = max(hold_expiry(held.created_at, now), now + timedelta(minutes=1))
    secure(held, held.expires_at, now)
    return held


def _held(token: str) -> Appointment:
    """Return a hold, locked; raise `HoldGone`."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        raise HoldGone(token)
    return held


def secure(held: Appointment, expires_at: datetime | None, now: datetime) -> None:
    """Make the claims of a hold last until `expires_at` (None: for good).

    Once they expired, the time is claimed anew as if by anyone: raises `SlotTaken` when it is taken, has
    begun, or is offered no longer.
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
        return
    if not offering.is_bookable_online(place, offer, held.starts_at, now):
        raise calendars.SlotTaken
    calendars.claim(held.id, place, offer.demand, held.starts_at, now, expires_at=expires_at)


@transaction()
def change_time(token: str, location: str, starts_at: datetime, now: datetime) -> Appointment:
    """Point a hold to another time, with what was typed so far. Raises `SlotTaken`, `HoldGone`."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        raise HoldGone(token)
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
    held.location_id, held.local_date = place.id, local_date
    held.starts_at, held.ends_at = (
        starts_at,
        starts_at + timedelta(minutes=offer.minutes),
    )
    held.created_at, held.expires_at = now, hold_expiry(now, now)
    calendars.claim(held.id, place, offer.demand, starts_at, now, expires_at=held.expires_at)
    _record("move_hold", held, now)
    return held


@transaction()
def screen(token: str, given: Answers, now: datetime) -> tuple[Judgement, int | None]:
    """Judge the safety answers for a hold; return the judgement and the id of a flag it raised.

    Answers that lead on are kept under the hold. Any that stop free the time and delete the hold with
    all that was answered under it, whether the time is free still or not; only a yes that asks for a call
    first leaves a flag. Raises `SlotTaken`, `HoldGone`, `AnswersError`, `VersionError`.
    """
    held = _held(token)
    judgement = screening.judge_answers(offering.catalogue().questions, given, held.local_date)
    if judgement.outcome.books:
        keep(token, now)
        screening.keep_answers(held.id, given, judgement.outcome, now)
        return judgement, None
    _drop(held, now)
    if not judgement.calls_first:
        return judgement, None
    flag = screening.raise_flag(FlagKind.CALL_FIRST, judgement.yes, given.birth_date, now, "online")
    return judgement, flag.id


@transaction()
def describe(
    token: str, contact: Contact, *, sms_consent: bool, wording: str, now: datetime
) -> Appointment:
    """Keep what was typed on "you" under the hold. Raises `SlotTaken`, `HoldGone`."""
    held = keep(token, now)
    details = {
        "contact": contact.as_data(),
        "sms_consent": sms_consent,
        "wording": wording,
    }
    draft = db.session.get(BookingDraft, held.id) or BookingDraft(appointment_id=held.id)
    draft.details = details
    db.session.add(draft)
    return held


def _drop(held: Appointment, now: datetime) -> None:
    """Free a hold's time and delete it with all that was answered under it."""
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
