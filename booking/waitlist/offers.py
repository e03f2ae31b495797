"""One offer's life: made and held for one person, then taken, let go, or over.

Locks are taken in one order everywhere: the entry, its offer, the appointment, the calendar days.
"""

from datetime import datetime

from sqlalchemy import select

from booking.appointments.held_slots import hold_slot, release_slot
from booking.appointments.impossible import is_still_possible
from booking.appointments.models import Appointment
from booking.appointments.operations import lock_for_change, move, require_move_allowed
from booking.appointments.patient_booking import PatientBusy
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.operations import SlotTaken
from booking.db.each import run_each
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.waitlist.messages import cancel_offer_message, was_sent
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.queries import list_expired_offers, list_open_offers
from booking.waitlist.rules import EntryStatus, OfferStatus

ACTOR = "waitlist"
PATIENT = "online"  # who answers by the link
OFFER = "waitlist_offer"
VERBS = {
    OfferStatus.ACCEPTED: "accept_offer",
    OfferStatus.DECLINED: "decline_offer",
    OfferStatus.EXPIRED: "expire_offer",
    OfferStatus.UNSENT: "expire_offer",
    OfferStatus.WITHDRAWN: "withdraw_offer",
}


class UnknownOffer(LookupError):
    """No offer has this token."""


class OfferOver(Exception):
    """The offer can't be taken any more: answered otherwise, too late, or its holder left the list."""


@transaction()
def accept_offer(token: str, now: datetime, *, expected_version: int | None = None) -> Appointment:
    """Move the appointment to the time that was kept for it, and free the old one; twice moves once.

    Raises `UnknownOffer`, `OfferOver`, `StaleVersion`, and what `appointments.operations.move` raises:
    then nothing has changed, and the offer stands until it expires.
    """
    entry, waitlist_offer = lock_offer(token)
    if waitlist_offer.status is OfferStatus.ACCEPTED:
        return db.session.get_one(Appointment, entry.appointment_id)
    require_open(waitlist_offer, now)
    appointment = lock_for_change(entry.appointment_id, expected_version)
    location = availability.current_catalogue().locations_by_id[waitlist_offer.location_id]
    require_move_allowed(appointment, location, waitlist_offer.starts_at, now, PATIENT)
    old_day = (appointment.location_id, appointment.local_date)
    calendars.lock_days([old_day, (location.id, waitlist_offer.local_date)])
    close_offer(waitlist_offer, OfferStatus.ACCEPTED, now, PATIENT)
    entry.status, entry.ended_at = EntryStatus.MOVED, now
    return move(appointment.id, waitlist_offer.starts_at, now, PATIENT, location=location.slug)


@transaction()
def decline_offer(token: str, now: datetime) -> None:
    """Let an offer go: the next in line gets the time, this entry keeps its turn for other days.

    Raises `UnknownOffer`, `OfferOver`.
    """
    _entry, waitlist_offer = lock_offer(token)
    if waitlist_offer.status is not OfferStatus.DECLINED:
        require_open(waitlist_offer, now)
        close_offer(waitlist_offer, OfferStatus.DECLINED, now, PATIENT)


def require_open(waitlist_offer: WaitlistOffer, now: datetime) -> None:
    """Raise `OfferOver` unless an offer can still be answered."""
    if waitlist_offer.status is not OfferStatus.OPEN or now >= waitlist_offer.expires_at:
        raise OfferOver


def expire_offers(now: datetime) -> int:
    """Close the offers that nobody answered in time; return how many."""
    return run_each(
        list_expired_offers(now), lambda offer_id: expire_offer(offer_id, now), "offer_not_expired"
    )


@transaction()
def expire_offer(offer_id: int, now: datetime) -> bool:
    """Close an offer that is over, and put who let it go by at the end of the line.

    Who never got its message keeps their turn. False when it was closed meanwhile, or is being answered.
    """
    if (locked := _lock_unanswered(offer_id)) is None:
        return False
    entry, waitlist_offer = locked
    if now < waitlist_offer.expires_at:
        return False
    if was_sent(waitlist_offer):
        entry.queued_at = now
        close_offer(waitlist_offer, OfferStatus.EXPIRED, now, ACTOR)
    else:
        close_offer(waitlist_offer, OfferStatus.UNSENT, now, ACTOR)
    return True


def withdraw_impossible_offers(now: datetime) -> int:
    """Close the offers of times that can't be kept any more, as after a closure; return how many.

    One whose own room or chair alone is lost is kept by another, where one is free.
    """
    impossible_ids = [each.id for each in list_open_offers(now) if not _is_possible(each)]
    return run_each(
        impossible_ids,
        lambda offer_id: not _keep_elsewhere(offer_id, now) and _withdraw_offer(offer_id, now),
        "offer_not_withdrawn",
    )


def _keep_elsewhere(offer_id: int, now: datetime) -> bool:
    """Hold an offer's time anew; tell whether it could be."""
    try:
        return _hold_anew(offer_id, now)
    except (SlotTaken, PatientBusy, OverlapError):
        return False


@transaction()
def _hold_anew(offer_id: int, now: datetime) -> bool:
    """Exchange an offer's hold for one by whatever is free; raises `SlotTaken`, `PatientBusy`."""
    if (locked := _lock_unanswered(offer_id)) is None:
        return False
    entry, waitlist_offer = locked
    lost_hold_id, waitlist_offer.hold_id = waitlist_offer.hold_id, None
    db.session.flush()
    release_slot(lost_hold_id or 0, now, ACTOR)
    appointment = db.session.get_one(Appointment, entry.appointment_id)
    location = availability.current_catalogue().locations_by_id[waitlist_offer.location_id]
    starts_at, expires_at = waitlist_offer.starts_at, waitlist_offer.expires_at
    hold = hold_slot(appointment, location, starts_at, now, expires_at, actor=ACTOR)
    if not is_still_possible(hold):
        raise SlotTaken
    waitlist_offer.hold_id = hold.id
    audit.record(ACTOR, "hold_offer_anew", OFFER, waitlist_offer.id, now)
    return True


@transaction()
def _withdraw_offer(offer_id: int, now: datetime) -> bool:
    """Close an offer whose holder keeps their turn; False as for `expire_offer`."""
    if (locked := _lock_unanswered(offer_id)) is None:
        return False
    close_offer(locked[1], OfferStatus.WITHDRAWN, now, ACTOR)
    return True


def _is_possible(waitlist_offer: WaitlistOffer) -> bool:
    hold = db.session.get(Appointment, waitlist_offer.hold_id) if waitlist_offer.hold_id else None
    return hold is None or is_still_possible(hold)


def _lock_unanswered(offer_id: int) -> tuple[WaitlistEntry, WaitlistOffer] | None:
    """Return an open offer and its entry, locked; None where it is closed, or being answered."""
    entry_id = select(WaitlistOffer.entry_id).filter_by(id=offer_id).scalar_subquery()
    locked_entry = select(WaitlistEntry).where(WaitlistEntry.id == entry_id)
    entry = db.session.scalar(locked_entry.with_for_update(skip_locked=True))
    if entry is None:
        return None
    waitlist_offer = db.session.get_one(WaitlistOffer, offer_id, with_for_update=True)
    return (entry, waitlist_offer) if waitlist_offer.status is OfferStatus.OPEN else None


def close_offer(
    waitlist_offer: WaitlistOffer, status: OfferStatus, now: datetime, actor: str
) -> None:
    """Close an offer, free the time that was held for it, and take back a message still on its way."""
    hold_id, waitlist_offer.hold_id = waitlist_offer.hold_id, None
    waitlist_offer.status, waitlist_offer.closed_at = status, now
    db.session.flush()
    if hold_id is not None:
        release_slot(hold_id, now, actor)
    cancel_offer_message(waitlist_offer, now)
    audit.record(actor, VERBS[status], OFFER, waitlist_offer.id, now)


def lock_offer(token: str) -> tuple[WaitlistEntry, WaitlistOffer]:
    """Return an offer and its entry, locked to the transaction's end; raise `UnknownOffer`."""
    entry_id = db.session.scalar(select(WaitlistOffer.entry_id).filter_by(token=token))
    if entry_id is None:
        raise UnknownOffer
    entry = db.session.get_one(WaitlistEntry, entry_id, with_for_update=True)
    locked_offer = select(WaitlistOffer).filter_by(token=token).with_for_update()
    return entry, db.session.scalars(locked_offer).one()
