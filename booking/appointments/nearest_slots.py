"""The free times nearest to one that went."""

from datetime import datetime, timedelta

from booking.calendars.catalogue import Practitioner
from booking.calendars.slots import Slot, list_slots

NEARBY_DAYS = 14  # how far alternatives to a time that went are looked for


def list_nearest_slots(
    service: str,
    starts_at: datetime,
    now: datetime,
    *,
    location: str | None = None,
    practitioner: Practitioner | None = None,
    count: int = 4,
) -> list[Slot]:
    """Return the `count` free slots nearest in time to one that went: at `location`, with `practitioner`."""
    day = starts_at.date()
    slots = list_slots(
        service,
        [location] if location else None,
        day - timedelta(days=NEARBY_DAYS),
        day + timedelta(days=NEARBY_DAYS),
        now,
        practitioner,
    )
    # The one asked for is left out though it be free: who is busy then is nobody's business.
    other_slots = [
        slot for slot in slots if (slot.starts_at, slot.location.slug) != (starts_at, location)
    ]
    return sorted(other_slots, key=lambda slot: abs(slot.starts_at - starts_at))[:count]
