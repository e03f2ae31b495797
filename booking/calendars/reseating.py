"""Chairs and rooms that are there at the same times: appointments of people who haven't arrived change them.

Who is in a chair stays in it. But whoever is still to come was promised no chair, so of chairs alike only
their number counts: a time is free while at each of its moments one of them is. Where none of them is
free throughout, appointments that begin later exchange chairs until one is.

Why that always succeeds: take a chair that is free as the new appointment begins. Where it is taken from
some moment on, another chair is free, and from there on the two exchange all that they have, up to the
first moment at which neither has an appointment under way. So the first is free for longer, and so on to
the end. Only appointments that begin after the new one are moved; a chair where somebody who has
arrived begins later is left out, as that appointment stays where it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from booking.calendars.local_days import iter_runs, run_starts

Free = Mapping[int, int]  # resource id → free cells
Pinned = Mapping[int, int]  # resource id → the last cell at which somebody who has arrived begins


@dataclass(frozen=True, slots=True)
class SeatedClaim:
    """What an appointment has of a chair or room: the claim's id, and cells [first, end)."""

    claim_id: int
    resource_id: int
    first: int
    end: int


def group_alike(cells_by_resource: Free) -> tuple[tuple[int, ...], ...]:
    """Return the resources in groups of those that are there at the same times, before any claim."""
    groups: dict[int, list[int]] = {}
    for resource_id, cells in cells_by_resource.items():
        groups.setdefault(cells, []).append(resource_id)
    return tuple(tuple(group) for group in groups.values())


def compute_group_starts(group: Sequence[int], free: Free, pinned: Pinned, cells: int) -> int:
    """Return from where one resource of a group is free for so many cells, once others have moved."""
    starts = free_of_any = 0
    for resource_id in group:
        if resource_id in pinned:  # it can be free throughout without anybody's moving
            starts |= run_starts(free[resource_id], cells)
    in_turn = sorted(group, key=lambda resource_id: pinned.get(resource_id, -1))
    for last_pinned, resource_ids in groupby(in_turn, lambda key: max(pinned.get(key, 0), 0)):
        for resource_id in resource_ids:
            free_of_any |= free[resource_id]
        starts |= run_starts(free_of_any, cells) >> last_pinned << last_pinned
    return starts


def list_movable(group: Sequence[int], pinned: Pinned, first: int) -> tuple[int, ...]:
    """Return the resources of a group on which whatever begins after cell `first` may be moved."""
    return tuple(resource_id for resource_id in group if pinned.get(resource_id, -1) <= first)


def choose_resource(
    groups: Sequence[Sequence[int]], free: Free, pinned: Pinned, first: int, end: int
) -> int | None:
    """Return the resource that can be had for [first, end) once others have moved, the freest; or None."""
    needed = (1 << end) - (1 << first)
    free_from_first: list[tuple[int, int]] = []
    for group in groups:
        movable, free_of_any = list_movable(group, pinned, first), 0
        for resource_id in movable:
            free_of_any |= free[resource_id]
        if free_of_any & needed == needed:
            free_from_first += [
                (-_count_free(free[resource_id], first), resource_id)
                for resource_id in movable
                if free[resource_id] >> first & 1
            ]
    return min(free_from_first)[1] if free_from_first else None


def _count_free(cells: int, first: int) -> int:
    """Return for how many cells from `first` on a resource is free, which it is at `first`."""
    begin, end = next(iter_runs(cells >> first))
    return end - begin


def reseat(
    resource_id: int, first: int, end: int, movable: Sequence[int], claims: Sequence[SeatedClaim]
) -> dict[int, int]:
    """Return claim id → new resource id of what moves so that a resource is free for [first, end).

    `claims` are those on the resources of `movable` that end after `first`, to the day's end. The resource
    is one of them, free at `first`; at each cell of [first, end) one of them is.
    """
    seats = {key: [claim for claim in claims if claim.resource_id == key] for key in movable}
    while (blocker := _first_from(seats[resource_id], first, end)) is not None:
        others = [key for key in movable if _is_free_at(seats[key], blocker.first)]
        other = max(others, key=lambda key: (_free_until(seats[key], blocker.first, end), -key))
        gap = _find_common_gap(blocker.first, [*seats[resource_id], *seats[other]])
        seats[resource_id], seats[other] = (
            list(_exchange_tail(seats[resource_id], seats[other], blocker.first, gap)),
            list(_exchange_tail(seats[other], seats[resource_id], blocker.first, gap)),
        )
    return {
        claim.claim_id: key
        for key, seated in seats.items()
        for claim in seated
        if claim.resource_id != key
    }


def _first_from(seated: Sequence[SeatedClaim], first: int, end: int) -> SeatedClaim | None:
    """Return the first claim that begins in [first, end)."""
    blocking = [claim for claim in seated if first <= claim.first < end]
    return min(blocking, key=lambda claim: claim.first, default=None)


def _is_free_at(seated: Sequence[SeatedClaim], cell: int) -> bool:
    return not any(claim.first <= cell < claim.end for claim in seated)


def _free_until(seated: Sequence[SeatedClaim], cell: int, end: int) -> int:
    """Return the cell at which a resource that is free at `cell` is taken, `end` if it isn't before."""
    return min((claim.first for claim in seated if cell <= claim.first < end), default=end)


def _find_common_gap(first: int, seated: Sequence[SeatedClaim]) -> int:
    """Return the first cell after `first`, where one of two begins, at which neither is under way."""
    gap = first + 1
    for claim in sorted(seated, key=lambda claim: claim.first):
        if first <= claim.first < gap:
            gap = max(gap, claim.end)
    return gap


def _exchange_tail(
    own: Sequence[SeatedClaim], others: Sequence[SeatedClaim], first: int, gap: int
) -> Iterator[SeatedClaim]:
    """Yield one resource's claims but those that begin in [first, gap), and the other's that do."""
    yield from (claim for claim in own if not first <= claim.first < gap)
    yield from (claim for claim in others if first <= claim.first < gap)
