"""The smallest changes by which something would fit, in words, and what binds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.appointments.patient_rules import PatientRule
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import CalendarRule
from booking.calendars.relaxations import RelaxedStart, RuleKind
from booking.calendars.ruled_days import Facts
from booking.desk.series.words import format_weekdays_plural
from booking.desk.why_not.rule_words import describe_other_appointment
from booking.screening.rules import Clearance
from booking.series.gap_rules import SeriesRule
from booking.series.relaxations import PRICES, FittingStarts
from booking.web.formats import format_clock, format_local_time, format_short_day_of_any_year

Words = Callable[[Facts, ZoneInfo], str]
MAX_CHANGES = 5  # shown, the smallest first


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """A start that would be possible: when, what would have to change, and where to ask about it."""

    when: str
    change: str
    question: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FitInWords:
    """How many starts keep every rule; without any what binds, and the smallest changes."""

    fit: FittingStarts
    binding: str
    changes: Sequence[ChangeInWords]


def describe_fit(fit: FittingStarts, home: LocationCalendar) -> FitInWords:
    """Return what fits in words, and a few changes where nothing does."""
    changes = [describe_change(each, home) for each in fit.relaxations[:MAX_CHANGES]]
    return FitInWords(fit, explain_binding(fit) if not fit.starts else "", changes)


def explain_binding(fit: FittingStarts) -> str:
    """Return which rule binds: the one whose smallest change would be enough."""
    words: dict[RuleKind, str] = {
        RuleKind.GAP: _("the days between infusions"),
        RuleKind.BUSY: _("another visit of the patient"),
        RuleKind.CLEARANCE: _("the patient's clearance"),
        RuleKind.WEEKDAY: _("the days asked for"),
        RuleKind.TIME: _("the times asked for"),
        RuleKind.LOCATION: _("the location"),
        RuleKind.AUTHORISATION: _("what the payer authorised"),
        RuleKind.ORDER: _("when the series begins, rests and ends"),
        RuleKind.ROOM: _("the rooms"),
        RuleKind.CHAIR: _("the chairs"),
        RuleKind.NURSE: _("the nurses"),
        RuleKind.PRACTITIONER: _("the practitioners' time"),
        RuleKind.PRESCRIBER: _("a practitioner on site"),
        RuleKind.HOURS: _("the opening hours"),
        RuleKind.CLOSED: _("a closure"),
    }
    if not fit.relaxations:
        return str(_("No change of one or two rules would make room."))
    blockers = fit.relaxations[0].blockers
    if not blockers:
        return str(_("What binds is the location."))
    kinds = dict.fromkeys(PRICES[blocker.rule].kind for blocker in blockers)
    names = _(" and ").join(words[kind] for kind in kinds)
    return str(_("What binds: %(rules)s.", rules=names))


def describe_change(relaxation: RelaxedStart, home: LocationCalendar) -> ChangeInWords:
    """Return a change in words."""
    location, starts_at = relaxation.location, relaxation.starts_at
    local = starts_at.astimezone(location.zone)
    when = f"{format_short_day_of_any_year(local.date())}, {format_local_time(starts_at, location.zone)}"
    changes = dict.fromkeys(
        CHANGE_WORDS[blocker.rule](blocker.facts, location.zone) for blocker in relaxation.blockers
    )
    elsewhere = [_("at %(location)s", location=location.name)] if location.id != home.id else []
    question = {
        "why_date": local.date().isoformat(),
        "why_time": local.strftime("%H:%M"),
        "why_location": location.slug,
    }
    return ChangeInWords(when, ", ".join([*elsewhere, *changes]), question)


def _gap(facts: Facts, _zone: ZoneInfo) -> str:
    days = facts["days"]
    limit = facts["least"] if days < facts["least"] else facts["most"]
    return str(
        ngettext(
            "with a gap of %(num)d day instead of %(limit)s (from session %(before)s to session %(after)s)",
            "with a gap of %(num)d days instead of %(limit)s (from session %(before)s to session %(after)s)",
            days,
            limit=limit,
            before=facts["before"],
            after=facts["after"],
        )
    )


def _distance(facts: Facts, _zone: ZoneInfo) -> str:
    return str(
        ngettext(
            "%(num)d day from the infusion on %(day)s instead of %(least)s",
            "%(num)d days from the infusion on %(day)s instead of %(least)s",
            facts["days"],
            day=format_short_day_of_any_year(facts["other_day"]),
            least=facts["least"],
        )
    )


def _hours(facts: Facts, zone: ZoneInfo) -> str:
    begins, ends, opening = facts["begins"], facts["ends"], facts["opening"]
    needed = (format_local_time(begins, zone), format_local_time(ends, zone))
    if not opening:
        return str(_("open from %(begins)s to %(ends)s", begins=needed[0], ends=needed[1]))
    opens, closes = opening[0][0], opening[-1][1]
    changes = []
    if begins < opens:
        hour = format_local_time(opens, zone)
        changes.append(_("open from %(new)s instead of %(old)s", new=needed[0], old=hour))
    if ends > closes:
        hour = format_local_time(closes, zone)
        changes.append(_("open until %(new)s instead of %(old)s", new=needed[1], old=hour))
    return ", ".join(changes) or str(_("open in the break between the hours"))


def _weekday(facts: Facts, _zone: ZoneInfo) -> str:
    return str(_("on another day than %(days)s", days=format_weekdays_plural(facts["weekdays"])))


def _time(facts: Facts, _zone: ZoneInfo) -> str:
    earliest, latest, at = facts["earliest"], facts["latest"], facts["at"]
    if at < earliest:
        new, old = format_clock(at), format_clock(earliest)
        return str(_("from %(new)s instead of %(old)s", new=new, old=old))
    new, old = format_clock(at), format_clock(latest)
    return str(_("until %(new)s instead of %(old)s", new=new, old=old))


def _clearance(facts: Facts, _zone: ZoneInfo) -> str:
    words: dict[Clearance, str] = {
        Clearance.NO_FINDING: _("with a practitioner's finding"),
        Clearance.EXPIRED: _(
            "with the clearance renewed to %(day)s", day=format_short_day_of_any_year(facts["day"])
        ),
        Clearance.FLAG_OPEN: _("with the flag cleared"),
    }
    return words[facts["clearance"]]


CHANGE_WORDS: Mapping[StrEnum, Words] = {
    CalendarRule.ROOM: lambda _facts, _zone: _("with one more room"),
    CalendarRule.CHAIR: lambda _facts, _zone: _("with one more chair"),
    CalendarRule.SETUP_NURSE: lambda _facts, _zone: _("with one more nurse"),
    CalendarRule.NURSE_LOAD: lambda _facts, _zone: _("with one more nurse"),
    CalendarRule.PRESCRIBER: lambda _facts, _zone: _("with a practitioner on site"),
    CalendarRule.PRACTITIONER: lambda _facts, _zone: _("with one more practitioner"),
    CalendarRule.HOURS: _hours,
    CalendarRule.CLOSED: lambda facts, _zone: _("open in spite of “%(name)s”", name=facts["name"]),
    CalendarRule.OUTAGE: lambda _facts, _zone: _("open then, though it is to be closed"),
    PatientRule.BUSY: lambda facts, _zone: _(
        "with the other visit moved (%(what)s)", what=describe_other_appointment(facts)
    ),
    PatientRule.NOT_CLEARED: _clearance,
    SeriesRule.GAP_TOO_SHORT: _gap,
    SeriesRule.GAP_TOO_LONG: _gap,
    SeriesRule.INFUSION_TOO_CLOSE: _distance,
    SeriesRule.OTHER_WEEKDAY: _weekday,
    SeriesRule.OTHER_TIME: _time,
    SeriesRule.OTHER_LOCATION: lambda _facts, _zone: _("where the patient did not ask to go"),
    SeriesRule.NOT_AUTHORISED: lambda _facts, _zone: _("with more authorised by the payer"),
    SeriesRule.PAUSED: lambda _facts, _zone: _("with a shorter pause"),
    SeriesRule.BEFORE_START: lambda facts, _zone: _(
        "before the series begins on %(day)s", day=format_short_day_of_any_year(facts["first_day"])
    ),
    SeriesRule.AFTER_END: lambda facts, _zone: _(
        "after the series ends on %(day)s", day=format_short_day_of_any_year(facts["last_day"])
    ),
}
