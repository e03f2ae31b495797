"""Slots as a patient chooses among them: soonest first, then by day and part of the day."""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from booking.calendars import availability
from booking.calendars.local_days import part_of_day
from booking.calendars.slots import Slot, list_slots

SLOTS_PER_LOCATION = 4  # times a location shows on the first page
PartOfDay = tuple[str, list[Slot]]  # in words, with its slots
# As far ahead as is looked: a week mostly has enough, and each day further is work for nothing
LOOK_AHEADS = (timedelta(days=7), timedelta(days=60))


def list_soonest_slots(service: str, now: datetime) -> dict[str, list[Slot]]:
    """Return the next few slots at each location, by its slug; none after sixty days."""
    slots_by_location: dict[str, list[Slot]] = {}
    for look_ahead in LOOK_AHEADS:
        slots_by_location = _list_slots_within(service, look_ahead, now)
        if all(len(slots) == SLOTS_PER_LOCATION for slots in slots_by_location.values()):
            break
    return slots_by_location


def _list_slots_within(service: str, look_ahead: timedelta, now: datetime) -> dict[str, list[Slot]]:
    # Somewhere it may still be that; what is past is cut
    yesterday = now.date() - timedelta(days=1)
    slots_by_location: dict[str, list[Slot]] = {
        slug: [] for slug in availability.current_catalogue().locations
    }
    for slot in list_slots(service, None, yesterday, yesterday + look_ahead, now):
        location_slots = slots_by_location[slot.location.slug]
        if len(location_slots) < SLOTS_PER_LOCATION and _is_apart(slot, location_slots):
            location_slots.append(slot)
    return slots_by_location


def _is_apart(slot: Slot, slots: list[Slot]) -> bool:
    """Skip times a quarter of an hour apart: four of them would look like one."""
    return not slots or slot.starts_at - slots[-1].starts_at >= timedelta(hours=1)


def group_by_part_of_day(slots: list[Slot]) -> list[PartOfDay]:
    """Group a day's slots by morning, afternoon and evening, in words."""
    words = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
    grouped: dict[str, list[Slot]] = {}
    for slot in slots:
        local = slot.local_start
        part = part_of_day(local.hour * 60 + local.minute)
        grouped.setdefault(words[part.value], []).append(slot)
    return list(grouped.items())
