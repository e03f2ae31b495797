"""What a form showed and is otherwise now, in words, so that the person can choose (invariant 15)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from flask import request
from flask_babel import gettext as _

from booking.appointments.models import Appointment
from booking.appointments.shown import Shown, shown_now
from booking.calendars import offering
from booking.calendars.places import Place
from booking.dates import parse_instant
from booking.web.formats import local_day, local_time

PREFIX = "shown-"  # of the hidden fields
TIME = ("hold", "start", "location")
# What each step's form carries of what it shows.
SAFETY = (*TIME, "person")
YOU = (*TIME, "answered")
CHECK = (*TIME, "person", "version")
LACKING = ""  # of a field that a form should carry and doesn't: never what is true now


@dataclass(frozen=True, slots=True)
class TimeShown:
    """A time, in UTC, and a place that a form showed."""

    starts_at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed since a form was shown, and the time that it showed, if that is another one."""

    sentences: list[str]
    earlier: TimeShown | None


def shown_by_form(names: Sequence[str] = TIME) -> Shown:
    """Return what the form that was sent showed of `names`: those that it has to carry."""
    return Shown(**{name: request.form.get(PREFIX + name, LACKING) for name in names})


def difference_from(held: Appointment, names: Sequence[str]) -> Difference:
    """Say what is otherwise with this hold than the form that was sent showed."""
    shown, now = shown_by_form(names), shown_now(held)
    changed = {
        field.name
        for field in fields(Shown)
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


def is_what_was_shown(visit: Appointment) -> bool:
    """Tell whether a visit that is booked is the one, at the time, that the form which was sent showed."""
    shown = shown_by_form()
    return (shown.hold, shown.start) == (visit.reference, visit.starts_at.isoformat())


def time_shown_by_form() -> TimeShown | None:
    """Return the time and place that the form which was sent showed, if it did."""
    return _time_of(shown_by_form())


def _time_of(shown: Shown) -> TimeShown | None:
    place = offering.catalogue().places.get(shown.location or "")
    starts_at = parse_instant(shown.start)
    return TimeShown(starts_at, place) if place and starts_at else None


def _time_changed(held: Appointment, earlier: TimeShown | None) -> str:
    now = _in_words(offering.catalogue().places_by_id[held.location_id], held.starts_at)
    text: str = _("The time kept for you is now %(now)s.", now=now)
    if earlier is not None:
        then = _in_words(earlier.place, earlier.starts_at)
        text = _("This page showed %(then)s.", then=then) + " " + text
    return text


def _in_words(place: Place, starts_at: datetime) -> str:
    day, time = local_day(starts_at, place.zone), local_time(starts_at, place.zone)
    return f"{day}, {time}, {place.name}"


def _person_changed(then: str, now: str) -> str:
    text: str = _("The visit is now for %(now)s.", now=now)
    if then:
        text = _("This page showed %(then)s.", then=then) + " " + text
    return text
