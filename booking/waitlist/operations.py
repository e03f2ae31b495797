"""Being on the waitlist: join, change what one waits for, leave; an entry ends with its appointment."""

from datetime import datetime

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.operations import lock_for_change
from booking.appointments.rules import Action, Status, require_action_allowed
from booking.audit import operations as audit
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offers import ACTOR, close_offer
from booking.waitlist.queries import list_finished_entries
from booking.waitlist.rules import EntryStatus, OfferStatus, Wish

SUBJECT = "appointment"  # whose page says what happened


@transaction()
def join_waitlist(appointment_id: int, wish: Wish, now: datetime, actor: str) -> WaitlistEntry:
    """Put an appointment's patient in line, or change what they wait for; their turn stays theirs.

    Raises `ActionNotAllowed` for an appointment that can't be moved any more.
    """
    entry = lock_waiting_entry(appointment_id)
    appointment = lock_for_change(appointment_id, None)
    entry = entry or lock_waiting_entry(
        appointment_id
    )  # pressed twice, the first made it meanwhile
    require_action_allowed(Action.MOVE, appointment.status, appointment.starts_at, now)
    if entry is None:
        entry = WaitlistEntry(
            appointment_id=appointment_id,
            wish=wish.to_dict(),
            status=EntryStatus.WAITING,
            joined_at=now,
            queued_at=now,
        )
        db.session.add(entry)
        db.session.flush()
        audit.record(actor, "join_waitlist", SUBJECT, appointment_id, now, entry=entry.id)
    elif entry.wish != wish.to_dict():
        entry.wish = wish.to_dict()
        audit.record(actor, "change_wish", SUBJECT, appointment_id, now, entry=entry.id)
    return entry


def lock_waiting_entry(appointment_id: int) -> WaitlistEntry | None:
    """Return the waiting entry of an appointment, locked to the transaction's end; None without one."""
    waiting = select(WaitlistEntry).filter_by(
        appointment_id=appointment_id, status=EntryStatus.WAITING
    )
    return db.session.scalar(waiting.with_for_update())


@transaction()
def leave_waitlist(appointment_id: int, now: datetime, actor: str) -> None:
    """Take an appointment's patient off the list, with what is offered to them; twice changes nothing."""
    entry = lock_waiting_entry(appointment_id)
    if entry is not None:
        _end(entry, EntryStatus.LEFT, now, actor)
        audit.record(actor, "leave_waitlist", SUBJECT, appointment_id, now, entry=entry.id)


def end_finished_entries(now: datetime) -> int:
    """End the entries whose appointment was cancelled or has begun; return how many."""
    return run_each(
        list_finished_entries(now),
        lambda entry_id: end_if_finished(entry_id, now),
        "waitlist_not_ended",
    )


@transaction()
def end_if_finished(entry_id: int, now: datetime) -> bool:
    """End an entry unless its appointment stands and is to come, or another scheduler is at it."""
    waiting = select(WaitlistEntry).filter_by(id=entry_id, status=EntryStatus.WAITING)
    entry = db.session.scalar(waiting.with_for_update(skip_locked=True))
    if entry is None:
        return False
    appointment = db.session.get_one(Appointment, entry.appointment_id)
    if appointment.status is Status.BOOKED and appointment.starts_at > now:
        return False
    _end(entry, EntryStatus.ENDED, now, ACTOR)
    audit.record(ACTOR, "end_waitlist", SUBJECT, appointment.id, now, entry=entry.id)
    return True


def _end(entry: WaitlistEntry, status: EntryStatus, now: datetime, actor: str) -> None:
    entry.status, entry.ended_at = status, now
    offered = select(WaitlistOffer).filter_by(entry_id=entry.id, status=OfferStatus.OPEN)
    waitlist_offer = db.session.scalar(offered.with_for_update())
    if waitlist_offer is not None:
        close_offer(waitlist_offer, OfferStatus.WITHDRAWN, now, actor)
