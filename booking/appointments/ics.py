"""Calendar files (RFC 5545, RFC 5546): one UID for life, a SEQUENCE that rises, and nothing telling.

A download, or a file of several appointments, is METHOD:PUBLISH. Mail about one carries REQUEST or CANCEL
with the recipient as ATTENDEE: without, Outlook and Gmail show no invitation, and a PUBLISH as raw text.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.local_days import is_repeated
from booking.locations import operations as locations
from booking.locations.models import Location

PRODUCT = "-//Clinic booking//EN"


class Method(StrEnum):
    """What the receiving calendar is to do (RFC 5546)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def render_calendar(
    appointments: Sequence[Appointment],
    method: Method,
    now: datetime,
    *,
    organizer: str = "",
    attendee: str | None = None,
) -> str:
    """Return an iCalendar file, made at `now` (UTC), with one VEVENT an appointment; at least one.

    REQUEST and CANCEL are about one and name the `attendee`'s e-mail address (RFC 5546, 3.2.2); the
    `organizer`'s is the location's unless given. Names no service, drug or diagnosis: the location's neutral
    name and "appointment" (invariant 10).
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    for appointment in appointments:
        location = locations.get_location(appointment.location_id)
        event = _event(appointment, location, method, now)
        event.add("organizer", _organizer(location, organizer or location.email))
        if attendee is not None:
            event.add("attendee", _attendee(attendee))
        calendar.add_component(event)
    days = [appointment.starts_at.date() for appointment in appointments]
    for name in sorted(calendar.get_missing_tzids(), reverse=True):
        calendar.subcomponents.insert(
            0, _zone_rules(name, min(days) - timedelta(days=1), max(days) + timedelta(days=366))
        )
    return bytes(calendar.to_ical()).decode()


@lru_cache(maxsize=256)
def _zone_rules(name: str, first: date, last: date) -> Timezone:
    """Return a zone's rules between local dates, not of seventy years; this takes longest of all."""
    zone = Timezone.from_tzid(name, first_date=first, last_date=last)
    zone.pop("COMMENT", None)  # RFC 5545, 3.6.5 has none here, and icalendar adds one
    return zone


def _event(appointment: Appointment, location: Location, method: Method, now: datetime) -> Event:
    zone, event = ZoneInfo(location.time_zone), Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)  # when this file was made (RFC 5545, 3.8.7.2)
    event.add("last-modified", appointment.last_modified)
    for name, instant in zip(("dtstart", "dtend"), _times(appointment, zone), strict=True):
        event.add(name, instant)
    event.add("summary", summarize_appointment(location))
    event.add("location", location.address)
    cancelled = method is Method.CANCEL or appointment.status is Status.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def summarize_appointment(location: Location) -> str:
    """Return what calendars call an appointment: nothing but where it is (invariant 10)."""
    return str(_("Visit, %(clinic)s", clinic=location.neutral_name))


def _times(appointment: Appointment, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return start and end in local time; in UTC where the clocks show one of them for the second time.

    A local time with a zone's name means its first occurrence (RFC 5545, 3.3.5).
    """
    instants = (appointment.starts_at, appointment.ends_at)
    if any(is_repeated(instant, zone) for instant in instants):
        return instants
    return appointment.starts_at.astimezone(zone), appointment.ends_at.astimezone(zone)


def _organizer(location: Location, address: str) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(location.neutral_name)
    return organizer


def _attendee(address: str) -> vCalAddress:
    """Return who is invited; it was they who booked, so nobody waits for their answer."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee
