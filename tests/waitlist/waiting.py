"""People who wait for a sooner time, as each test needs them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.calendars.local_days import PartOfDay
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.patients.models import Patient
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offering import update_waitlist
from booking.waitlist.operations import join_waitlist
from booking.waitlist.rules import Wish
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.written_once import written_once

HOLD = timedelta(minutes=15)
LATER = TOMORROW + timedelta(days=7)
MINUTE = timedelta(minutes=1)


def a_wish(
    *location_ids: int,
    weekdays: Sequence[int] = range(7),
    parts: Sequence[PartOfDay] = tuple(PartOfDay),
) -> Wish:
    """Return a wish for any day and any part of it, at some locations."""
    return Wish(frozenset(weekdays), frozenset(parts), frozenset(location_ids))


@written_once
def somebody_waiting(
    clinic: Clinic, starts_at: datetime, joined_at: datetime = NOW, *, sms_consent: bool = True
) -> Appointment:
    """Book a consultation and put its patient in line for anything sooner at the clinic."""
    appointment = a_booking(starts_at, sms_consent=sms_consent)
    join_waitlist(appointment.id, a_wish(clinic.location.id), joined_at, "online")
    return appointment


def tick(now: datetime, hold: timedelta = HOLD) -> list[WaitlistOffer]:
    """Do what a scheduler's tick does; return the offers it made, in the order they were made."""
    update_waitlist(now, hold, list(Channel))
    db.session.rollback()
    made = select(WaitlistOffer).filter_by(offered_at=now).order_by(WaitlistOffer.id)
    return list(db.session.scalars(made))


def offers() -> list[WaitlistOffer]:
    """Return all offers, oldest first, as they are now."""
    db.session.rollback()
    return list(db.session.scalars(select(WaitlistOffer).order_by(WaitlistOffer.id)))


def current(appointment: Appointment) -> Appointment:
    """Return an appointment as it is now."""
    return db.session.get_one(Appointment, appointment.id, populate_existing=True)


def entry_of(appointment: Appointment) -> WaitlistEntry:
    """Return the newest entry of an appointment."""
    db.session.rollback()
    newest = select(WaitlistEntry).filter_by(appointment_id=appointment.id)
    return db.session.scalars(newest.order_by(WaitlistEntry.id.desc())).first()  # type: ignore[return-value]


def holder_of(waitlist_offer: WaitlistOffer) -> int:
    """Return whose appointment an offer is for, by its id."""
    return db.session.get_one(WaitlistEntry, waitlist_offer.entry_id).appointment_id


def patient_of(appointment: Appointment) -> Patient:
    return db.session.get_one(Patient, appointment.patient_id)


def message_of(waitlist_offer: WaitlistOffer) -> Message:
    """Return the one message of an offer."""
    return db.session.scalars(select(Message).filter_by(topic=f"offer:{waitlist_offer.id}")).one()


def claimed_starts() -> list[datetime]:
    """Return when something begins to be claimed, each start once."""
    return sorted(set(db.session.scalars(select(Claim.starts_at))))


def a_small_clinic(slug: str = "ahwatukee") -> Clinic:
    """Make a clinic with one time a day, nine o'clock."""
    return a_clinic(slug=slug, opens=time(9), closes=time(10))


def nine(days: int) -> datetime:
    """Return nine o'clock so many days after tomorrow."""
    return local(9, day=TOMORROW + timedelta(days=days))


@written_once
def full_days(count: int) -> list[Appointment]:
    """Book the one time of each of the next days, for people who wait for nothing."""
    return [a_booking(nine(days)) for days in range(count)]


def free_up(appointment: Appointment) -> None:
    """Cancel somebody's appointment."""
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)


def mark_sent(waitlist_offer: WaitlistOffer) -> None:
    """Be the provider that has taken an offer's message."""
    with transaction():
        message = message_of(waitlist_offer)
        message.status, message.sent_at = MessageStatus.SENT, waitlist_offer.offered_at
