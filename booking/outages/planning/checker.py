"""An independent look at a plan before anybody sees it: every cell counted anew, no code shared."""

from collections import Counter

from booking.outages.planning.problem import MovePlan, MoveProblem


def find_plan_errors(problem: MoveProblem, plan: MovePlan) -> list[str]:
    """Return what a plan breaks: a time that is none of an appointment's, a pool taken twice, two days."""
    errors = []
    ids = {candidates.appointment_id for candidates in problem.appointments}
    if set(plan.choices) | set(plan.unplaced_ids) != ids or set(plan.choices) & set(
        plan.unplaced_ids
    ):
        errors.append("not everybody is in the plan once")
    for candidates in problem.appointments:
        choice = plan.choices.get(candidates.appointment_id)
        if choice is not None and choice not in candidates.options:
            errors.append(f"{candidates.appointment_id}: not one of its times")
        if choice is None and candidates.is_required:
            errors.append(f"{candidates.appointment_id}: could stay, and has no time")
    load = Counter(
        (use.pool, cell)
        for choice in plan.choices.values()
        for use in choice.uses
        for cell in range(use.first, use.end)
        for _ in range(use.count)
    )
    errors += [
        f"pool {pool}, cell {cell}: {count} taken"
        for (pool, cell), count in load.items()
        if count > problem.capacities[pool][cell]
    ]
    for spacing in problem.spacings:
        pair = (plan.choices.get(spacing.first_id), plan.choices.get(spacing.second_id))
        if pair[0] and pair[1] and not spacing.allows(pair[0].day, pair[1].day):
            errors.append(f"{spacing.first_id} and {spacing.second_id}: not so many days apart")
    return errors
