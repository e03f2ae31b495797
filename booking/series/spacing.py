"""How close infusions of one person may come: series, and those booked by themselves, look at one another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from booking.series.rules import Gap

# Why a day is blocked: another infusion of the patient's is that day, or too close
INFUSION_NEAR = "infusion_near"


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


def min_days_between(infusion: Infusion, other: Infusion) -> int:
    """Return the fewest days between two infusions: the gap of the later one, or else of the earlier one."""
    earlier, later = sorted((infusion, other), key=lambda each: each.day)
    gap = later.gap or earlier.gap
    return gap.min_days if gap else 1


def list_too_close(infusion: Infusion, others: Collection[Infusion]) -> list[InfusionsTooClose]:
    """Return which of `others` are too close to an infusion, in order of day."""
    too_close = []
    for other in sorted(others, key=lambda infusion: infusion.day):
        days, least = abs((infusion.day - other.day).days), min_days_between(infusion, other)
        if 0 < days < least:  # one infusion a day is the database's to keep (invariant 2)
            too_close.append(InfusionsTooClose(infusion, other, days, least))
    return too_close


def is_too_near(day: date, gap: Gap, others: Collection[Infusion]) -> bool:
    """Tell whether an infusion of a phase with this gap can't be on a day: another is then, or too close."""
    is_that_day = any(infusion.day == day for infusion in others)
    return is_that_day or bool(list_too_close(Infusion(0, day, gap), others))


def list_newly_too_close(
    before: Sequence[Infusion], after: Sequence[Infusion], others: Collection[Infusion]
) -> list[InfusionsTooClose]:
    """Return what is too close to `others` in `after` and was not so, or not as close, in `before`."""
    distances = {
        (pair.first.key, pair.second.key): pair.days
        for infusion in before
        for pair in list_too_close(infusion, others)
    }
    return [
        pair
        for infusion in after
        for pair in list_too_close(infusion, others)
        if pair.days < distances.get((pair.first.key, pair.second.key), pair.min_days)
    ]
