"""What stands where in the heat map and in the lines over weeks."""

from datetime import date, timedelta

from booking.measures.figures import Figure, Unit
from booking.measures.heat_maps import draw_heat_map
from booking.measures.loads import Bottleneck, DayLoads, Load, Usage
from booking.measures.week_charts import BOTTOM, LEFT, RIGHT, TOP, draw_weeks

MONDAY = date(2026, 11, 30)


def a_load(chairs: float, nurses: float = 0.0, foreseen: float = 0.0) -> Load:
    return Load(Usage(10, 10 * chairs, 10 * foreseen), Usage(10, 10 * nurses, 0))


def test_a_cell_shows_the_fuller_of_the_two() -> None:
    day = DayLoads(MONDAY, {16: a_load(0.4, 0.6), 18: a_load(0.55, 0.3, foreseen=0.27)})
    heat_map = draw_heat_map([day])
    assert heat_map.minutes == [480, 510, 540]
    first, between, last = heat_map.weeks[0].rows[0].cells
    assert between is None
    assert (first.percent, first.binds, first.booked, first.end) == (60, Bottleneck.NURSES, 6, 6)
    assert (last.percent, last.binds, last.booked, last.end) == (82, Bottleneck.CHAIRS, 6, 8)


def test_shades_rise_and_what_is_over_stands_out() -> None:
    shares = (0.5, 0.51, 0.76, 0.91, 1.0, 1.01)
    day = DayLoads(MONDAY, {index: a_load(share) for index, share in enumerate(shares)})
    cells = draw_heat_map([day]).weeks[0].rows[0].cells
    assert [cell.level for cell in cells] == [0, 1, 2, 3, 3, 4]
    assert cells[-1].end == 10


def test_a_week_counts_what_is_tight_and_by_what() -> None:
    days = [
        DayLoads(MONDAY, {16: a_load(0.8), 17: a_load(0.2, 0.9), 18: a_load(0.9, foreseen=0.2)}),
        DayLoads(MONDAY + timedelta(days=1), {}),
        DayLoads(MONDAY + timedelta(days=7), {}),
    ]
    this_week, next_week = draw_heat_map(days).weeks
    assert (this_week.tight_by_chairs, this_week.tight_by_nurses, this_week.over) == (2, 1, 1)
    assert [row.is_closed for row in this_week.rows] == [False, True]
    assert (this_week.is_closed, next_week.is_closed) == (False, True)


def test_a_location_that_is_always_closed_has_no_columns() -> None:
    assert draw_heat_map([DayLoads(MONDAY, {})]).minutes == []


def weeks(*values: float | None, unit: Unit = Unit.SHARE) -> list[tuple[date, list[Figure]]]:
    return [
        (MONDAY + timedelta(days=7 * n), [Figure(value, unit, 1, value)])
        for n, value in enumerate(values)
    ]


def test_a_line_goes_from_week_to_week_and_stops_where_nothing_was_measured() -> None:
    chart = draw_weeks(weeks(0.0, 1.0, None, 0.5))
    assert chart is not None
    (line,) = chart.lines
    assert [(point.x, point.y) for point in line.points] == [
        (LEFT, BOTTOM), (round(LEFT + (RIGHT - LEFT) / 3, 1), TOP), (RIGHT, (TOP + BOTTOM) / 2),
    ]  # fmt: skip
    assert len(line.stretches) == 1
    assert chart.weeks == (MONDAY, MONDAY + timedelta(days=21))


def test_days_have_an_axis_that_ends_at_a_round_number() -> None:
    chart = draw_weeks(weeks(3.0, 17.0, unit=Unit.DAYS))
    assert chart is not None
    assert [line.value for line in chart.grid] == [0, 5, 10, 15, 20]


def test_nothing_measured_is_no_drawing() -> None:
    assert draw_weeks(weeks(None, None)) is None
