"""What a form showed and is otherwise now, in words, so that the person can choose (invariant 15)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from flask import request
from flask_babel import gettext as _

from booking.appointments.hold_snapshots import HoldSnapshot, snapshot_hold
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import parse_instant
from booking.web.formats import format_local_day, format_local_time

PREFIX = "shown-"  # of the hidden fields
TIME = ("hold", "start", "location")
# What each step's form carries of what it shows.
SAFETY = (*TIME, "person")
YOU = (*TIME, "answered")
CHECK = (*TIME, "person", "version")
LACKING = ""  # of a field that a form should carry and doesn't: never what is true now


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A time, in UTC, and a place that a form showed."""

    starts_at: datetime
    place: LocationCalendar


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed since a form was shown, and the time that it showed, if that is another one."""

    sentences: list[str]
    earlier: ShownTime | None


def read_form_snapshot(names: Sequence[str] = TIME) -> HoldSnapshot:
    """Return what the form that was sent showed of `names`: those that it has to carry."""
    return HoldSnapshot(**{name: request.form.get(PREFIX + name, LACKING) for name in names})


def describe_difference(held: Appointment, names: Sequence[str]) -> Difference:
    """Say what is otherwise with this hold than the form that was sent showed."""
    shown, now = read_form_snapshot(names), snapshot_hold(held)
    changed = {
        field.name
        for field in fields(HoldSnapshot)
        if getattr(shown, field.name) not in (None, getattr(now, field.name))
    }
    earlier = _time_of(shown) if changed.intersection(TIME) else None
    said = []
    if changed.intersection(TIME):
        said.append(_time_changed(held, earlier))
    if "person" in changed:
        said.append(_person_changed(shown.person or "", now.person or ""))
    if "answered" in changed:
        said.append(_("The safety questions were answered anew since then."))
    return Difference(said or [_("Something that you gave was changed since then.")], earlier)


def matches_form(appointment: Appointment) -> bool:
    """Tell whether a booked appointment is the one, at the time, that the submitted form showed."""
    shown = read_form_snapshot()
    return (shown.hold, shown.start) == (appointment.reference, appointment.starts_at.isoformat())


def read_form_time() -> ShownTime | None:
    """Return the time and place that the form which was sent showed, if it did."""
    return _time_of(read_form_snapshot())


def _time_of(shown: HoldSnapshot) -> ShownTime | None:
    place = availability.current_catalogue().locations.get(shown.location or "")
    starts_at = parse_instant(shown.start)
    return ShownTime(starts_at, place) if place and starts_at else None


def _time_changed(held: Appointment, earlier: ShownTime | None) -> str:
    now = _in_words(
        availability.current_catalogue().locations_by_id[held.location_id], held.starts_at
    )
    text: str = _("The time kept for you is now %(now)s.", now=now)
    if earlier is not None:
        then = _in_words(earlier.place, earlier.starts_at)
        text = _("This page showed %(then)s.", then=then) + " " + text
    return text


def _in_words(place: LocationCalendar, starts_at: datetime) -> str:
    day, time = format_local_day(starts_at, place.zone), format_local_time(starts_at, place.zone)
    return f"{day}, {time}, {place.name}"


def _person_changed(then: str, now: str) -> str:
    text: str = _("The visit is now for %(now)s.", now=now)
    if then:
        text = _("This page showed %(then)s.", then=then) + " " + text
    return text
