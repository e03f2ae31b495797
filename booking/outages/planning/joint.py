"""Everybody's one appointment at once: the fewest without a time, and of such plans the cheapest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from time import monotonic

from booking.outages.planning.packing import Column, Packing, PackingModel
from booking.outages.planning.problem import (
    MoveOption,
    MovePlan,
    MoveProblem,
    PlanMethod,
    Spacing,
    make_plan,
)

GAP = 0.02
SHARE = 0.6  # of the time goes to leaving few without a time, the rest to what the others' cost

Way = tuple[int, MoveOption | None]  # an appointment, and a time for it or none


def plan_jointly(
    problem: MoveProblem, first_plan: MovePlan, seconds: float, gap: float = GAP
) -> MovePlan:
    """Return the best plan to be had in so many seconds; `first_plan` where nothing is better.

    What its times cost together may be above the least there is by the share `gap`.
    """
    return JointSearch(problem, gap).find_plan(first_plan, seconds)


class JointSearch:
    """One problem as a packing: a column for each time of each appointment, and one for none."""

    def __init__(self, problem: MoveProblem, gap: float) -> None:
        self.problem, self.gap = problem, gap
        self.ways: list[Way] = []
        columns = []
        for party, candidates in enumerate(problem.appointments):
            self.ways += [(candidates.appointment_id, option) for option in candidates.options]
            columns += [Column(party, option.cost, option.uses) for option in candidates.options]
            if not candidates.is_required:
                self.ways.append((candidates.appointment_id, None))
                columns.append(Column(party, candidates.unplaced_cost))
        self.model = PackingModel(columns, problem.capacities)
        self.costs = [column.cost for column in columns]
        self.lacking = {index for index, (_, option) in enumerate(self.ways) if option is None}
        by_day = self._by_day()
        for spacing in problem.spacings:
            self._keep_apart(spacing, by_day[spacing.first_id], by_day[spacing.second_id])

    def _by_day(self) -> dict[int, dict[date, list[int]]]:
        """Return the columns of each appointment by the local day they are on, or stay on without a time."""
        by_day: dict[int, dict[date, list[int]]] = {key: {} for key, _ in self.ways}
        own_days = {each.appointment_id: each.own_day for each in self.problem.appointments}
        for index, (key, option) in enumerate(self.ways):
            day = own_days[key] if option is None else option.day
            if day is not None:
                by_day[key].setdefault(day, []).append(index)
        return by_day

    def _keep_apart(
        self, spacing: Spacing, first: dict[date, list[int]], second: dict[date, list[int]]
    ) -> None:
        """Let no two days be chosen that don't go together."""
        ignored = self.lacking if spacing.both_ways else ()
        for day, indexes in first.items():
            forbidden = [
                index
                for other, others in second.items()
                if not spacing.allows(day, other)
                for index in others
            ]
            if forbidden:
                self.model.limit(
                    [each for each in (*indexes, *forbidden) if each not in ignored], 1
                )

    def find_plan(self, first_plan: MovePlan, seconds: float) -> MovePlan:
        """Return the best plan found in so many seconds, beginning at another."""
        began = monotonic()
        is_lacking = [int(index in self.lacking) for index in range(len(self.ways))]
        fewest = self.model.solve(is_lacking, self._columns_of(first_plan), SHARE * seconds)
        if fewest is None:
            return replace(first_plan, method=PlanMethod.JOINTLY)
        count = sum(is_lacking[index] for index in fewest.chosen)
        self.model.limit(self.lacking, count)
        left = seconds - (monotonic() - began)
        cheapest = self.model.solve(self.costs, fewest.chosen, left, self.gap) or fewest
        is_proven = fewest.is_proven and cheapest.is_proven and cheapest is not fewest
        plan = self._to_plan(cheapest, fewest.bound, is_proven=is_proven)
        if plan.rank <= first_plan.rank:
            return plan
        least = max(plan.least_unplaced, first_plan.least_unplaced)
        return replace(first_plan, method=PlanMethod.JOINTLY, least_unplaced=least)

    def _columns_of(self, plan: MovePlan) -> Sequence[int]:
        return [
            index
            for index, (key, option) in enumerate(self.ways)
            if plan.choices.get(key) == option
        ]

    def _to_plan(self, packing: Packing, least_unplaced: int, *, is_proven: bool) -> MovePlan:
        ways = (self.ways[index] for index in packing.chosen)
        choices = {key: option for key, option in ways if option is not None}
        return make_plan(
            self.problem, choices, PlanMethod.JOINTLY, least_unplaced, is_proven=is_proven
        )
