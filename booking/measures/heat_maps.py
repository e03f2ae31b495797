"""Loads as a heat map, days by half hours: what stands in each cell, and how it is filled. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.measures.loads import HALF_HOUR, Bottleneck, DayLoads, Load, sum_loads

TENTHS = 10
TIGHT, OVER = 0.75, 1.0  # from which share on a half hour is tight, and beyond which it is over
LEVELS = (0.5, TIGHT, 0.9, OVER)  # shares at which the next shade begins


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A half hour: percent of the one that binds, and how far it is filled, in tenths.

    `booked` tenths are solid and those up to `end` hatched; `level` is the shade, 4 for over.
    """

    load: Load
    percent: int
    booked: int
    end: int
    level: int

    @property
    def binds(self) -> Bottleneck:
        """Which of the two is fuller."""
        return self.load.binds


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A day, a cell for each half hour shown; None where the location is closed."""

    day: date
    cells: Sequence[HeatCell | None]

    @property
    def is_closed(self) -> bool:
        """Whether the location is closed all day."""
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class HeatWeek:
    """A week: its rows, its load, and how many half hours are tight by chairs and by nurses, and over."""

    first: date
    rows: Sequence[HeatRow]
    load: Load
    tight_by_chairs: int
    tight_by_nurses: int
    over: int

    @property
    def is_closed(self) -> bool:
        """Whether the location is closed all week."""
        return all(row.is_closed for row in self.rows)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Weeks of days by half hours; `minutes` are the local minutes at which the columns begin."""

    minutes: Sequence[int]
    weeks: Sequence[HeatWeek]


def draw_heat_map(days: Sequence[DayLoads]) -> HeatMap:
    """Return days of loads as a heat map, from the first half hour in which any is open to the last."""
    open_ones = sorted({index for day in days for index in day.half_hours})
    indexes = range(open_ones[0], open_ones[-1] + 1) if open_ones else range(0)
    mondays: dict[date, list[DayLoads]] = {}
    for day in days:
        mondays.setdefault(day.day - timedelta(days=day.day.weekday()), []).append(day)
    weeks = [_draw_week(of_week, indexes) for of_week in mondays.values()]
    return HeatMap([index * HALF_HOUR for index in indexes], weeks)


def _draw_week(days: Sequence[DayLoads], indexes: range) -> HeatWeek:
    rows = [
        HeatRow(day.day, [_draw_cell(day.half_hours.get(index)) for index in indexes])
        for day in days
    ]
    loads = [load for day in days for load in day.half_hours.values()]
    tight = [load.binds for load in loads if load.fuller.share > TIGHT]
    return HeatWeek(
        days[0].day,
        rows,
        sum_loads(loads),
        tight.count(Bottleneck.CHAIRS),
        tight.count(Bottleneck.NURSES),
        sum(load.fuller.share > OVER for load in loads),
    )


def _draw_cell(load: Load | None) -> HeatCell | None:
    if load is None:
        return None
    usage = load.fuller
    booked, end = (
        min(round(share * TENTHS), TENTHS) for share in (usage.booked_share, usage.share)
    )
    level = sum(usage.share > shade for shade in LEVELS)
    return HeatCell(load, round(100 * usage.share), booked, max(end, booked), level)
