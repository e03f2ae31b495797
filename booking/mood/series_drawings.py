"""A series' line of time as a drawing, with the scores of its forms where whoever looks may see them."""

from collections.abc import Callable
from datetime import date

from booking.clock import local_date
from booking.locations import operations as locations
from booking.mood.chart import DatedScore
from booking.mood.models import MoodForm
from booking.mood.progress_chart import (
    DatedMark,
    DatedReview,
    DatedSpan,
    ProgressChart,
    ProgressFacts,
    draw_progress,
)
from booking.mood.queries import list_forms
from booking.series.models import InfusionSeries
from booking.series.rules import Phase
from booking.series.timeline import SeriesTimeline


def list_dated_forms(series: InfusionSeries) -> list[tuple[date, MoodForm]]:
    """Return the answered forms of a series with the local date of each answer, the oldest first."""
    zone = locations.get_location(series.location_id).time_zone
    forms = [form for form in list_forms(series.id) if form.answered_at is not None]
    dated = [(local_date(form.answered_at, zone), form) for form in forms if form.answered_at]
    return sorted(dated, key=lambda pair: pair[0])


def draw_series_progress(
    timeline: SeriesTimeline,
    today: date,
    width: int,
    name_phase: Callable[[Phase], str],
    *,
    with_scores: bool,
    with_changes: bool = True,
) -> ProgressChart | None:
    """Return a series as a drawing, `width` units wide; None before anything in it has a day.

    `name_phase` says what the reader calls a phase. `today` is the local date.
    """
    series = timeline.series
    zone = locations.get_location(series.location_id).time_zone
    scores = list_dated_forms(series) if with_scores else []
    facts = ProgressFacts(
        marks=[
            DatedMark(each.day, each.state.value, each.gap.is_allowed if each.gap else None)
            for each in timeline.sessions
            if each.day and not each.is_given_up  # that one was not due: it is no miss
        ],
        today=today,
        spans=[
            DatedSpan(span.first_day, span.last_day, name_phase(timeline.phases[span.phase]))
            for span in timeline.spans
        ],
        reviews=_list_reviews(timeline, zone),
        changes=[local_date(each.revised_at, zone) for each in timeline.revisions]
        if with_changes
        else (),
        scores=[DatedScore(day, form.score) for day, form in scores if form.score is not None],
    )
    return draw_progress(facts, width)


def _list_reviews(timeline: SeriesTimeline, zone: str) -> list[DatedReview]:
    requested = [
        DatedReview(local_date(task.done_at or task.created_at, zone), task.done_at is not None)
        for tasks in timeline.reviews.values()
        for task in tasks
    ]
    return [*requested, *(DatedReview(day, False) for day in timeline.expected_reviews.values())]
