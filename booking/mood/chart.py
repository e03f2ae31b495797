"""Scores as a line over the days, infusions marked below: where each thing stands in a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.mood.rules import LARGEST_SCORE

WIDTH, HEIGHT = 320, 190  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 26, 308, 10, 140  # of the field that scores are drawn in
GRID_SCORES = (0, 5, 10, 15, 20, 27)  # where bands begin, and the ends


@dataclass(frozen=True, slots=True)
class DatedScore:
    """The score of one answered form, and the local date of the answer."""

    day: date
    score: int


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """A score and its place in the drawing, in its units from the top left."""

    x: float
    y: float
    score: int


@dataclass(frozen=True, slots=True)
class GridLine:
    """A line across, at a score."""

    y: float
    score: int


@dataclass(frozen=True, slots=True)
class MoodChartRow:
    """One day of the table beside the drawing: a score, or None for an infusion."""

    day: date
    score: int | None


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """A drawing: the scores in order of time, infusions by their place, and the same as a table."""

    points: Sequence[ScorePoint]
    infusions: Sequence[float]
    rows: Sequence[MoodChartRow]
    grid: Sequence[GridLine]
    first_day: date
    last_day: date
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """The points as SVG's `polyline` takes them."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)

    @property
    def first_score(self) -> int:
        """The oldest score."""
        return self.points[0].score

    @property
    def last_score(self) -> int:
        """The newest score."""
        return self.points[-1].score


def draw_scores(scores: Sequence[DatedScore], infusion_days: Sequence[date]) -> ScoreChart | None:
    """Return scores drawn over the days of infusions up to the last of them; None without a score.

    Infusions after that day are left out: a year of them to come would leave the line no room.
    """
    if not scores:
        return None
    in_order = sorted(scores, key=lambda each: each.day)
    infusion_days = [day for day in infusion_days if day <= in_order[-1].day]
    days = [*(each.day for each in in_order), *infusion_days]
    first_day, last_day = min(days), max(days)
    rows = [
        *(MoodChartRow(day, None) for day in infusion_days),
        *(MoodChartRow(each.day, each.score) for each in in_order),
    ]
    return ScoreChart(
        [ScorePoint(_x(each.day, first_day, last_day), _y(each.score), each.score)
         for each in in_order],
        [_x(day, first_day, last_day) for day in sorted(infusion_days)],
        sorted(rows, key=lambda row: row.day),
        [GridLine(_y(score), score) for score in GRID_SCORES],
        first_day,
        last_day,
    )  # fmt: skip


def _x(day: date, first_day: date, last_day: date) -> float:
    span = (last_day - first_day).days
    share = (day - first_day).days / span if span else 0.5
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _y(score: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * score / LARGEST_SCORE, 1)
