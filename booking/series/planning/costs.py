"""What a plan costs against the ideal, in tiers, and how a search weighs them as one integer."""

from dataclasses import dataclass
from typing import Self

from booking.series.rules import GRID, Gap
from booking.series.templates import Preferences

STEPS_A_DAY = 24 * 60 // GRID
WEEKDAY_CHANGE = 60 // GRID  # as bad as an hour's change of time
WEEKLY = 5  # a phase whose ideal gap is this or longer keeps one weekday


@dataclass(frozen=True, slots=True, order=True)
class PlanCost:
    """A plan's cost, the gravest first, compared in that order.

    Days away from the ideal gaps; sessions moved from where they are; changes from one session to
    the next, in steps of 5 minutes; days and times that don't suit; days after the first, summed.
    """

    cadence: int = 0
    moved: int = 0
    changes: int = 0
    outside: int = 0
    lateness: int = 0


@dataclass(frozen=True, slots=True)
class CostWeights:
    """What one unit of each tier weighs, so that all below it together weigh less; lateness 1."""

    cadence: int
    moved: int
    changes: int
    outside: int

    @classmethod
    def for_size(cls, sessions: int, days: int) -> Self:
        """Return the smallest weights for so many sessions within so many days."""
        outside = sessions * (days - 1) + 1
        changes = outside * (2 * sessions + 1)
        moved = changes * (sessions * (STEPS_A_DAY + WEEKDAY_CHANGE) + 1)
        return cls(moved * (sessions + 1), moved, changes, outside)

    def step_cost(self, gap: Gap, days: int) -> int:
        """Return what `days` between two sessions weigh, the change of time of day left out."""
        changed = weekday_change_cost(gap, days)
        return gap.days_from_ideal(days) * self.cadence + changed * self.changes

    def total_cost(self, cost: PlanCost) -> int:
        """Return a cost as one integer; integers compare as their costs do."""
        return (
            cost.cadence * self.cadence
            + cost.moved * self.moved
            + cost.changes * self.changes
            + cost.outside * self.outside
            + cost.lateness
        )


def weekday_change_cost(gap: Gap, days: int) -> int:
    """Return what a change of weekday costs: nothing in a phase of several sessions a week."""
    return WEEKDAY_CHANGE if gap.ideal_min_days >= WEEKLY and days % 7 else 0


def count_unsuitable(wanted: Preferences, weekday: int, minute: int) -> int:
    """Return 1 for a day that doesn't suit, and 1 for a time that doesn't."""
    first, last = preferred_hours(wanted)
    return (weekday not in wanted.weekdays) + (not first <= minute <= last)


def preferred_hours(wanted: Preferences) -> tuple[int, int]:
    """Return the first and the last minute of the day that suit."""
    earliest, latest = wanted.earliest, wanted.latest
    return earliest.hour * 60 + earliest.minute, latest.hour * 60 + latest.minute
