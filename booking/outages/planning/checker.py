"""An independent look at a plan before anybody sees it: every cell counted anew, no code shared."""

from collections import Counter

from booking.outages.planning.problem import MovePlan, MoveProblem


def list_plan_errors(problem: MoveProblem, plan: MovePlan) -> list[str]:
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
    days = {
        each.appointment_id: choice.day if choice else each.own_day
        for each in problem.appointments
        for choice in [plan.choices.get(each.appointment_id)]
    }
    for spacing in problem.spacings:
        ids = {spacing.first_id, spacing.second_id}
        if not ids & set(plan.choices) or (spacing.both_ways and not ids <= set(plan.choices)):
            continue
        first, second = days[spacing.first_id], days[spacing.second_id]
        if first and second and not spacing.allows(first, second):
            errors.append(f"{spacing.first_id} and {spacing.second_id}: not so many days apart")
    return errors
