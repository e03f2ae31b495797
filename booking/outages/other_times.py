"""A few times beside the one that is held: free as they are looked at, and asked again when taken."""

from datetime import datetime, timedelta

from booking.appointments.models import Appointment
from booking.appointments.move_slots import list_move_options
from booking.calendars import availability
from booking.calendars.slots import Slot
from booking.outages.models import AffectedAppointment
from booking.outages.rules import NOTICE

OTHERS = 2


def list_other_times(
    appointment: Appointment, affected: AffectedAppointment, now: datetime
) -> list[Slot]:
    """Return up to two times near the one that was lost, each on a day of its own where there are such.

    At any location, by the rules by which patients move their appointments; soonest first.
    """
    slots = [
        slot
        for location in availability.current_catalogue().locations.values()
        for slot in list_move_options(appointment, location, now).slots
        if slot.starts_at >= now + NOTICE
        and (slot.location.id, slot.starts_at) != (affected.location_id, affected.starts_at)
    ]
    nearest = sorted(slots, key=lambda slot: _distance(slot, affected))
    best_of_days = {slot.local_start.date(): slot for slot in reversed(nearest)}
    others = [slot for slot in nearest if slot in best_of_days.values()]
    elsewhen = [slot for slot in others if slot.local_start.date() != affected.local_date]
    return sorted((elsewhen or others)[:OTHERS], key=lambda slot: slot.starts_at)


def _distance(slot: Slot, affected: AffectedAppointment) -> timedelta:
    return abs(slot.starts_at - affected.old_starts_at)
