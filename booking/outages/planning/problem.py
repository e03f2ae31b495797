"""The question of a closure: appointments that lose their times, and every time each could have instead.

What an appointment takes is counted in pools: all seats of a location's day are one, and so are chairs (or
rooms) between which appointments are moved to make room (decision 51). A pool has so many free in each cell
of five minutes; for both, counting is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PlanMethod(StrEnum):
    """How a plan was made."""

    JOINTLY = "jointly"  # all at once, by the optimizer
    ONE_BY_ONE = "one_by_one"  # in order of time, each the best that is left


@dataclass(frozen=True, slots=True)
class PoolUse:
    """`count` of a pool in its cells [first, end)."""

    pool: int
    first: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class MoveOption:
    """One time that one appointment could have: what it costs and what it takes; `day` is local.

    `is_own` of the time it has already.
    """

    location_id: int
    starts_at: datetime
    day: date
    cost: int
    uses: tuple[PoolUse, ...]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class OptionList:
    """The times that one appointment could have, the cheapest first.

    `is_required` of one that can stay where it is: no plan leaves it without a time. For others that costs
    `unplaced_cost`, where it can't be helped. Without a new time it stands on `own_day` as far as its
    neighbours are concerned; None where it has none.
    """

    appointment_id: int
    options: tuple[MoveOption, ...]
    is_required: bool = False
    unplaced_cost: int = 0
    own_day: date | None = None


@dataclass(frozen=True, slots=True)
class Spacing:
    """Days allowed from one appointment to another of the same person.

    `both_ways` where neither need come first. Each day outside `ideal_days` [least, most] costs `price`.
    """

    first_id: int
    second_id: int
    min_days: int
    max_days: int
    both_ways: bool = False
    ideal_days: tuple[int, int] = (0, 0)
    price: int = 0

    def allows(self, first: date, second: date) -> bool:
        """Tell whether the two may be on these local days."""
        days = (second - first).days
        return self.min_days <= (abs(days) if self.both_ways else days) <= self.max_days

    def cost(self, first: date, second: date) -> int:
        """Return what the days between the two cost."""
        days, (least, most) = (second - first).days, self.ideal_days
        return self.price * max(least - days, days - most, 0)


@dataclass(frozen=True, slots=True)
class MoveProblem:
    """Who needs a time, in order of time; what each pool has free by cell; and which days go together."""

    appointments: tuple[OptionList, ...]
    capacities: tuple[tuple[int, ...], ...]
    spacings: tuple[Spacing, ...] = ()


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A time for each appointment that gets one; no plan leaves fewer than `least_unplaced` without.

    `is_proven` where none is better, `cost` included.
    """

    choices: Mapping[int, MoveOption]  # by appointment id
    unplaced_ids: tuple[int, ...]
    method: PlanMethod
    least_unplaced: int
    cost: int
    is_proven: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        """What plans are compared by: how many are left without a time, then what all of it costs."""
        return len(self.unplaced_ids), self.cost


def make_plan(
    problem: MoveProblem,
    choices: Mapping[int, MoveOption],
    method: PlanMethod,
    least_unplaced: int = 0,
    *,
    is_proven: bool = False,
) -> MovePlan:
    """Return a plan with these choices; who has no option at all is left without a time by any plan."""
    ids = [options.appointment_id for options in problem.appointments]
    hopeless = sum(not candidates.options for candidates in problem.appointments)
    cost = sum(
        choices[candidates.appointment_id].cost
        if candidates.appointment_id in choices
        else candidates.unplaced_cost
        for candidates in problem.appointments
    )
    days = list_days(problem, choices)
    cost += sum(
        spacing.cost(days[spacing.first_id], days[spacing.second_id])
        for spacing in problem.spacings
        if spacing.first_id in days and spacing.second_id in days
    )
    return MovePlan(
        {key: choices[key] for key in ids if key in choices},
        tuple(key for key in ids if key not in choices),
        method,
        max(least_unplaced, hopeless),
        cost,
        is_proven,
    )


def list_days(problem: MoveProblem, choices: Mapping[int, MoveOption]) -> dict[int, date]:
    """Return the local day of each appointment: of its choice, or else its own, if it has one."""
    own_days = {each.appointment_id: each.own_day for each in problem.appointments}
    days = {key: day for key, day in own_days.items() if day is not None}
    return days | {key: choice.day for key, choice in choices.items()}


def spacings_by_id(spacings: Sequence[Spacing]) -> dict[int, list[Spacing]]:
    """Return the spacings that each appointment has a part in."""
    by_id: dict[int, list[Spacing]] = {}
    for spacing in spacings:
        for key in (spacing.first_id, spacing.second_id):
            by_id.setdefault(key, []).append(spacing)
    return by_id
