"""One after another, in order of time, each the cheapest that those before have left: needs no optimizer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from booking.outages.planning.problem import (
    MoveOption,
    MovePlan,
    MoveProblem,
    PlanMethod,
    PoolUse,
    Spacing,
    make_plan,
    spacings_by_id,
)


class FreePools:
    """What is left of each pool, by cell."""

    def __init__(self, capacities: Sequence[Sequence[int]]) -> None:
        self._free: list[npt.NDArray[np.int64]] = [np.array(cells) for cells in capacities]

    def can_take(self, uses: Sequence[PoolUse]) -> bool:
        """Tell whether all of this is free."""
        return all(
            bool((self._free[use.pool][use.first : use.end] >= use.count).all()) for use in uses
        )

    def take(self, uses: Sequence[PoolUse]) -> None:
        """Take this away."""
        for use in uses:
            self._free[use.pool][use.first : use.end] -= use.count


def plan_one_by_one(problem: MoveProblem) -> MovePlan:
    """Return the plan made in order of time, once all who can stay beside the others do."""
    pools, choices = FreePools(problem.capacities), dict[int, MoveOption]()
    spacings = spacings_by_id(problem.spacings)
    stays = {
        candidates.appointment_id: [option for option in candidates.options if option.is_own]
        for candidates in problem.appointments
    }
    required = [each for each in problem.appointments if each.is_required]
    for candidates, options in (
        *((each, stays[each.appointment_id]) for each in required),
        *((each, stays[each.appointment_id]) for each in problem.appointments),
        *((each, each.options) for each in problem.appointments),
    ):
        key = candidates.appointment_id
        if key not in choices:
            near = spacings.get(key, ())
            possible = (o for o in options if _is_possible(key, o, pools, choices, near))
            if (option := next(possible, None)) is not None:
                pools.take(option.uses)
                choices[key] = option
    _drop_misplaced(problem, choices)
    return make_plan(problem, choices, PlanMethod.ONE_BY_ONE)


def repeat_plan(problem: MoveProblem, plan: MovePlan) -> MovePlan:
    """Return a plan of another problem in this one: each at the same time and place, as far as it is free.

    Whoever can stay stays.
    """
    pools, choices = FreePools(problem.capacities), dict[int, MoveOption]()
    spacings = spacings_by_id(problem.spacings)
    for candidates in sorted(problem.appointments, key=lambda each: not each.is_required):
        key = candidates.appointment_id
        planned = plan.choices.get(key)
        same = [option for option in candidates.options if _is_same(option, planned)]
        if candidates.is_required:
            same += [option for option in candidates.options if option.is_own]
        possible = (o for o in same if _is_possible(key, o, pools, choices, spacings.get(key, ())))
        if (option := next(possible, None)) is not None:
            pools.take(option.uses)
            choices[key] = option
    _drop_misplaced(problem, choices)
    return make_plan(problem, choices, plan.method)


def _is_same(option: MoveOption, planned: MoveOption | None) -> bool:
    if planned is None:
        return option.is_own
    return (option.location_id, option.starts_at) == (planned.location_id, planned.starts_at)


def _drop_misplaced(problem: MoveProblem, choices: dict[int, MoveOption]) -> None:
    """Take back the times that don't go together with the own day of whoever got none."""
    own_days = {each.appointment_id: each.own_day for each in problem.appointments}
    spacings = [spacing for spacing in problem.spacings if not spacing.both_ways]
    is_done = False
    while not is_done:
        is_done = True
        for spacing in spacings:
            ids = (spacing.first_id, spacing.second_id)
            placed = [key for key in ids if key in choices]
            first, second = (choices[key].day if key in choices else own_days[key] for key in ids)
            if len(placed) == 1 and first and second and not spacing.allows(first, second):
                del choices[placed[0]]
                is_done = False


def _is_possible(
    appointment_id: int,
    option: MoveOption,
    pools: FreePools,
    choices: dict[int, MoveOption],
    near: Sequence[Spacing],
) -> bool:
    days = {key: choice.day for key, choice in choices.items()} | {appointment_id: option.day}
    keeps_days = all(
        spacing.allows(days[spacing.first_id], days[spacing.second_id])
        for spacing in near
        if spacing.first_id in days and spacing.second_id in days
    )
    return keeps_days and pools.can_take(option.uses)
