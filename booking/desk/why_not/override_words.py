"""Rules that a visit was booked against, in few words."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from booking.calendars.overrides import CalendarRule
from booking.desk.blueprint import blueprint


@blueprint.app_template_filter("format_overridden_rules")
def format_overridden_rules(codes: Sequence[str]) -> str:
    """Return the rules that somebody let a visit go against, as a list."""
    words: Mapping[str, str] = {
        CalendarRule.GRID: _("the usual times"),
        CalendarRule.HOURS: _("the opening hours"),
        CalendarRule.CLOSED: _("a closed day"),
        CalendarRule.OUTAGE: _("a closure"),
        CalendarRule.PRACTITIONER: _("the practitioners' shifts"),
        CalendarRule.PRACTITIONER_AWAY: _("the practitioner's shift"),
        CalendarRule.SETUP_NURSE: _("the nurses' shifts"),
        CalendarRule.NURSE_LOAD: _("the nurses' shifts"),
        CalendarRule.PRESCRIBER: _("a practitioner on site"),
    }
    return ", ".join(dict.fromkeys(words[code] for code in codes))
