"""Measures as lines over weeks: where each thing stands in a drawing that the server makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.measures.figures import Figure, Unit

WIDTH, HEIGHT = 360, 190  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 40, 348, 12, 150  # of the field that lines are drawn in
GRID_PARTS = 4
NICE_DAYS = (4, 8, 12, 20, 40, 60, 80, 120, 200, 400)  # ends of an axis of days


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """Where a week's value stands."""

    x: float
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One measure: its points, and stretches without a gap as SVG's `polyline` takes them."""

    points: Sequence[WeekPoint]
    stretches: Sequence[str]


@dataclass(frozen=True, slots=True)
class AxisLine:
    """A line across, at a value."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class WeekChart:
    """A drawing of one or two measures of the same unit, and the same as rows: week, values."""

    unit: Unit
    lines: Sequence[WeekLine]
    rows: Sequence[tuple[date, Sequence[Figure]]]
    grid: Sequence[AxisLine]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def weeks(self) -> tuple[date, date]:
        """The first days of the first and of the last week."""
        return self.rows[0][0], self.rows[-1][0]


def draw_weeks(rows: Sequence[tuple[date, Sequence[Figure]]]) -> WeekChart | None:
    """Return figures of one unit, as many in each week, drawn over the weeks; None without any value."""
    values = [figure.value for _, figures in rows for figure in figures if figure.value is not None]
    if not values:
        return None
    unit = rows[0][1][0].unit
    largest = _axis_end(unit, max(values))
    lines = [
        _draw_line([figures[index].value for _, figures in rows], largest)
        for index in range(len(rows[0][1]))
    ]
    steps = (largest * part / GRID_PARTS for part in range(GRID_PARTS + 1))
    return WeekChart(unit, lines, rows, [AxisLine(_y(step, largest), step) for step in steps])


def _axis_end(unit: Unit, largest: float) -> float:
    if unit is Unit.SHARE:
        return max(1.0, largest)
    return next((float(days) for days in NICE_DAYS if days >= largest), largest)


def _draw_line(values: Sequence[float | None], largest: float) -> WeekLine:
    stretches: list[list[WeekPoint]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append(WeekPoint(_x(index, len(values)), _y(value, largest), value))
    return WeekLine(
        [point for stretch in stretches for point in stretch],
        [
            " ".join(f"{point.x:g},{point.y:g}" for point in stretch)
            for stretch in stretches
            if len(stretch) > 1
        ],
    )


def _x(index: int, count: int) -> float:
    share = index / (count - 1) if count > 1 else 0.5
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _y(value: float, largest: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / largest, 1)
