"""A series drawn over its days: everything lies inside, in order of day, and touches nothing."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.mood.chart import DatedScore
from booking.mood.progress_chart import (
    NARROW,
    WIDE,
    DatedMark,
    DatedReview,
    DatedSpan,
    ProgressFacts,
    draw_progress,
)

TODAY = date(2026, 12, 1)
DAYS = st.integers(-200, 200).map(lambda n: TODAY + timedelta(days=n))
STATES = st.sampled_from(["done", "coming", "missed", "cancelled"])
MARKS = st.lists(st.builds(DatedMark, DAYS, STATES, st.none() | st.booleans()), max_size=30).map(
    lambda marks: sorted(marks, key=lambda mark: mark.day)
)
FACTS = st.builds(
    ProgressFacts,
    MARKS,
    st.just(TODAY),
    spans=st.just(()),
    reviews=st.lists(st.builds(DatedReview, DAYS, st.booleans()), max_size=3),
    changes=st.lists(DAYS, max_size=3),
    scores=st.lists(st.builds(DatedScore, DAYS, st.integers(0, 27)), max_size=8),
)


def test_before_anything_has_a_day_there_is_nothing_to_draw() -> None:
    assert draw_progress(ProgressFacts([], TODAY), WIDE) is None


@given(FACTS, st.sampled_from([WIDE, NARROW]))
def test_all_lies_inside_and_in_order(facts: ProgressFacts, width: int) -> None:
    chart = draw_progress(facts, width)
    assert (chart is None) is (not facts.days)
    if chart is None:
        return
    places = [mark.x for mark in chart.marks]
    assert places == sorted(places)
    drawn = [*places, *(x for x, _ in chart.points), *(tick.x for tick in chart.ticks)]
    assert all(chart.left <= x <= chart.right for x in drawn)
    assert all(0 < y <= chart.axis_y < chart.height for _, y in chart.points)
    assert (chart.today_x is None) is not (min(facts.days) <= TODAY <= max(facts.days))
    assert all(x > 2 * chart.radius - 0.5 for x in _steps(places) if x > 5)


def _steps(places: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(set(places)))]


def test_a_gap_that_was_not_kept_is_drawn_so_and_a_missed_session_has_none() -> None:
    marks = [
        DatedMark(TODAY, "done"), DatedMark(TODAY + timedelta(days=3), "missed"),
        DatedMark(TODAY + timedelta(days=9), "coming", is_allowed=False),
    ]  # fmt: skip
    chart = draw_progress(ProgressFacts(marks, TODAY), WIDE)
    assert chart is not None
    (gap,) = chart.gaps
    assert (gap.x1, gap.x2, gap.is_allowed) == (chart.marks[0].x, chart.marks[2].x, False)


def test_a_phase_has_its_label_where_there_is_room() -> None:
    end = TODAY + timedelta(days=30)
    spans = [DatedSpan(TODAY, TODAY, "Once"), DatedSpan(TODAY + timedelta(days=1), end, "Weekly")]
    marks = [DatedMark(TODAY, "done"), DatedMark(end, "coming")]
    chart = draw_progress(ProgressFacts(marks, TODAY, spans), WIDE)
    assert chart is not None
    assert [band.label for band in chart.bands] == ["", "Weekly"]
    assert chart.bands[1].x + chart.bands[1].width == chart.right
