"""Which coming appointments stay when the gaps of their phase change, and how many lie between. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.series.rules import Gap


@dataclass(frozen=True, slots=True)
class KeptChoice:
    """Which of several days stay: their indexes, and the days that their gaps lie off the ideal."""

    indexes: tuple[int, ...] = ()
    off_ideal: int = 0

    def rank(self) -> tuple[int, int, tuple[int, ...]]:
        """Return what choices are compared by, the least the best: most days, best gaps, the earliest."""
        return -len(self.indexes), self.off_ideal, self.indexes


def count_steps(gap: Gap, days: int) -> int | None:
    """Return into how many allowed gaps so many days divide best; None if into no number of them."""
    fewest, most = -(-days // gap.max_days), days // gap.min_days
    counts = range(max(fewest, 1), most + 1)
    return min(counts, key=lambda count: (_off_ideal(gap, days, count), count), default=None)


def _off_ideal(gap: Gap, days: int, count: int) -> int:
    return max(count * gap.ideal_min_days - days, days - count * gap.ideal_max_days, 0)


def choose_kept_days(
    gap: Gap, days: Sequence[date], previous_day: date | None, old_gap: Gap | None = None
) -> tuple[int, ...]:
    """Return the indexes of the days that can stay under a new gap, as many as possible; days in order.

    From one to the next it is an allowed gap, or some that sessions in between make. The first comes so after
    `previous_day`, or, as it stood there, in a gap that `old_gap` allows. Nothing moves.
    """
    best: list[KeptChoice] = []
    for index, day in enumerate(days):
        choices = [
            KeptChoice((*best[earlier].indexes, index), best[earlier].off_ideal + off)
            for earlier in range(index)
            if best[earlier].indexes
            and (off := _step_cost(gap, (day - days[earlier]).days)) is not None
        ]
        if (off := _start_cost(gap, old_gap, previous_day, day)) is not None:
            choices.append(KeptChoice((index,), off))
        best.append(min(choices, key=KeptChoice.rank, default=KeptChoice()))
    return min(best, key=KeptChoice.rank, default=KeptChoice()).indexes


def _step_cost(gap: Gap, days: int) -> int | None:
    count = count_steps(gap, days)
    return _off_ideal(gap, days, count) if count is not None else None


def _start_cost(gap: Gap, old_gap: Gap | None, previous_day: date | None, day: date) -> int | None:
    if previous_day is None:
        return 0
    days = (day - previous_day).days
    off = _step_cost(gap, days)
    if off is None and old_gap is not None and old_gap.allows(days) and days > gap.max_days:
        return gap.days_from_ideal(days)
    return off
