"""What a plan gives up beside a better one, in words: its days and counts, the gravest first."""

from collections.abc import Sequence

from flask_babel import ngettext

from booking.series.planning.costs import PlanCost
from booking.series.planning.requests import Plan
from booking.series.rules import GRID


def describe_cost_difference(best: Plan, plan: Plan) -> Sequence[str]:
    """Return what is worse about a plan than about the best, and when it starts and ends beside it."""
    differences = [*_list_counts(best.cost, plan.cost), *_list_days(best, plan)]
    return [text for count, text in differences if count > 0]


def _list_counts(best: PlanCost, cost: PlanCost) -> Sequence[tuple[int, str]]:
    gaps, unwanted = cost.gap_days - best.gap_days, cost.unwanted - best.unwanted
    weekdays = cost.exceptions + cost.weekday_changes - best.exceptions - best.weekday_changes
    changes, away = cost.location_changes - best.location_changes, cost.away - best.away
    minutes = (cost.time_change - best.time_change) * GRID
    return [
        (
            gaps,
            ngettext(
                "%(num)d day more off the ideal gaps", "%(num)d days more off the ideal gaps", gaps
            ),
        ),
        (
            unwanted,
            ngettext(
                "%(num)d day or time more that was not asked for",
                "%(num)d days or times more that were not asked for",
                unwanted,
            ),
        ),
        (
            weekdays,
            ngettext(
                "%(num)d session more on another weekday",
                "%(num)d sessions more on other weekdays",
                weekdays,
            ),
        ),
        (
            changes,
            ngettext(
                "%(num)d change of location more", "%(num)d changes of location more", changes
            ),
        ),
        (
            away,
            ngettext(
                "%(num)d session more at another location",
                "%(num)d sessions more at another location",
                away,
            ),
        ),
        (
            minutes,
            ngettext(
                "the time of day changes by %(num)d minute more",
                "the time of day changes by %(num)d minutes more",
                minutes,
            ),
        ),
    ]


def _list_days(best: Plan, plan: Plan) -> Sequence[tuple[int, str]]:
    starts, ends = ((plan.sessions[at].day - best.sessions[at].day).days for at in (0, -1))
    return [
        (starts, ngettext("starts %(num)d day later", "starts %(num)d days later", starts)),
        (-starts, ngettext("starts %(num)d day sooner", "starts %(num)d days sooner", -starts)),
        (ends, ngettext("ends %(num)d day later", "ends %(num)d days later", ends)),
        (-ends, ngettext("ends %(num)d day sooner", "ends %(num)d days sooner", -ends)),
    ]
