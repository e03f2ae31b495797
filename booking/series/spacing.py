"""How close infusions of one person may come: series, and those booked by themselves, look at one another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from booking.series.rules import Gap


@dataclass(frozen=True, slots=True)
class Infusion:
    """An infusion on a local date, to come or given; `gap` is its phase's, None when no series has it.

    `key` tells it from the others: the id of its appointment, 0 before it has one.
    """

    key: int
    day: date
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class InfusionsTooClose:
    """Two infusions with fewer days between them than are needed."""

    first: Infusion
    second: Infusion
    days: int
    min_days: int


def min_days_between(one: Infusion, other: Infusion) -> int:
    """Return the fewest days between two infusions: a gap is its later one's, or else the earlier one's."""
    earlier, later = sorted((one, other), key=lambda infusion: infusion.day)
    gap = later.gap or earlier.gap
    return gap.min_days if gap else 1


def find_too_close(one: Infusion, others: Collection[Infusion]) -> list[InfusionsTooClose]:
    """Return which of `others` are too close to an infusion, in order of day."""
    close = []
    for other in sorted(others, key=lambda infusion: infusion.day):
        days, least = abs((one.day - other.day).days), min_days_between(one, other)
        if 0 < days < least:  # one a day is the database's to keep (invariant 2)
            close.append(InfusionsTooClose(one, other, days, least))
    return close


def find_newly_too_close(
    before: Sequence[Infusion], after: Sequence[Infusion], others: Collection[Infusion]
) -> list[InfusionsTooClose]:
    """Return what is too close to `others` in `after` and was not so, or not as close, in `before`."""
    known = {
        (pair.first.key, pair.second.key): pair.days
        for one in before
        for pair in find_too_close(one, others)
    }
    return [
        pair
        for one in after
        for pair in find_too_close(one, others)
        if pair.days < known.get((pair.first.key, pair.second.key), pair.min_days)
    ]
