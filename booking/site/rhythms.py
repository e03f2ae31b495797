"""How often somebody comes in a phase of their plan, as people say it."""

from flask_babel import gettext as _

from booking.series.rules import Gap, Phase
from booking.site.blueprint import blueprint


def describe_rhythm(phase: Phase) -> str:
    """Return about how often the visits of a phase are, in the reader's language."""
    gap = phase.gap
    words: dict[int, str] = {
        7: _("About once a week"),
        14: _("About every two weeks"),
        21: _("About every three weeks"),
        28: _("About every four weeks"),
    }
    return words.get(_whole_weeks(gap)) or _several_a_week(gap) or _in_days(gap)


def _whole_weeks(gap: Gap) -> int:
    return gap.ideal_min_days if gap.ideal_min_days == gap.ideal_max_days else 0


def _several_a_week(gap: Gap) -> str:
    """Return how many times a week, where the best gap is some days; empty where it is more."""
    if gap.ideal_max_days == 1:
        return str(_("Almost every day"))
    if gap.ideal_min_days >= 2 and gap.ideal_max_days <= 3:
        return str(_("About three times a week"))
    return (
        str(_("About twice a week")) if (gap.ideal_min_days, gap.ideal_max_days) == (3, 4) else ""
    )


def _in_days(gap: Gap) -> str:
    if gap.ideal_min_days == gap.ideal_max_days:
        return str(_("About every %(days)s days", days=gap.ideal_min_days))
    return str(
        _("Every %(least)s to %(most)s days", least=gap.ideal_min_days, most=gap.ideal_max_days)
    )


blueprint.add_app_template_filter(describe_rhythm)
