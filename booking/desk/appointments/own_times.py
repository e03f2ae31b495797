"""A time of one's own, beside those that are listed: what stands against it, and booking it all the same."""

from datetime import date, datetime

from flask import request
from flask_babel import gettext as _

from booking.appointments.exemptions import ClaimTerms
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import NO_RULES, CalendarRule, Rules
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.appointments.free_times import FreeTimes
from booking.desk.requested import is_skipped_time, parse_start
from booking.desk.time_form import TimeForm
from booking.desk.why_not.answers import WhyNotAnswer, answer_start

CODES = frozenset(rule.value for rule in CalendarRule)


def parse_form_start(form: TimeForm, location: LocationCalendar) -> datetime | None:
    """Return the time (UTC) that was chosen, or typed for the day that is shown; None without one."""
    if form.has_own_time:
        return parse_start(_read_typed_time(form), location)
    return parse_instant(form.start.data)


def parse_own_time(form: TimeForm, free: FreeTimes, day: date) -> str:
    """Return the time of the local clock that was typed, or asked for by the address and isn't listed."""
    start = parse_instant(form.start.data)
    if form.other_time.data or start is None or start in free.starts.get(day, ()):
        return form.other_time.data or ""
    return f"{start.astimezone(free.location.zone):%H:%M}"


def _read_typed_time(form: TimeForm) -> str:
    return f"{request.values.get('date', '')}T{form.other_time.data}"


def explain_no_time(form: TimeForm, location: LocationCalendar) -> str:
    """Return what is wrong with a time that can't be read, that the clocks skip, or with two."""
    if form.start.errors:
        return str(form.start.errors[0])
    if not form.has_own_time:
        return str(_("Choose a time from the list."))
    if is_skipped_time(_read_typed_time(form), location):
        return str(
            _(
                "There is no %(time)s on that day: the clocks go forward. Enter another time.",
                time=form.other_time.data,
            )
        )
    return str(_("Enter a time, like 10:00."))


def parse_claim_terms(form: TimeForm, starts_at: datetime) -> ClaimTerms:
    """Return which rules a form overrides for a start (UTC), and why."""
    return ClaimTerms((), _read_rules(starts_at), (form.reason.data or "").strip())


def _read_rules(starts_at: datetime) -> Rules:
    """Return the rules that a form overrides; they were shown for one start, and count for no other."""
    if parse_instant(request.form.get("override_start")) != starts_at:
        return NO_RULES
    codes = set(request.form.getlist("override")) & CODES
    return frozenset(map(CalendarRule, codes))


def find_objection(form: TimeForm, ruled: RuledDay, starts_at: datetime) -> WhyNotAnswer | None:
    """Return what stands against a time that was typed, unless all of it is overridden with a reason."""
    answer, terms = answer_start(ruled, starts_at), parse_claim_terms(form, starts_at)
    is_overridden = answer.allows_reason and bool(terms.reason) and answer.rules <= terms.exempt
    return None if answer.is_free or is_overridden else answer
