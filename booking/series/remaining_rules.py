"""Which coming appointments stay when phases change from a session on, and which session each becomes. Pure.

Nothing moves: an appointment keeps its time where the new gaps allow, or where it stood against the old ones.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from booking.series.rules import Gap

MOST_NUMBERS = 80  # sessions looked at: more are never booked ahead


@dataclass(frozen=True, slots=True)
class RemainingDays:
    """What there is to choose from: days in order, after `previous_day` where something stands before.

    `numbers` are those that sessions may have, in order; `gap_of` is the new gap before each. The gap before
    a day of `misplaced` (by index) was against the old rules already.
    """

    days: Sequence[date]
    previous_day: date | None
    numbers: Sequence[int]
    gap_of: Callable[[int], Gap]
    misplaced: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Days that stay, by their index, with the number of the session that each becomes."""

    numbers: tuple[tuple[int, int], ...] = ()
    broken: int = 0  # gaps that stay against the rules
    missing: int = 0  # sessions without a time before and between
    off_ideal: int = 0  # days

    def rank(self) -> tuple[int, int, int, int, tuple[tuple[int, int], ...]]:
        """Return what choices are compared by, the least the best: most days first."""
        return -len(self.numbers), self.broken, self.missing, self.off_ideal, self.numbers

    def plus(self, index: int, number: int, step: "Step") -> "Choice":
        """Return the choice with one more day."""
        return Choice(
            (*self.numbers, (index, number)),
            self.broken + step.broken,
            self.missing + step.missing,
            self.off_ideal + step.off_ideal,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What it costs to go from one session that stays to the next."""

    broken: int = 0
    missing: int = 0
    off_ideal: int = 0


def choose_remaining(remaining: RemainingDays) -> dict[int, int]:
    """Return index → session number of the days that stay: as many as can, the gaps between them allowed."""
    best: dict[tuple[int, int], Choice] = {}
    for index in range(len(remaining.days)):
        for position, number in enumerate(remaining.numbers[:MOST_NUMBERS]):
            choices = [
                choice.plus(index, number, step)
                for (earlier, before), choice in best.items()
                if earlier < index
                and before < position
                and (step := _step(remaining, earlier, before, index, position)) is not None
            ]
            if (step := _first_step(remaining, index, position)) is not None:
                choices.append(Choice().plus(index, number, step))
            if choices:
                best[index, position] = min(choices, key=Choice.rank)
    return dict(min(best.values(), key=Choice.rank, default=Choice()).numbers)


def _first_step(remaining: RemainingDays, index: int, position: int) -> Step | None:
    """Return what it costs that a day is the first that stays, as the session at this position."""
    if remaining.previous_day is None:
        return Step(missing=position)
    days = (remaining.days[index] - remaining.previous_day).days
    step = _allowed_step(remaining, 0, position, days)
    if step is None and position == 0:
        gap = remaining.gap_of(remaining.numbers[0])
        # That it is long since the one before is a fact, whatever the gaps are from now on.
        if days > gap.max_days or (index == 0 and index in remaining.misplaced):
            return Step(broken=1, off_ideal=gap.days_from_ideal(days))
    return step


def _step(
    remaining: RemainingDays, earlier: int, before: int, index: int, position: int
) -> Step | None:
    days = (remaining.days[index] - remaining.days[earlier]).days
    step = _allowed_step(remaining, before + 1, position, days)
    is_next = index == earlier + 1 and position == before + 1
    if step is None and is_next and index in remaining.misplaced:
        gap = remaining.gap_of(remaining.numbers[position])
        return Step(broken=1, off_ideal=gap.days_from_ideal(days))
    return step


def _allowed_step(remaining: RemainingDays, first: int, last: int, days: int) -> Step | None:
    """Return what it costs that so many days hold the gaps before the sessions at these positions, if any."""
    gaps = [remaining.gap_of(number) for number in remaining.numbers[first : last + 1]]
    if not sum(gap.min_days for gap in gaps) <= days <= sum(gap.max_days for gap in gaps):
        return None
    low, high = sum(gap.ideal_min_days for gap in gaps), sum(gap.ideal_max_days for gap in gaps)
    return Step(missing=last - first, off_ideal=max(low - days, days - high, 0))
