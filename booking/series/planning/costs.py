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
    moved_count: int = 0
    changes: int = 0
    unsuitable_count: int = 0
    lateness: int = 0


@dataclass(frozen=True, slots=True)
class CostWeights:
    """What one unit of each tier weighs, so that all below it together weigh less; lateness 1."""

    cadence: int
    moved_count: int
    changes: int
    unsuitable_count: int

    @classmethod
    def for_size(cls, sessions: int, days: int) -> Self:
        """Return the smallest weights for so many sessions within so many days."""
        unsuitable_count = sessions * (days - 1) + 1
        changes = unsuitable_count * (2 * sessions + 1)
        moved_count = changes * (sessions * (STEPS_A_DAY + WEEKDAY_CHANGE) + 1)
        return cls(moved_count * (sessions + 1), moved_count, changes, unsuitable_count)

    def step_cost(self, gap: Gap, days: int) -> int:
        """Return what `days` between two sessions weigh, the change of time of day left out."""
        changed = weekday_change_cost(gap, days)
        return gap.days_from_ideal(days) * self.cadence + changed * self.changes

    def total_cost(self, cost: PlanCost) -> int:
        """Return a cost as one integer; integers compare as their costs do."""
        return (
            cost.cadence * self.cadence
            + cost.moved_count * self.moved_count
            + cost.changes * self.changes
            + cost.unsuitable_count * self.unsuitable_count
            + cost.lateness
        )


def weekday_change_cost(gap: Gap, days: int) -> int:
    """Return what a change of weekday costs: nothing in a phase of several sessions a week."""
    return WEEKDAY_CHANGE if gap.ideal_min_days >= WEEKLY and days % 7 else 0


def count_unsuitable(preferences: Preferences, weekday: int, minute: int) -> int:
    """Return 1 for a day that doesn't suit, and 1 for a time that doesn't."""
    first, last = preferred_hours(preferences)
    return (weekday not in preferences.weekdays) + (not first <= minute <= last)


def preferred_hours(preferences: Preferences) -> tuple[int, int]:
    """Return the first and the last minute of the day that suit."""
    earliest, latest = preferences.earliest, preferences.latest
    return earliest.hour * 60 + earliest.minute, latest.hour * 60 + latest.minute
