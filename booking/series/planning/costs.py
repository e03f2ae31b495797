"""What a plan costs: what is counted, and the exchange rates that make one number of points of it.

A clinic sets the rates (docs/decisions/0045). As shipped, a day away from an ideal gap weighs more than
everything below it together, and a session moved from where it stands more than any gap.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from booking.series.rules import Gap, InvalidSchedule

WEEKLY = 5  # days: a phase whose ideal gap is this or longer keeps one weekday
MAX_USUAL_DELAY = 6  # days that a series may wait for the days and times asked for
MAX_RATE = 10**12  # points: 60 sessions moved, at this rate, still fit into 64 bits


@dataclass(frozen=True, slots=True)
class PlanRates:
    """Points for one unit of each count of `PlanCost`, under the same name; and for what slots cost others.

    `displaced` is for a slot that a running series will need, `destroyed_starts` for the last start left on a
    day: both are in the prices of slots (`prices.py`).
    """

    moved: int = 10**11
    gap_days: int = 10**8
    late_start_days: int = 50_000
    unwanted: int = 10_000
    exceptions: int = 1_500
    weekday_changes: int = 1_500
    start_delay_days: int = 1_000
    time_change: int = 20
    location_changes: int = 450
    away: int = 250
    lateness_days: int = 1
    displaced: int = 10**9
    destroyed_starts: int = 80

    def __post_init__(self) -> None:
        for name, rate in asdict(self).items():
            if type(rate) is not int or not 0 <= rate <= MAX_RATE:
                raise InvalidSchedule(f"rates.{name}: expected a whole number from 0 to 10^12")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "PlanRates":
        """Read rates from plain data, those left out as shipped; raises `InvalidSchedule`."""
        names = {each.name for each in fields(cls)}
        if unknown := sorted(set(data) - names):
            raise InvalidSchedule(f"rates.{unknown[0]}: expected one of {', '.join(sorted(names))}")
        return cls(**data)

    def to_dict(self) -> dict[str, int]:
        """Return the rates as plain data."""
        return asdict(self)

    def step_points(self, gap: Gap, days: int) -> int:
        """Return what `days` between two sessions cost; time and place are left out."""
        changed = count_weekday_changes(gap, days)
        return gap.days_from_ideal(days) * self.gap_days + changed * self.weekday_changes


@dataclass(frozen=True, slots=True)
class PlanCost:
    """What a plan costs, the gravest first.

    Sessions moved from where they stand; days away from the ideal gaps; days until the first session beyond
    a week after the earliest possible; sessions outside the days and times rather had; sessions off the
    plan's weekdays; changes of weekday in phases of once a week or rarer; days until the first session
    beyond the earliest possible; changes of time from one session to the next, in steps of 5 minutes;
    changes of location; sessions away from home; days of all sessions after the first possible day, summed;
    and the prices of slots, in points.
    """

    moved: int = 0
    gap_days: int = 0
    late_start_days: int = 0
    unwanted: int = 0
    exceptions: int = 0
    weekday_changes: int = 0
    start_delay_days: int = 0
    time_change: int = 0
    location_changes: int = 0
    away: int = 0
    lateness_days: int = 0
    price: int = 0

    def points(self, rates: PlanRates) -> int:
        """Return the cost as one number; of two plans, the one with fewer points is better."""
        counts: dict[str, int] = asdict(self)
        weighed = rates.to_dict()
        return self.price + sum(
            weighed[name] * count for name, count in counts.items() if name in weighed
        )


def count_late_start_days(delay_days: int) -> int:
    """Return how many of the days that a series waits for its start are beyond the first six."""
    return max(0, delay_days - MAX_USUAL_DELAY)


def count_weekday_changes(gap: Gap, days: int) -> int:
    """Return 1 if so many days change the weekday in a phase that keeps one, else 0."""
    return int(gap.ideal_min_days >= WEEKLY and days % 7 != 0)
