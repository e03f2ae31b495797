"""Schedules in words: a phase, the days of a plan, the gap before a session; and forms between them."""

from collections.abc import Collection

from babel.dates import get_day_names
from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.mood.rules import Severity, classify_severity
from booking.series.queries import is_past_end
from booking.series.reviews import ReviewReason
from booking.series.rules import Gap, MissRule, Phase
from booking.series.templates import Template


def format_template_name(template: Template) -> str:
    """Return a schedule template's name in the reader's language."""
    return template.name_in(str(get_locale()))


def describe_phase(phase: Phase) -> str:
    """Return a phase as people say it: how many sessions, how far apart, how long."""
    return ", ".join(
        [format_sessions(phase.sessions), describe_gap_range(phase.gap), _minutes(phase)]
    )


def format_sessions(sessions: int | None) -> str:
    """Return how many sessions a phase has, in words."""
    if sessions is None:
        return str(_("open-ended"))
    return str(ngettext("%(num)d session", "%(num)d sessions", sessions))


def describe_gap_range(gap: Gap) -> str:
    """Return how many days apart sessions are, at best and at all."""
    ideal = _range(gap.ideal_min_days, gap.ideal_max_days)
    allowed = _range(gap.min_days, gap.max_days)
    if gap.ideal_max_days == 1:
        return str(_("1 day apart (%(allowed)s allowed)", allowed=allowed))
    return str(_("%(ideal)s days apart (%(allowed)s allowed)", ideal=ideal, allowed=allowed))


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _minutes(phase: Phase) -> str:
    return str(
        _(
            "%(setup)s + %(infusion)s + %(recovery)s minutes",
            setup=phase.setup,
            infusion=phase.infusion,
            recovery=phase.recovery,
        )
    )


def format_miss_rule(rule: MissRule) -> str:
    """Return what follows a missed session."""
    words: dict[MissRule, str] = {
        MissRule.REPEAT: _("made up as soon as possible"),
        MissRule.ADD_AT_END: _("made up at the end of the phase"),
        MissRule.GO_ON: _("not made up: the others go on"),
    }
    return words[rule]


def format_weekdays_plural(weekdays: Collection[int]) -> str:
    """Return days of the week (Monday is 0) in words, like "Mondays and Thursdays"."""
    plurals = {
        0: _("Mondays"),
        1: _("Tuesdays"),
        2: _("Wednesdays"),
        3: _("Thursdays"),
        4: _("Fridays"),
        5: _("Saturdays"),
        6: _("Sundays"),
    }
    return format_list([plurals[day] for day in sorted(weekdays)], locale=get_locale())


def format_weekdays(weekdays: Collection[int]) -> str:
    """Return days of the week in words, like "Monday, Tuesday and Friday"."""
    names = get_day_names("wide", locale=get_locale())
    return format_list([names[day] for day in sorted(weekdays)], locale=get_locale())


def describe_gap_before(days: int | None) -> str:
    """Return the gap before a session in words; the first has none."""
    if days is None:
        return str(_("first session"))
    return str(ngettext("%(num)d day later", "%(num)d days later", days))


def format_rhythm(days: int) -> str:
    """Return how often a form is asked for."""
    return str(_("every %(days)d days", days=days))


def explain_review(reason: str) -> str:
    """Return why a practitioner is asked to look at a series; empty for what is no reason of ours."""
    words: dict[str, str] = {
        ReviewReason.DUE: _("As many sessions are done as the schedule has between two reviews"),
        ReviewReason.CUT_SHORT: _("Missed sessions left a part of it shorter than prescribed"),
        ReviewReason.AWAY: _("The patient is away on days with visits: decide how it goes on"),
        ReviewReason.NOT_CLEARED: _(
            "Sessions wait until the patient is cleared for infusions again"
        ),
        ReviewReason.NOT_OFFERED: _(
            "It is booked no further: infusions are no longer offered at its location"
        ),
        ReviewReason.NOT_BOOKED: _("It could not be booked further ahead: look at its schedule"),
    }
    return words.get(reason, "")


def format_severity(score: int) -> str:
    """Return what a score of the PHQ-9 stands for, as clinicians say it."""
    words: dict[Severity, str] = {
        Severity.MINIMAL: _("minimal"),
        Severity.MILD: _("mild"),
        Severity.MODERATE: _("moderate"),
        Severity.MODERATELY_SEVERE: _("moderately severe"),
        Severity.SEVERE: _("severe"),
    }
    return words[classify_severity(score)]


for _show in (
    format_template_name,
    *(describe_phase, describe_gap_range, format_sessions, format_miss_rule),
    format_weekdays_plural,
    format_weekdays,
    describe_gap_before,
    *(format_rhythm, format_severity),
):
    blueprint.add_app_template_filter(_show)
blueprint.add_app_template_test(is_past_end, "past_end")
