"""What pages and the scheduler read of the waitlist."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select

from booking.appointments.models import Appointment
from booking.appointments.notices import notice_waits
from booking.appointments.rules import Status
from booking.extensions import db
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.rules import REFUSED_STATES, EntryStatus, OfferStatus, WaitingEntry, Wish

HAS_OPEN_OFFER = exists().where(
    WaitlistOffer.entry_id == WaitlistEntry.id, WaitlistOffer.status == OfferStatus.OPEN
)


@dataclass(frozen=True, slots=True)
class QueuedAppointment:
    """Somebody in line and the appointment that would be moved."""

    entry: WaitingEntry
    appointment: Appointment


@dataclass(frozen=True, slots=True)
class CurrentEntry:
    """An entry that waits, what it waits for, and the offer it has now, if any."""

    entry: WaitlistEntry
    wish: Wish
    open_offer: WaitlistOffer | None


def list_queue(now: datetime) -> list[QueuedAppointment]:
    """Return who may be offered something now, who has waited longest first; three queries at most.

    Left out: who has an offer already, and infusions that are suspended.
    """
    rows = db.session.execute(
        select(WaitlistEntry, Appointment)
        .join(Appointment, Appointment.id == WaitlistEntry.appointment_id)
        .where(
            WaitlistEntry.status == EntryStatus.WAITING,
            Appointment.status == Status.BOOKED,
            Appointment.starts_at > now,
            Appointment.suspended_at.is_(None),
            ~HAS_OPEN_OFFER,
        )
        .order_by(WaitlistEntry.queued_at, WaitlistEntry.id)
    ).all()
    refused_dates = _refused_dates([entry.id for entry, _ in rows])
    return [
        QueuedAppointment(
            WaitingEntry(
                entry.id,
                Wish.from_dict(entry.wish),
                appointment.local_date,
                frozenset(refused_dates.get(entry.id, ())),
            ),
            appointment,
        )
        for entry, appointment in rows
    ]


def _refused_dates(entry_ids: Collection[int]) -> dict[int, set[date]]:
    """Return, by entry, the local dates that were offered and not taken."""
    if not entry_ids:
        return {}
    rows = db.session.execute(
        select(WaitlistOffer.entry_id, WaitlistOffer.local_date).where(
            WaitlistOffer.entry_id.in_(entry_ids), WaitlistOffer.status.in_(REFUSED_STATES)
        )
    )
    dates_by_entry: dict[int, set[date]] = {}
    for entry_id, local_date in rows:
        dates_by_entry.setdefault(entry_id, set()).add(local_date)
    return dates_by_entry


def list_finished_entries(now: datetime) -> list[int]:
    """Return the ids of entries that wait for an appointment that is over, or not to be.

    One that was cancelled a moment ago may be given back (`notice_waits`).
    """
    finished = (
        select(WaitlistEntry.id)
        .join(Appointment, Appointment.id == WaitlistEntry.appointment_id)
        .where(
            WaitlistEntry.status == EntryStatus.WAITING,
            or_(Appointment.status != Status.BOOKED, Appointment.starts_at <= now),
            ~notice_waits(now),
        )
    )
    return list(db.session.scalars(finished))


def list_expired_offers(now: datetime) -> list[int]:
    """Return the ids of open offers whose time to answer is over."""
    expired = select(WaitlistOffer.id).where(
        WaitlistOffer.status == OfferStatus.OPEN, WaitlistOffer.expires_at <= now
    )
    return list(db.session.scalars(expired))


def list_open_offers(now: datetime) -> list[WaitlistOffer]:
    """Return the offers that can still be answered."""
    still_open = select(WaitlistOffer).where(
        WaitlistOffer.status == OfferStatus.OPEN, WaitlistOffer.expires_at > now
    )
    return list(db.session.scalars(still_open.order_by(WaitlistOffer.id)))


def was_unsent_since(instant: datetime) -> bool:
    """Tell whether since an instant a time was held for somebody whose message never left."""
    unsent = select(WaitlistOffer.id).where(
        WaitlistOffer.status == OfferStatus.UNSENT, WaitlistOffer.expires_at >= instant
    )
    return db.session.scalar(unsent.limit(1)) is not None


def find_offer(token: str) -> WaitlistOffer | None:
    """Return the offer whose link has this token."""
    return db.session.scalar(select(WaitlistOffer).filter_by(token=token))


def find_waiting_entry(appointment_id: int) -> WaitlistEntry | None:
    """Return the entry of an appointment that waits, if one does."""
    waiting = select(WaitlistEntry).filter_by(
        appointment_id=appointment_id, status=EntryStatus.WAITING
    )
    return db.session.scalar(waiting)


def find_current_entry(appointment_id: int, now: datetime) -> CurrentEntry | None:
    """Return the waiting entry of an appointment, with its offer while that can be answered."""
    entry = find_waiting_entry(appointment_id)
    if entry is None:
        return None
    open_offer = db.session.scalar(
        select(WaitlistOffer).where(
            WaitlistOffer.entry_id == entry.id,
            WaitlistOffer.status == OfferStatus.OPEN,
            WaitlistOffer.expires_at > now,
        )
    )
    return CurrentEntry(entry, Wish.from_dict(entry.wish), open_offer)


def get_appointment_of_offer(waitlist_offer: WaitlistOffer) -> Appointment:
    """Return the appointment that an offer would move, or has moved."""
    entry = db.session.get_one(WaitlistEntry, waitlist_offer.entry_id)
    return db.session.get_one(Appointment, entry.appointment_id)


def list_offer_ids(appointments: Sequence[Appointment]) -> list[int]:
    """Return the ids of all offers that were made for these appointments."""
    offers = select(WaitlistOffer.id).join(
        WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id
    )
    appointment_ids = [appointment.id for appointment in appointments]
    return list(db.session.scalars(offers.where(WaitlistEntry.appointment_id.in_(appointment_ids))))
