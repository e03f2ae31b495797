"""Each rule that stands against a start, in a sentence; and what would change it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.appointments.patient_rules import PatientRule
from booking.calendars import availability
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.calendars.ruled_days import Blocker, Facts, RuledDay
from booking.desk.gap_words import describe_gap
from booking.desk.refusals import explain_action
from booking.desk.series.words import format_weekdays_plural
from booking.desk.why_not.calendar_words import CALENDAR_WORDS, Words, format_span
from booking.desk.words import explain_clearance, format_service_name
from booking.series.gap_rules import SeriesRule
from booking.web.formats import format_clock, format_day_of_any_year, format_short_day_of_any_year

FEW = 2  # sentences said while an appointment is dragged; its form says all
# What binds a plan as it was prescribed; the payer and the patient bind it, too
PRESCRIBED = {
    *(SeriesRule.GAP_TOO_SHORT, SeriesRule.GAP_TOO_LONG, SeriesRule.BEFORE_START),
    *(SeriesRule.OTHER_WEEKDAY, SeriesRule.OTHER_TIME, SeriesRule.OTHER_LOCATION),
}


def explain_blocker(blocker: Blocker, zone: ZoneInfo) -> str:
    """Return what stands against a start, in a sentence with its numbers; times in `zone`."""
    return RULE_WORDS[blocker.rule](blocker.facts, zone)


def explain_start(ruled: RuledDay, starts_at: datetime) -> str:
    """Return what stands against a start (UTC) at the desk, in few sentences; empty where nothing does."""
    sentences = [
        explain_blocker(blocker, ruled.location.zone)
        for blocker in ruled.blockers_at(starts_at)
        if blocker.override is not OverriddenBy.FRONT_DESK
    ]
    return " ".join(sentences[:FEW])


def format_override(blocker: Blocker) -> str:
    """Return who may book against a rule."""
    words: dict[OverriddenBy, str] = {
        OverriddenBy.NOBODY: _("Nobody can book against this."),
        OverriddenBy.FRONT_DESK: _("The desk can book it."),
        OverriddenBy.STAFF: _("The desk can book it, with a reason."),
        OverriddenBy.LEAD: _("A practitioner or a manager may allow it, with a reason."),
        OverriddenBy.PRACTITIONER: _("A practitioner may allow it, with a reason."),
    }
    if blocker.override is OverriddenBy.NOBODY and blocker.rule in PRESCRIBED:
        return str(_("A plan keeps to this: a practitioner may prescribe it differently."))
    return words[blocker.override]


def format_remedy(blocker: Blocker) -> str:
    """Return what would change it, where a time of another day or place is not all that could."""
    words: dict[StrEnum, str] = {
        CalendarRule.CLOSED: _("The closure would have to be lifted."),
        CalendarRule.OUTAGE: _("The location would have to be open then."),
        CalendarRule.HOURS: _("The location would have to be open then."),
        CalendarRule.ROOM: _("It takes another room, or another visit that moves."),
        CalendarRule.CHAIR: _("It takes another chair, or another visit that moves."),
        CalendarRule.SETUP_NURSE: _("It takes another nurse then, or another visit that moves."),
        CalendarRule.NURSE_LOAD: _("It takes another nurse then, or another visit that moves."),
        CalendarRule.PRESCRIBER: _("It takes a practitioner on site then."),
        CalendarRule.PRACTITIONER: _("It takes another practitioner then."),
        PatientRule.BUSY: _("The other visit would have to move."),
        PatientRule.INFUSION_THAT_DAY: _("There is one infusion a day at most."),
        PatientRule.NOT_CLEARED: _("A practitioner would have to look at the clearance again."),
        SeriesRule.AWAY: _("It takes the patient there on that day."),
        SeriesRule.NOT_AUTHORISED: _("The payer would have to authorise it."),
    }
    return words.get(blocker.rule, "")


def _busy(facts: Facts, _zone: ZoneInfo) -> str:
    return str(
        _("The patient has another visit then: %(what)s.", what=describe_other_appointment(facts))
    )


def _infusion_that_day(facts: Facts, _zone: ZoneInfo) -> str:
    what = describe_other_appointment(facts)
    return str(_("The patient has an infusion on that day: %(what)s.", what=what))


def describe_other_appointment(facts: Facts) -> str:
    """Return the patient's other visit: what, when by its own location's clock, and where."""
    location = availability.current_catalogue().locations_by_id[facts["location_id"]]
    span = format_span(facts["starts_at"], facts["ends_at"], location.zone)
    return f"{format_service_name(facts['service_id'])}, {span}, {location.name}"


def _not_cleared(facts: Facts, _zone: ZoneInfo) -> str:
    return explain_clearance(facts["clearance"])


def _paused(facts: Facts, _zone: ZoneInfo) -> str:
    first = format_day_of_any_year(facts["first_day"])
    if facts["last_day"] is None:
        return str(_("The series rests from %(first)s until further notice.", first=first))
    last = format_day_of_any_year(facts["last_day"])
    return str(_("The series rests from %(first)s to %(last)s.", first=first, last=last))


def _other_time(facts: Facts, _zone: ZoneInfo) -> str:
    return str(
        _(
            "The patient asked for no start but from %(earliest)s to %(latest)s.",
            earliest=format_clock(facts["earliest"]),
            latest=format_clock(facts["latest"]),
        )
    )


def _not_authorised(facts: Facts, _zone: ZoneInfo) -> str:
    windows = [
        _(
            "%(first)s to %(last)s (%(count)s left)",
            first=format_short_day_of_any_year(first),
            last=format_short_day_of_any_year(last),
            count=count,
        )
        for first, last, count in facts["windows"]
    ]
    return str(
        _("It is not among what the payer authorised: %(windows)s.", windows=", ".join(windows))
    )


RULE_WORDS: Mapping[StrEnum, Words] = {
    **CALENDAR_WORDS,
    PatientRule.BUSY: _busy,
    PatientRule.INFUSION_THAT_DAY: _infusion_that_day,
    PatientRule.MINOR: lambda _facts, _zone: _(
        "The patient is not of age on that day: the clinic treats adults only."
    ),
    PatientRule.CALL_FIRST: lambda _facts, _zone: _(
        "A clinician has to call this patient first and clear the flag."
    ),
    PatientRule.NOT_CLEARED: _not_cleared,
    PatientRule.FINDING_SAYS_NO: _not_cleared,
    PatientRule.NOT_MOVABLE: lambda facts, _zone: explain_action(facts["reason"]),
    SeriesRule.GAP_TOO_SHORT: lambda facts, _zone: describe_gap(facts),
    SeriesRule.GAP_TOO_LONG: lambda facts, _zone: describe_gap(facts),
    SeriesRule.INFUSION_TOO_CLOSE: lambda facts, _zone: describe_gap(facts),
    SeriesRule.PAUSED: _paused,
    SeriesRule.BEFORE_START: lambda facts, _zone: _(
        "The series begins on %(day)s.", day=format_day_of_any_year(facts["first_day"])
    ),
    SeriesRule.AFTER_END: lambda facts, _zone: _(
        "The series ends on %(day)s.", day=format_day_of_any_year(facts["last_day"])
    ),
    SeriesRule.OTHER_WEEKDAY: lambda facts, _zone: _(
        "The patient asked for no day but %(days)s.", days=format_weekdays_plural(facts["weekdays"])
    ),
    SeriesRule.OTHER_TIME: _other_time,
    SeriesRule.OTHER_LOCATION: lambda _facts, _zone: _(
        "The patient did not ask for this location."
    ),
    SeriesRule.AWAY: lambda _facts, _zone: _("The patient is away on that day."),
    SeriesRule.NOT_AUTHORISED: _not_authorised,
    SeriesRule.OUT_OF_ORDER: lambda facts, _zone: _(
        "Session %(after)s would come before session %(before)s.",
        before=facts["before"],
        after=facts["after"],
    ),
    SeriesRule.BEYOND_PLAN: lambda facts, _zone: _(
        "The plan is made up to %(day)s.", day=format_day_of_any_year(facts["last_day"])
    ),
    SeriesRule.CLOCK_REPEATED: lambda _facts, _zone: _(
        "The clocks show that time twice on that day: a plan takes the first."
    ),
    SeriesRule.NOT_PLACEABLE: lambda _facts, _zone: _(
        "The session has a time by now, or its series does not go on."
    ),
}
