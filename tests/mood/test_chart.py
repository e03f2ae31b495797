"""Scores are drawn in order of time, the worst at the top, infusions where they were."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.mood.chart import BOTTOM, LEFT, RIGHT, TOP, DatedScore, MoodChartRow, draw_scores

DAY = date(2026, 12, 1)
OFFSETS = st.integers(0, 400).map(lambda days: DAY + timedelta(days=days))
SCORES = st.lists(st.builds(DatedScore, OFFSETS, st.integers(0, 27)), min_size=1)


def test_without_a_score_nothing_is_drawn() -> None:
    assert draw_scores([], [DAY]) is None


def test_a_line_over_infusions() -> None:
    later = DAY + timedelta(days=10)
    chart = draw_scores([DatedScore(later, 0), DatedScore(DAY, 27)], [DAY + timedelta(days=5)])
    assert chart is not None
    assert chart.line == f"{LEFT},{TOP} {RIGHT},{BOTTOM}"
    assert list(chart.infusions) == [(LEFT + RIGHT) / 2]
    assert (chart.first_score, chart.last_score) == (27, 0)
    assert list(chart.rows) == [
        MoodChartRow(DAY, 27), MoodChartRow(DAY + timedelta(days=5), None), MoodChartRow(later, 0),
    ]  # fmt: skip


@given(SCORES, st.lists(OFFSETS))
def test_all_stands_within_the_field_and_goes_to_the_right(
    scores: list[DatedScore], infusions: list[date]
) -> None:
    chart = draw_scores(scores, infusions)
    assert chart is not None
    places = [point.x for point in chart.points]
    assert places == sorted(places)
    assert all(LEFT <= x <= RIGHT for x in (*places, *chart.infusions))
    assert all(TOP <= point.y <= BOTTOM for point in chart.points)
    last_day = max(score.day for score in scores)
    assert chart.last_day == last_day
    assert len(chart.rows) == len(scores) + sum(day <= last_day for day in infusions)
