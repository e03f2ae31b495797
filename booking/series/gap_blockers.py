"""What a broken gap, or a day left out, says of itself: to those who may not break it, and who may."""

from booking.calendars.overrides import OverriddenBy
from booking.calendars.ruled_days import Blocker
from booking.series.gap_rules import GapViolation, SeriesRule
from booking.series.spacing import InfusionsTooClose
from booking.series.span_rules import OutsideSpan

GapProblem = GapViolation | InfusionsTooClose | OutsideSpan


def describe_gap_problem(problem: GapProblem) -> Blocker:
    """Return a gap, a distance from another infusion, or days that aren't kept, with their numbers."""
    if isinstance(problem, InfusionsTooClose):
        return Blocker(
            SeriesRule.INFUSION_TOO_CLOSE,
            OverriddenBy.PRACTITIONER,
            {
                "days": problem.days,
                "least": problem.min_days,
                "other_day": problem.second.day,
            },
        )
    if isinstance(problem, OutsideSpan):
        days = {"first_day": problem.first_day, "last_day": problem.last_day}
        return Blocker(problem.rule, OverriddenBy.PRACTITIONER, days)
    return Blocker(
        problem.rule,
        OverriddenBy.PRACTITIONER,
        {
            "days": problem.days,
            "least": problem.allowed.min_days,
            "most": problem.allowed.max_days,
            "before": problem.earlier.number,
            "after": problem.later.number,
            "before_day": problem.earlier.day,
            "after_day": problem.later.day,
        },
    )
