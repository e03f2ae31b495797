"""Phases that count as one, though a change of their numbers has split them. Pure."""

from collections.abc import Collection, Sequence

from booking.series.rules import Phase


def first_maintenance_index(phases: Sequence[Phase], once_open: Collection[int]) -> int:
    """Return the index at which the open-ended phase began, before its frequency was ever changed.

    `once_open` are the indexes of phases that were open-ended once: a change of frequency ends one and begins
    the next. What was one phase counts as one.
    """
    index = len(phases) - 1
    while index > 0 and index - 1 in once_open:
        index -= 1
    return index


def get_phase_group(phases: Sequence[Phase], index: int, once_open: Collection[int] = ()) -> range:
    """Return the indexes of the phases that count as one with phase `index`, itself among them.

    A change of numbers from some session on splits a phase: both parts have its name and its reviews. So does
    a change of frequency, which ends what was open-ended (`once_open`) and begins it under another name.
    """
    maintenance = first_maintenance_index(phases, once_open)
    if once_open and index >= maintenance:
        return range(maintenance, len(phases))

    def is_same(other: int) -> bool:
        phase, own = phases[other], phases[index]
        return (phase.name, phase.review_every) == (own.name, own.review_every)

    first, end = index, index + 1
    while first > 0 and is_same(first - 1):
        first -= 1
    while end < len(phases) and is_same(end):
        end += 1
    return range(first, end)


def list_phase_groups(phases: Sequence[Phase], once_open: Collection[int] = ()) -> list[range]:
    """Return all of them in order, as ranges of indexes."""
    groups = (get_phase_group(phases, index, once_open) for index in range(len(phases)))
    return list(dict.fromkeys(groups))
