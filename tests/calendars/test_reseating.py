"""Chairs are re-seated exactly where that helps: against trying every way to seat all."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.reseating import (
    SeatedClaim,
    choose_resource,
    compute_group_starts,
    group_alike,
    list_movable,
    reseat,
)
from tests.examples import examples

CELLS = 14
WHOLE = (1 << CELLS) - 1


@st.composite
def seated_days(draw: st.DrawFn) -> tuple[list[SeatedClaim], set[int], int]:
    """Generate claims on one to four chairs, those of people who have arrived, and how many chairs."""
    chairs, claims, pinned = draw(st.integers(1, 4)), list[SeatedClaim](), set[int]()
    for chair in range(chairs):
        cell = draw(st.integers(0, 3))
        while cell < CELLS:
            end = min(cell + draw(st.integers(1, 5)), CELLS)
            claims.append(SeatedClaim(len(claims), chair, cell, end))
            if draw(st.integers(0, 5)) == 0:
                pinned.add(claims[-1].claim_id)
            cell = end + draw(st.integers(0, 4))
    return claims, pinned, chairs


def bits(first: int, end: int) -> int:
    return (1 << end) - (1 << first)


def free_cells(claims: Sequence[SeatedClaim], chairs: int) -> dict[int, int]:
    free = dict.fromkeys(range(chairs), WHOLE)
    for claim in claims:
        free[claim.resource_id] &= ~bits(claim.first, claim.end)
    return free


def last_pinned(claims: Sequence[SeatedClaim], pinned: set[int]) -> dict[int, int]:
    starts: dict[int, int] = {}
    for claim in claims:
        if claim.claim_id in pinned:
            starts[claim.resource_id] = max(starts.get(claim.resource_id, 0), claim.first)
    return starts


def can_be_seated(movable: Sequence[SeatedClaim], free: dict[int, int]) -> bool:
    """Try every chair for each in turn."""
    if not movable:
        return True
    claim, *others = movable
    needed = bits(claim.first, claim.end)
    return any(
        can_be_seated(others, {**free, chair: cells & ~needed})
        for chair, cells in free.items()
        if cells & needed == needed
    )


def is_possible(
    claims: Sequence[SeatedClaim], pinned: set[int], chairs: int, first: int, end: int
) -> bool:
    fixed = [claim for claim in claims if claim.claim_id in pinned]
    movable = [claim for claim in claims if claim.claim_id not in pinned]
    in_turn = sorted([*movable, SeatedClaim(-1, -1, first, end)], key=lambda claim: claim.first)
    return can_be_seated(in_turn, free_cells(fixed, chairs))


@examples(150)
@given(seated_days(), st.integers(0, CELLS - 1), st.integers(1, 6))
def test_a_start_is_listed_where_some_seating_of_all_has_room_for_it(
    day: tuple[list[SeatedClaim], set[int], int], first: int, length: int
) -> None:
    claims, pinned, chairs = day
    free, last = free_cells(claims, chairs), last_pinned(claims, pinned)
    is_listed = bool(compute_group_starts(range(chairs), free, last, length) >> first & 1)
    possible = first + length <= CELLS and is_possible(
        claims, pinned, chairs, first, first + length
    )
    assert possible or not is_listed
    if all(start <= first for start in last.values()):
        assert is_listed == possible


@examples(150)
@given(seated_days(), st.integers(0, CELLS - 1), st.integers(1, 6))
def test_what_is_listed_is_had_and_whoever_has_arrived_or_begun_stays(
    day: tuple[list[SeatedClaim], set[int], int], first: int, length: int
) -> None:
    claims, pinned, chairs = day
    free, last = free_cells(claims, chairs), last_pinned(claims, pinned)
    is_free = any(cells >> first & bits(0, length) == bits(0, length) for cells in free.values())
    is_listed = bool(compute_group_starts(range(chairs), free, last, length) >> first & 1)
    chair = choose_resource([tuple(range(chairs))], free, last, first, first + length)
    if not is_listed or is_free:
        return
    assert chair is not None
    movable = list_movable(range(chairs), last, first)
    seated = [claim for claim in claims if claim.resource_id in movable and claim.end > first]
    moves = reseat(chair, first, first + length, movable, seated)
    by_id = {claim.claim_id: claim for claim in claims}
    assert not moves.keys() & pinned
    assert all(by_id[key].first > first for key in moves)
    assert all(by_id[key].resource_id != new for key, new in moves.items())
    taken = dict.fromkeys(range(chairs), 0)
    taken[chair] = bits(first, first + length)
    for claim in claims:
        at = moves.get(claim.claim_id, claim.resource_id)
        assert not taken[at] & bits(claim.first, claim.end)
        taken[at] |= bits(claim.first, claim.end)


def test_chairs_that_are_there_at_other_times_are_not_counted_together() -> None:
    """One in the morning and one in the afternoon are no chair for the day."""
    cells = {1: bits(0, 7), 2: bits(7, 14), 3: bits(0, 7)}
    assert group_alike(cells) == ((1, 3), (2,))
    assert choose_resource(group_alike(cells), cells, {}, 5, 9) is None


def test_the_one_that_moves_is_the_one_in_the_way() -> None:
    claims = [SeatedClaim(10, 1, 0, 4), SeatedClaim(11, 2, 4, 8), SeatedClaim(12, 2, 9, 12)]
    assert reseat(2, 2, 8, (1, 2), claims[1:]) == {11: 1}
