"""What a form showed and is otherwise now, in words, so that the person can choose (invariant 15)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup, escape

from booking.appointments.hold_snapshots import HoldSnapshot, snapshot_hold
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import parse_instant
from booking.web.formats import format_local_day, render_time

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
    location: LocationCalendar


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed since a form was shown, and the time that it showed, if that is another one."""

    sentences: list[str]
    earlier_time: ShownTime | None


def parse_form_snapshot(names: Sequence[str] = TIME) -> HoldSnapshot:
    """Return what the form that was sent showed of `names`: those that it has to carry."""
    return HoldSnapshot(**{name: request.form.get(PREFIX + name, LACKING) for name in names})


def describe_difference(hold: Appointment, names: Sequence[str]) -> Difference:
    """Say what is otherwise with this hold than the form that was sent showed."""
    snapshot, now = parse_form_snapshot(names), snapshot_hold(hold)
    changed_parts = {
        field.name
        for field in fields(HoldSnapshot)
        if getattr(snapshot, field.name) not in (None, getattr(now, field.name))
    }
    earlier_time = _time_of(snapshot) if changed_parts.intersection(TIME) else None
    sentences = []
    if changed_parts.intersection(TIME):
        sentences.append(_time_changed(hold, earlier_time))
    if "person" in changed_parts:
        sentences.append(_person_changed(snapshot.person or "", now.person or ""))
    if "answered" in changed_parts:
        sentences.append(_("The safety questions were answered anew since then."))
    return Difference(
        sentences or [_("Something that you gave was changed since then.")], earlier_time
    )


def matches_form(appointment: Appointment) -> bool:
    """Tell whether a booked appointment is the one, at the time, that the submitted form showed."""
    snapshot = parse_form_snapshot()
    return (snapshot.hold, snapshot.start) == (
        appointment.reference,
        appointment.starts_at.isoformat(),
    )


def parse_form_time() -> ShownTime | None:
    """Return the time and place that the form which was sent showed, if it did."""
    return _time_of(parse_form_snapshot())


def _time_of(snapshot: HoldSnapshot) -> ShownTime | None:
    location = availability.current_catalogue().locations.get(snapshot.location or "")
    starts_at = parse_instant(snapshot.start)
    return ShownTime(starts_at, location) if location and starts_at else None


def _time_changed(hold: Appointment, earlier_time: ShownTime | None) -> str:
    now = _in_words(
        availability.current_catalogue().locations_by_id[hold.location_id], hold.starts_at
    )
    text: str = escape(_("The time kept for you is now %(now)s.")) % {"now": now}
    if earlier_time is not None:
        then = _in_words(earlier_time.location, earlier_time.starts_at)
        text = escape(_("This page showed %(then)s.")) % {"then": then} + " " + text
    return text


def _in_words(location: LocationCalendar, starts_at: datetime) -> Markup:
    day, time = format_local_day(starts_at, location.zone), render_time(starts_at, location.zone)
    return Markup("%s, %s, %s") % (day, time, location.name)


def _person_changed(then: str, now: str) -> str:
    text: str = _("The visit is now for %(now)s.", now=now)
    if then:
        text = _("This page showed %(then)s.", then=then) + " " + text
    return text
