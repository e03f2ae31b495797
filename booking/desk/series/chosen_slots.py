"""Slots that somebody chose for sessions of a plan, as an address has them: number, location, time."""

from flask import request

from booking.calendars import availability
from booking.calendars.local_days import is_repeated, minute_of_day
from booking.dates import parse_instant
from booking.series.planning.requests import PlanSlot
from booking.series.planning.slot_costs import Pins
from booking.series.series_calendars import slot_start

MAX_PINS = 60  # more sessions no schedule has before its open end


def parse_requested_pins() -> dict[int, PlanSlot]:
    """Return the slots that the address asks for, by session numbers; what makes no sense is left out."""
    pins = map(_read_pin, request.values.getlist("through")[:MAX_PINS])
    return dict(pin for pin in pins if pin is not None)


def list_pins(pins: Pins) -> list[str]:
    """Return chosen slots as they stand in an address."""
    return [format_pin(number, slot) for number, slot in sorted(pins.items())]


def format_pin(number: int, slot: PlanSlot) -> str:
    """Return one chosen slot as it stands in an address."""
    zone = availability.current_catalogue().locations[slot.location].zone
    return f"{number} {slot.location} {slot_start(slot, zone).isoformat()}"


def _read_pin(text: str) -> tuple[int, PlanSlot] | None:
    number, _, rest = text.partition(" ")
    slug, _, instant = rest.partition(" ")
    location = availability.current_catalogue().locations.get(slug)
    starts_at = parse_instant(instant)
    if not (number.isascii() and number.isdecimal()) or location is None or starts_at is None:
        return None
    if len(number) > len(str(MAX_PINS)) or is_repeated(starts_at, location.zone):
        return None
    day = starts_at.astimezone(location.zone).date()
    return int(number), PlanSlot(slug, day, minute_of_day(starts_at, location.zone))
