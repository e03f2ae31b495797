"""Offering what is free to those in line: pulled by the scheduler, never pushed by whoever frees a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from booking.appointments.guards import ChangeRefused, filter_move_dates
from booking.appointments.held_slots import hold_slot
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.operations import lock_for_change, require_move_allowed
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed, new_token
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars.availability import list_starts_by_day
from booking.calendars.booking_windows import BookingWindow
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import iter_bits, part_of_day
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.calendars.rules import ResourceDemand
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.messaging.rules import Channel
from booking.reminders.persons import get_appointment_zone
from booking.reminders.recipients import find_channel_recipient
from booking.waitlist.messages import enqueue_offer_message
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offers import ACTOR, OFFER, expire_offers, withdraw_impossible_offers
from booking.waitlist.operations import end_finished_entries
from booking.waitlist.queries import QueuedAppointment, list_queue, was_unsent_since
from booking.waitlist.rules import (
    LEAST_NOTICE,
    EntryStatus,
    FreeTime,
    OfferStatus,
    may_offer_at,
)

MINUTE = timedelta(minutes=1)
PAUSE = timedelta(hours=1)  # after an offer whose message never left
REFUSALS = (
    *(ActionNotAllowed, ChangeRefused, NotCleared),
    *(PatientBusy, SlotTaken, OverlapError),
)  # of one time; the next is tried

log = structlog.get_logger()


def update_waitlist(now: datetime, hold: timedelta, channels: Collection[Channel]) -> int:
    """Close what is over and offer what is free, each kept for `hold`; return how many offers were made.

    By `channels` messages can be sent.
    Each step in a transaction of its own, so that a process killed between two loses none and repeats none.
    """
    end_finished_entries(now)
    expire_offers(now)
    withdraw_impossible_offers(now)
    return offer_free_times(now, hold, channels)


def offer_free_times(now: datetime, hold: timedelta, channels: Collection[Channel]) -> int:
    """Offer each free time to the first in line whom it suits; how many. A failure stops nobody else.

    None while messages don't leave: times would be held from others, and nobody told.
    """
    if was_unsent_since(now - PAUSE):
        return 0
    free_times, count = OfferableTimes(now, hold), 0
    for queued in list_queue(now):
        try:
            if _offer_to(queued, free_times, channels):
                free_times, count = OfferableTimes(now, hold), count + 1
        except Exception as error:
            log.error("offer_failed", entry=queued.entry.entry_id, exc_info=error)
    return count


def _offer_to(
    queued: QueuedAppointment, free_times: "OfferableTimes", channels: Collection[Channel]
) -> bool:
    """Offer somebody the first time that suits and breaks no rule; tell whether there was one."""
    now, hold = free_times.now, free_times.hold
    if not may_offer_at(now, hold, get_appointment_zone(queued.appointment)):
        return False
    for free_time in _list_candidates(queued, free_times):
        try:
            return make_offer(queued.entry.entry_id, free_time, now, hold, channels)
        except REFUSALS:
            continue
    return False


def _list_candidates(queued: QueuedAppointment, free_times: "OfferableTimes") -> list[FreeTime]:
    """Return the times that suit somebody and that the guards allow, soonest first."""
    suitable = [
        free_time
        for free_time in free_times.for_appointment(queued.appointment)
        if queued.entry.suits(free_time)
    ]
    dates = sorted({free_time.local_date for free_time in suitable})
    allowed_dates = filter_move_dates(queued.appointment, dates) if dates else ()
    return [free_time for free_time in suitable if free_time.local_date in allowed_dates]


@dataclass(frozen=True, slots=True)
class OfferableTimes:
    """What is free now, by what an appointment occupies: looked up once for all that occupy the same."""

    now: datetime
    hold: timedelta
    _by_demand: dict[tuple[int, ResourceDemand], list[FreeTime]] = field(default_factory=dict)

    def for_appointment(self, appointment: Appointment) -> list[FreeTime]:
        """Return the free starts an appointment could be moved to, soonest first."""
        service = availability.current_catalogue().services_by_id[appointment.service_id]
        key = (service.id, get_demand(appointment, service))
        if key not in self._by_demand:
            self._by_demand[key] = sorted(
                self._list_free_times(service, key[1]),
                key=lambda free_time: (free_time.starts_at, free_time.location_id),
            )
        return self._by_demand[key]

    def _list_free_times(
        self, service: BookableService, demand: ResourceDemand
    ) -> Iterator[FreeTime]:
        places = [
            (location, demand) for location in availability.current_catalogue().locations.values()
        ]
        windows = [self._window(service, location) for location, _demand in places]
        first = self.now.date() - timedelta(days=1)  # somewhere it may still be that
        last = max(window.closes_at for window in windows).date() if windows else first
        for location, day_starts in list_starts_by_day(places, first, last, self.now):
            day, window = day_starts.free.day, self._window(service, location)
            for cell in iter_bits(day_starts.starts & window.cells_of(day)):
                yield _free_time(day.cell_start(cell), location)

    def _window(self, service: BookableService, location: LocationCalendar) -> BookingWindow:
        notice = max(timedelta(minutes=service.notice), LEAST_NOTICE, self.hold) // MINUTE
        return BookingWindow.open_at(self.now, notice, service.horizon, location.zone)


def _free_time(starts_at: datetime, location: LocationCalendar) -> FreeTime:
    local = starts_at.astimezone(location.zone)
    part = part_of_day(local.hour * 60 + local.minute)
    return FreeTime(starts_at, location.id, local.date(), part)


@transaction()
def make_offer(
    entry_id: int,
    free_time: FreeTime,
    now: datetime,
    hold: timedelta,
    channels: Collection[Channel],
) -> bool:
    """Hold a time for one person and owe them the message, together; False when they can't be offered it.

    That is: another scheduler is at it, they have an offer already, or no way to be told. Raises what
    `require_move_allowed` and `calendars.operations.claim_resources` raise, and `PatientBusy`.
    """
    entry = _lock_for_offer(entry_id)
    if entry is None:
        return False
    appointment = lock_for_change(entry.appointment_id, None)
    location = availability.current_catalogue().locations_by_id[free_time.location_id]
    require_move_allowed(appointment, location, free_time.starts_at, now, ACTOR)
    addressee = find_channel_recipient(appointment)
    if addressee is None or addressee.channel not in channels:
        return False
    hold_appointment = hold_slot(
        appointment, location, free_time.starts_at, now, now + hold, actor=ACTOR
    )
    waitlist_offer = _add_offer(entry, hold_appointment, now)
    enqueue_offer_message(waitlist_offer, hold_appointment, appointment, addressee, now)
    audit.record(
        ACTOR, "offer", OFFER, waitlist_offer.id, now, appointment=appointment.id,
        starts_at=free_time.starts_at.isoformat(), location=location.id,
    )  # fmt: skip
    return True


def _lock_for_offer(entry_id: int) -> WaitlistEntry | None:
    waiting = select(WaitlistEntry).where(
        WaitlistEntry.id == entry_id, WaitlistEntry.status == EntryStatus.WAITING
    )
    entry = db.session.scalar(waiting.with_for_update(skip_locked=True))
    # Asked under the lock: another scheduler may have made one a moment ago
    open_offer = select(WaitlistOffer.id).filter_by(entry_id=entry_id, status=OfferStatus.OPEN)
    return entry if db.session.scalar(open_offer) is None else None


def _add_offer(entry: WaitlistEntry, hold: Appointment, now: datetime) -> WaitlistOffer:
    waitlist_offer = WaitlistOffer(
        entry_id=entry.id,
        token=new_token(),
        hold_id=hold.id,
        location_id=hold.location_id,
        starts_at=hold.starts_at,
        local_date=hold.local_date,
        status=OfferStatus.OPEN,
        offered_at=now,
        expires_at=hold.expires_at,
    )
    db.session.add(waitlist_offer)
    db.session.flush()
    return waitlist_offer
