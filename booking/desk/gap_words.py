"""Gaps that are not kept, and infusions too close to one another, in sentences."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.web.formats import format_day_of_any_year, format_short_day_of_any_year


def describe_gap(facts: Mapping[str, Any]) -> str:
    """Return how long a gap would be, and how long the series lets it be."""
    if "other_day" in facts:
        return f"{_distance(facts)} {_needed(facts)}"
    sentence = ngettext(
        "From session %(before)s (%(before_day)s) to session %(after)s (%(after_day)s) it would be "
        "%(num)d day.",
        "From session %(before)s (%(before_day)s) to session %(after)s (%(after_day)s) it would be "
        "%(num)d days.",
        facts["days"],
        before=facts["before"],
        after=facts["after"],
        before_day=format_short_day_of_any_year(facts["before_day"]),
        after_day=format_short_day_of_any_year(facts["after_day"]),
    )
    allowed = _(
        "The series allows %(least)s to %(most)s.", least=facts["least"], most=facts["most"]
    )
    return f"{sentence} {allowed}"


def _distance(facts: Mapping[str, Any]) -> str:
    return str(
        ngettext(
            "It would be %(num)d day away from the one on %(day)s.",
            "It would be %(num)d days away from the one on %(day)s.",
            facts["days"],
            day=format_day_of_any_year(facts["other_day"]),
        )
    )


def _needed(facts: Mapping[str, Any]) -> str:
    return str(_("At least %(least)s are needed between them.", least=facts["least"]))
