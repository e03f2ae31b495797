"""Phases that count as one, though a change of their numbers has split them. Pure."""

from collections.abc import Sequence

from booking.series.rules import Phase


def find_phase_group(phases: Sequence[Phase], index: int) -> range:
    """Return the indexes of the phases that count as one with phase `index`, itself among them.

    A change of numbers from some session on splits a phase: both parts have its name and its reviews.
    """

    def is_same(other: int) -> bool:
        phase, own = phases[other], phases[index]
        return (phase.name, phase.review_every) == (own.name, own.review_every)

    first, end = index, index + 1
    while first > 0 and is_same(first - 1):
        first -= 1
    while end < len(phases) and is_same(end):
        end += 1
    return range(first, end)


def list_phase_groups(phases: Sequence[Phase]) -> list[range]:
    """Return all of them in order, as ranges of indexes."""
    return list(dict.fromkeys(find_phase_group(phases, index) for index in range(len(phases))))
