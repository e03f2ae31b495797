"""A time refused to somebody for what nobody may learn looks taken, as one that another holds."""

from contextlib import suppress
from datetime import datetime

from booking.appointments import holds
from booking.calendars import offering
from booking.calendars.operations import SlotTaken
from booking.db import OverlapError


def hold_for_nobody(
    service: str, location: str, starts_at: datetime, now: datetime, held_from: str
) -> None:
    """Hold a time that was refused to somebody, as if another had taken it (invariant 14).

    Whether they are known here would show if the time stayed free.
    """
    with suppress(SlotTaken, OverlapError, holds.TooManyHolds):
        holds.hold(service, location, starts_at, now, held_from=held_from)


def cede(token: str, now: datetime, held_from: str) -> None:
    """Let go of a time that is refused to its holder, and let it look taken; what was typed stays."""
    held = holds.free(token, now)
    known = offering.catalogue()
    service, place = known.offers_by_id[held.service_id], known.places_by_id[held.location_id]
    hold_for_nobody(service.slug, place.slug, held.starts_at, now, held_from)
