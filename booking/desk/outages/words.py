"""Closures and absences in words."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.locations import operations as locations
from booking.locations.models import Outage
from booking.outages.affected import list_outage_locations
from booking.outages.planning.problem import PlanMethod
from booking.outages.rules import AnswerStatus, CallOutcome, CaseStatus, NoTimeReason, PlanScope
from booking.staff.queries import get_staff_names
from booking.web.formats import format_local_time, format_short_day

A_MINUTE = timedelta(minutes=1)


def name_outage(outage: Outage) -> str:
    """Return what isn't there: "Ahwatukee Clinic closed", "Chair 3 out of order", "Ana Ruiz away"."""
    if outage.location_id is not None:
        name = locations.get_location(outage.location_id).name
        return str(_("%(name)s closed", name=name))
    if outage.resource_id is not None:
        resource = locations.get_resources([outage.resource_id])[outage.resource_id]
        location = locations.get_location(resource.location_id).name if resource.location_id else ""
        return str(_("%(name)s out of order, %(location)s", name=resource.name, location=location))
    name = get_staff_names([outage.staff_id or 0]).get(outage.staff_id or 0, "")
    return str(_("%(name)s away", name=name))


def get_first_affected_location(outage: Outage) -> LocationCalendar:
    """Return in whose time an outage is told: the first location at which it is felt."""
    catalogue = availability.current_catalogue()
    ids = list_outage_locations(outage) or [next(iter(catalogue.locations_by_id))]
    return catalogue.locations_by_id[ids[0]]


def format_outage_span(outage: Outage) -> str:
    """Return from when until when: "Wed, Dec 2, all day", "Wed, Dec 2, 9:00 AM – 12:00 PM"."""
    zone = get_first_affected_location(outage).zone
    if outage.ends_at is None:
        begins = _beginning(outage.starts_at.astimezone(zone), zone)
        return str(_("from %(begins)s until further notice", begins=begins))
    if outage.ends_at == outage.starts_at:
        day = format_short_day(outage.starts_at.astimezone(zone).date())
        return str(_("%(day)s: taken back before it began", day=day))
    return _format_times(outage.starts_at.astimezone(zone), outage.ends_at.astimezone(zone), zone)


def _format_times(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """Return two local times in words; midnight is the end of the day before it."""
    first, last = begins.date(), (ends - A_MINUTE).date()
    day = format_short_day(first)
    if begins.time() == ends.time() == time.min:
        days = day if first == last else f"{day} – {format_short_day(last)}"
        return str(_("%(day)s, all day", day=days))
    if first != last:
        return f"{_beginning(begins, zone)} – {_ending(ends, zone)}"
    begins_at, ends_at = format_local_time(begins, zone), format_local_time(ends, zone)
    if begins.time() == time.min:
        return str(_("%(day)s, until %(time)s", day=day, time=ends_at))
    if ends.time() == time.min:
        return str(_("%(day)s, from %(time)s on", day=day, time=begins_at))
    return f"{day}, {begins_at} – {ends_at}"


def _beginning(begins: datetime, zone: ZoneInfo) -> str:
    """Return a local time in words, a day alone where it begins with it."""
    is_midnight = begins.time() == time.min
    return format_short_day(begins.date()) if is_midnight else _moment(begins, zone)


def _ending(ends: datetime, zone: ZoneInfo) -> str:
    """Return a local time in words, the end of the day before where it is midnight."""
    if ends.time() != time.min:
        return _moment(ends, zone)
    return str(_("%(day)s, end of day", day=format_short_day((ends - A_MINUTE).date())))


def _moment(instant: datetime, zone: ZoneInfo) -> str:
    day = format_short_day(instant.astimezone(zone).date())
    return f"{day}, {format_local_time(instant, zone)}"


def format_outage_status(status: CaseStatus) -> str:
    """Return the words for how far the new times after an outage are."""
    words: dict[CaseStatus, str] = {
        CaseStatus.PLANNING: _("Being planned"),
        CaseStatus.PROPOSED: _("To be decided"),
        CaseStatus.APPLIED: _("Patients are asked"),
        CaseStatus.ENDED: _("Seen to"),
    }
    return words[status]


def format_plan_scope(scope: PlanScope) -> str:
    """Return where a plan looks for new times."""
    words: dict[PlanScope, str] = {
        PlanScope.ALL_LOCATIONS: _("At any location"),
        PlanScope.SAME_LOCATION: _("Everybody stays at their location"),
        PlanScope.WHOLE_SERIES: _("Other visits of the same patients move, too"),
    }
    return words[scope]


def format_plan_method(method: PlanMethod) -> str:
    """Return how a plan was made."""
    words: dict[PlanMethod, str] = {
        PlanMethod.JOINTLY: _("Planned for all at once."),
        PlanMethod.ONE_BY_ONE: _("Planned one after another: the optimizer is not installed."),
    }
    return words[method]


def explain_no_time(reason: NoTimeReason) -> str:
    """Return why a plan has no time for somebody, and what can be done."""
    words: dict[NoTimeReason, str] = {
        NoTimeReason.NO_DAY: _(
            "No day keeps the distance to the visits around it. A practitioner may allow another gap."
        ),
        NoTimeReason.NOT_CLEARED: _(
            "Not cleared for an infusion on any of the days. A practitioner has to look again."
        ),
        NoTimeReason.FULL: _(
            "Nothing is free on the days that would do. More hours help, or another gap."
        ),
        NoTimeReason.TAKEN: _("The time that was planned went meanwhile."),
    }
    return words[reason]


def format_answer(status: AnswerStatus) -> str:
    """Return how far a patient is with a new time."""
    words: dict[AnswerStatus, str] = {
        AnswerStatus.TO_CALL: _("To be called"),
        AnswerStatus.ASKED: _("Asked"),
        AnswerStatus.ACCEPTED: _("Took the time"),
        AnswerStatus.CHOSE_OTHER: _("Chose another time"),
        AnswerStatus.DECLINED: _("None suits: call"),
        AnswerStatus.EXPIRED: _("No answer, time not held"),
        AnswerStatus.SETTLED: _("Seen to otherwise"),
    }
    return words[status]


def format_call_outcome(outcome: CallOutcome) -> str:
    """Return the words for how a call to somebody affected ended."""
    words: dict[CallOutcome, str] = {
        CallOutcome.REACHED: _("Reached"),
        CallOutcome.VOICEMAIL: _("Voicemail"),
        CallOutcome.NO_ANSWER: _("No answer"),
    }
    return words[outcome]


for _show in (
    *(name_outage, format_outage_span, format_outage_status, format_plan_scope, format_plan_method),
    *(explain_no_time, format_answer, format_call_outcome),
):
    blueprint.add_app_template_filter(_show)
