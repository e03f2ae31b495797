"""What a broken gap says of itself, to those who may not break it and to those who may."""

from booking.calendars.ruled_days import Blocker, Override
from booking.series.gap_rules import GapViolation
from booking.series.rules import SeriesRule
from booking.series.spacing import InfusionsTooClose

GapProblem = GapViolation | InfusionsTooClose


def describe_gap_problem(problem: GapProblem) -> Blocker:
    """Return a gap, or a distance from another infusion, that isn't kept, with its numbers and days."""
    if isinstance(problem, InfusionsTooClose):
        return Blocker(
            SeriesRule.INFUSION_TOO_CLOSE,
            Override.PRACTITIONER,
            {
                "days": problem.days,
                "least": problem.min_days,
                "other_day": problem.second.day,
            },
        )
    return Blocker(
        problem.rule,
        Override.PRACTITIONER,
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
