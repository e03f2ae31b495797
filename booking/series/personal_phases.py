"""A series' own phases from some session on: what is left of them, and what they become. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from booking.series.phase_revisions import truncate_phases
from booking.series.rules import Phase, find_phase, require_ordered_phases


def rest_of_phases(phases: Sequence[Phase], first_number: int) -> tuple[Phase, ...]:
    """Return what phases say of session `first_number` and those after it; nothing past their end."""
    rest, skipped = [], first_number - 1
    for phase in phases:
        count = phase.sessions
        if count is None:
            rest.append(phase)
        elif count > skipped:
            rest.append(replace(phase, sessions=count - skipped))
        skipped = max(skipped - (count or 0), 0)
    return tuple(rest)


def with_rest(
    phases: Sequence[Phase], first_number: int, rest: Sequence[Phase]
) -> tuple[Phase, ...]:
    """Return the phases up to `first_number`, then `rest`; a phase that only goes on stays one.

    Raises `InvalidSchedule`.
    """
    before = list(truncate_phases(phases, first_number - 1))
    following = list(rest)
    is_inside = find_phase(phases, first_number) == find_phase(phases, first_number - 1)
    if before and following and is_inside and _is_alike(before[-1], following[0]):
        going_on = following.pop(0)
        count = going_on.sessions
        joined = None if count is None else (before[-1].sessions or 0) + count
        before[-1] = replace(before[-1], sessions=joined)
    return require_ordered_phases([*before, *following])


def _is_alike(phase: Phase, other: Phase) -> bool:
    return replace(phase, sessions=None) == replace(other, sessions=None)
