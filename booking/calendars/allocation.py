"""Which resources an appointment takes: those that `rules.compute_start_cells` found it can have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booking.calendars.reseating import choose_resource
from booking.calendars.rules import FreeCells, ResourceDemand, ResourceNeed, compute_start_cells
from booking.locations.rules import ResourceKind


@dataclass(frozen=True, slots=True)
class Allocation:
    """A stretch of cells [first, end) that an appointment takes of one resource."""

    resource_id: int
    first: int
    end: int


class StartNotFree(Exception):
    """The wanted start is not among the possible ones."""


def allocate(
    demand: ResourceDemand, free: FreeCells, start: int, preferred_ids: Sequence[int] = ()
) -> tuple[Allocation, ...]:
    """Choose the resources for an appointment at cell `start`; raise `StartNotFree` if it isn't possible.

    Resources in `preferred_ids` come first (a practitioner asked for, the chair held so far), then the
    lowest id. Where none is free throughout, it is one that is free once others have moved. Accepts exactly
    what `compute_start_cells` offers.
    """
    if not compute_start_cells(demand, free) >> start & 1:
        raise StartNotFree
    free = free.limited_to(demand)
    allocations: list[Allocation] = []
    for need in demand.needs:
        first = start + need.offset_cells
        pool = free.by_kind(need.kind)
        if need.kind is ResourceKind.SEAT:
            allocations += _allocate_seats(pool, first, first + need.cells, need.count)
        else:
            allocations.append(_allocate_one(need, free, first, preferred_ids))
    return tuple(allocations)


def _allocate_one(
    need: ResourceNeed, free: FreeCells, first: int, preferred_ids: Sequence[int]
) -> Allocation:
    pool, end = free.by_kind(need.kind), first + need.cells
    needed = (1 << end) - (1 << first)
    fitting = [resource for resource, cells in pool.items() if cells & needed == needed]
    preferred = [resource for resource in preferred_ids if resource in fitting]
    if fitting:
        return Allocation(preferred[0] if preferred else min(fitting), first, end)
    resource = choose_resource(free.groups(need.kind), pool, free.pinned, first, end)
    if resource is None:
        raise StartNotFree
    return Allocation(resource, first, end)


def _allocate_seats(pool: Mapping[int, int], first: int, end: int, count: int) -> list[Allocation]:
    """Take `count` seats in each cell, staying on a seat as long as it is free."""
    open_stretches: dict[int, int] = {}
    allocations: list[Allocation] = []
    for cell in range(first, end):
        ended_seats = [seat for seat in open_stretches if not pool[seat] >> cell & 1]
        allocations += [Allocation(seat, open_stretches.pop(seat), cell) for seat in ended_seats]
        for seat in sorted(pool):
            if len(open_stretches) == count:
                break
            if seat not in open_stretches and pool[seat] >> cell & 1:
                open_stretches[seat] = cell
    return allocations + [Allocation(seat, begin, end) for seat, begin in open_stretches.items()]
