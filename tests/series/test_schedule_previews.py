"""An example of a schedule keeps its gaps, and says truly how long it takes."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.series.rules import Phase
from booking.series.schedule_previews import preview_schedule
from tests.series.builders import MONDAY, gaps
from tests.series.prescribed import RECOMMENDED

OPEN_ENDED = 4
PHASES = st.lists(
    st.builds(Phase, st.just("Phase"), st.integers(1, 8), gaps(), st.just(15), st.just(45), st.just(30)),
    min_size=1, max_size=4,
)  # fmt: skip


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def test_twice_a_week_falls_on_the_same_two_days() -> None:
    preview = preview_schedule(RECOMMENDED, MONDAY, is_weekday)
    (_, twice), (_, weekly) = preview.by_phase
    assert [session.day.weekday() for session in twice] == [0, 3] * 3
    assert {session.gap for session in weekly[1:]} == {7}
    assert len(weekly) == OPEN_ENDED


def test_it_says_how_long_it_takes_and_hours_in_the_chair() -> None:
    preview = preview_schedule(RECOMMENDED, MONDAY, is_weekday)
    assert (preview.session_count, preview.days) == (6, 17)
    assert (preview.least_days, preview.most_days) == (10, 25)
    assert preview.chair_minutes == 6 * 90
    assert preview.open_minutes_in_four_weeks == 4 * 90


def test_a_schedule_without_an_end_has_no_length() -> None:
    preview = preview_schedule(RECOMMENDED[1:], MONDAY, is_weekday)
    assert (preview.session_count, preview.days, preview.chair_minutes) == (0, None, None)


@given(PHASES, st.frozensets(st.integers(0, 6)))
def test_every_gap_of_an_example_is_allowed_and_its_days_are_open_where_they_can_be(
    phases: list[Phase], weekdays: frozenset[int]
) -> None:
    preview = preview_schedule(phases, MONDAY, lambda day: day.weekday() in weekdays)
    assert len(preview.sessions) == sum(phase.sessions or 0 for phase in phases)
    for earlier, later in pairwise(preview.sessions):
        gap = phases[later.phase].gap
        assert gap.allows((later.day - earlier.day).days)
        reachable = {
            (earlier.day + timedelta(days=n)).weekday()
            for n in range(gap.min_days, gap.max_days + 1)
        }
        assert later.day.weekday() in weekdays or not reachable & weekdays
    assert preview.least_days is not None
    assert preview.days is not None
    assert preview.most_days is not None
    assert preview.least_days <= preview.days <= preview.most_days
