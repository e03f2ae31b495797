"""The day as a table: every cell of the grid is covered exactly once."""

from hypothesis import given
from hypothesis import strategies as st

from booking.desk.day.grid import ROW, GridBlock, lay_out_grid

OPEN = (1 << 24) - 1  # two hours from midnight


def test_an_appointment_spans_the_rows_it_touches() -> None:
    lines = lay_out_grid([7], [GridBlock(7, 1, 3, 12)], {7: OPEN})
    assert [len(line.cells) for line in lines] == [1, 1, 0, 0, 1, 1, 1, 1]
    assert lines[1].cells[0].appointment_ids == (1,)
    assert lines[1].cells[0].rows == 3


def test_appointments_that_share_a_row_share_a_box() -> None:
    lines = lay_out_grid([7], [GridBlock(7, 2, 4, 8), GridBlock(7, 1, 0, 4)], {7: OPEN})
    assert lines[0].cells[0].appointment_ids == (1, 2)
    assert lines[0].cells[0].rows == 3


def test_appointments_one_after_the_other_keep_their_own_boxes() -> None:
    lines = lay_out_grid([7], [GridBlock(7, 1, 0, 6), GridBlock(7, 2, 6, 9)], {7: OPEN})
    assert [line.cells[0].appointment_ids for line in (lines[0], lines[2])] == [(1,), (2,)]


def test_the_table_begins_when_the_first_resource_is_there() -> None:
    lines = lay_out_grid([7], [], {7: 0b111 << 12})
    assert [line.cell for line in lines] == [12]
    assert lines[0].cells[0].is_open


def test_a_quarter_that_is_not_wholly_open_is_shown_closed() -> None:
    lines = lay_out_grid([7, 8], [], {7: 0b111, 8: 0b011})
    assert [box.is_open for box in lines[0].cells] == [True, False]


def test_an_appointment_outside_the_hours_widens_the_table() -> None:
    lines = lay_out_grid([7], [GridBlock(7, 1, 24, 30)], {7: 0b111})
    assert lines[-1].cell == 27


def test_a_closed_day_has_no_rows() -> None:
    assert lay_out_grid([7], [], {7: 0}) == ()


@st.composite
def days(draw: st.DrawFn) -> tuple[list[int], list[GridBlock]]:
    columns = list(range(1, draw(st.integers(1, 4)) + 1))
    stretches: list[GridBlock] = []
    for column in columns:
        ends = sorted(draw(st.sets(st.integers(0, 60), max_size=8)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        stretches += [GridBlock(column, len(stretches) + n, *pair) for n, pair in enumerate(pairs)]
    return columns, stretches


@given(days())
def test_each_column_is_covered_exactly_once_and_shows_each_appointment_once(
    day: tuple[list[int], list[GridBlock]],
) -> None:
    columns, stretches = day
    lines = lay_out_grid(columns, stretches, dict.fromkeys(columns, OPEN))
    assert sum(box.rows for line in lines for box in line.cells) == len(columns) * len(lines)
    shown = [
        appointment for line in lines for box in line.cells for appointment in box.appointment_ids
    ]
    assert sorted(shown) == sorted(stretch.appointment_id for stretch in stretches)
    assert lines[0].cell == 0
    assert len(lines) >= OPEN.bit_length() // ROW
