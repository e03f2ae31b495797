"""A feed as a calendar program reads it (RFC 5545, RFC 7986): busy times, with initials and nothing else."""

from collections.abc import Sequence

from flask_babel import gettext as _
from icalendar import Calendar, Event

from booking.feeds.queries import FeedEvent, FeedSubject
from booking.feeds.rules import REFRESH
from booking.locations.rules import ResourceKind

PRODUCT = "-//Clinic booking//EN"


def name_calendar(subject: FeedSubject) -> str:
    """Return what a calendar is called outside the clinic: rooms and chairs by number (invariant 10)."""
    clinic = subject.location.neutral_name if subject.location else ""
    resource = subject.resource
    if resource is None:
        return clinic
    number = resource.position + 1
    match resource.kind:
        case ResourceKind.ROOM:
            return str(_("%(clinic)s, room %(number)s", clinic=clinic, number=number))
        case ResourceKind.CHAIR:
            return str(_("%(clinic)s, chair %(number)s", clinic=clinic, number=number))
        case _kind:
            return str(_("Visits of %(name)s", name=resource.name))


def render_feed(subject: FeedSubject, events: Sequence[FeedEvent]) -> str:
    """Return the calendar of a feed; the same events give the same text, whenever they are asked for."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for key in ("name", "x-wr-calname"):  # RFC 7986, 5.1, and what programs before it read
        calendar.add(key, name_calendar(subject))
    calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for event in events:
        calendar.add_component(_event(event))
    return bytes(calendar.to_ical()).decode()


def _event(appointment: FeedEvent) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    # Without METHOD it says when the appointment was last changed (RFC 5545, 3.8.7.2)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", appointment.initials)
    event.add("location", appointment.clinic)
    event.add("class", "PRIVATE")
    return event
