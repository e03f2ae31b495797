"""Small problems of every kind, and the best plan for one by trying all."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

from hypothesis import strategies as st

from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.problem import (
    MoveOption,
    MovePlan,
    MoveProblem,
    OptionList,
    PlanMethod,
    PoolUse,
    Spacing,
    make_plan,
)

CELLS = 6
MONDAY = date(2026, 11, 30)


@st.composite
def uses(draw: st.DrawFn, pools: int) -> PoolUse:
    first = draw(st.integers(0, CELLS - 1))
    return PoolUse(
        draw(st.integers(0, pools - 1)), first, draw(st.integers(first + 1, CELLS)),
        draw(st.integers(1, 2)),
    )  # fmt: skip


@st.composite
def options(draw: st.DrawFn, pools: int) -> MoveOption:
    day = MONDAY + timedelta(days=draw(st.integers(0, 4)))
    taken_up = draw(st.lists(uses(pools), min_size=1, max_size=2, unique_by=lambda use: use.pool))
    return MoveOption(
        1, datetime(day.year, day.month, day.day, draw(st.integers(8, 17)), tzinfo=UTC), day,
        draw(st.integers(0, 50)), tuple(taken_up), draw(st.booleans()),
    )  # fmt: skip


@st.composite
def problems(draw: st.DrawFn) -> MoveProblem:
    """Generate up to five appointments with up to four times each, few of them free together."""
    pools, count = draw(st.integers(1, 3)), draw(st.integers(0, 5))
    capacities = [tuple(draw(st.lists(st.integers(0, 3), min_size=CELLS, max_size=CELLS)))
                  for _ in range(pools)]  # fmt: skip
    lists = [
        OptionList(
            number,
            tuple(
                sorted(
                    draw(st.lists(options(pools), max_size=4, unique=True)),
                    key=lambda option: option.cost,
                )
            ),
        )
        for number in range(count)
    ]
    numbers = st.integers(0, max(count - 1, 0))
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=2)) if count > 1 else []
    spacings = [
        Spacing(first, second, least := draw(st.integers(0, 2)), least + draw(st.integers(0, 2)),
                draw(st.booleans()))
        for first, second in pairs
        if first != second
    ]  # fmt: skip
    return MoveProblem(tuple(lists), tuple(capacities), tuple(spacings))


def best_rank(problem: MoveProblem) -> tuple[int, int]:
    """Return how few can be left without a time, and what the others' times cost then, by trying all."""
    plans = (
        _plan(problem, choice)
        for choice in product(*((None, *each.options) for each in problem.appointments))
    )
    return min(plan.rank for plan in plans if not list_plan_errors(problem, plan))


def _plan(problem: MoveProblem, choice: tuple[MoveOption | None, ...]) -> MovePlan:
    pairs = zip(problem.appointments, choice, strict=True)
    chosen = {each.appointment_id: option for each, option in pairs if option is not None}
    return make_plan(problem, chosen, PlanMethod.ONE_BY_ONE)
