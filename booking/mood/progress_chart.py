"""A series drawn over its days: sessions and gaps, phases, reviews, changes, and the scores above. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from booking.mood.chart import GRID_SCORES, DatedScore, GridLine
from booking.mood.rules import LARGEST_SCORE

WIDE, NARROW = 960, 320  # of the drawing, in its own units: at the desk, on a phone
LEFT, MARGIN = 26, 12  # beside the field; left of it stand the scores
SCORES_TOP, SCORES_HEIGHT, BAND_HEIGHT = 10, 110, 18
LANE_BELOW_BAND, EVENTS_BELOW_LANE, AXIS_BELOW, BOTTOM = 22, 24, 22, 8
LARGEST_RADIUS, SMALLEST_RADIUS = 6.0, 2.0
SHARE_OF_ROOM = 0.42  # a mark takes of what lies between two
LETTER = 6.6  # how wide one is, at most, in a label of a phase
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DatedMark:
    """One session on a local day: an `EntryState`'s code, and whether the gap before it is allowed."""

    day: date
    state: str
    is_allowed: bool | None = None


@dataclass(frozen=True, slots=True)
class DatedSpan:
    """A phase from its first session's day to its last one's."""

    first_day: date
    last_day: date
    label: str


@dataclass(frozen=True, slots=True)
class DatedReview:
    """A review that was due, or is to be."""

    day: date
    is_done: bool


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """What is drawn, each by its local day; marks in order of day."""

    marks: Sequence[DatedMark]
    today: date
    spans: Sequence[DatedSpan] = ()
    reviews: Sequence[DatedReview] = ()
    changes: Sequence[date] = ()
    scores: Sequence[DatedScore] = ()

    @property
    def days(self) -> list[date]:
        """Every day on which there is something to draw."""
        return [
            *(mark.day for mark in self.marks),
            *(review.day for review in self.reviews),
            *self.changes,
            *(score.day for score in self.scores),
        ]


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A session: where it stands, and how."""

    x: float
    state: str
    day: date


@dataclass(frozen=True, slots=True)
class ChartGap:
    """The line from one standing session to the next."""

    x1: float
    x2: float
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class ChartBand:
    """A phase: where it lies; its label where there is room for it."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class ChartEvent:
    """A review or a change below the sessions, as an SVG path."""

    path: str
    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class ChartTick:
    """The first of a month, or an end of the axis."""

    x: float
    day: date
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class ProgressChart:
    """A drawing of a series in units of its own. `today_x` is none where today lies outside."""

    width: int
    height: float
    left: float
    right: float
    radius: float
    band_y: float
    lane_y: float
    axis_y: float
    marks: Sequence[ChartMark]
    gaps: Sequence[ChartGap]
    bands: Sequence[ChartBand]
    events: Sequence[ChartEvent]
    ticks: Sequence[ChartTick]
    today_x: float | None
    grid: Sequence[GridLine] = ()
    points: Sequence[tuple[float, float]] = field(default=())
    band_height: int = BAND_HEIGHT

    @property
    def line(self) -> str:
        """The scores as SVG's `polyline` takes them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class _Axis:
    """From days to places across the drawing."""

    first_day: date
    last_day: date
    left: float
    right: float

    def x(self, day: date) -> float:
        span = (self.last_day - self.first_day).days
        share = (day - self.first_day).days / span if span else 0.5
        return round(self.left + (self.right - self.left) * share, 1)


def draw_progress(facts: ProgressFacts, width: int) -> ProgressChart | None:
    """Return a series drawn `width` units wide (`WIDE`, `NARROW`); None before anything has a day."""
    days = facts.days
    if not days:
        return None
    axis = _Axis(min(days), max(days), LEFT, width - MARGIN)
    band_y = SCORES_TOP + SCORES_HEIGHT + 12 if facts.scores else SCORES_TOP
    lane_y = band_y + BAND_HEIGHT + LANE_BELOW_BAND
    has_events = bool(facts.reviews or facts.changes)
    events_y = lane_y + (EVENTS_BELOW_LANE if has_events else 0)
    axis_y = events_y + AXIS_BELOW
    is_today_inside = axis.first_day <= facts.today <= axis.last_day
    return ProgressChart(
        width=width,
        height=axis_y + BOTTOM,
        left=axis.left,
        right=axis.right,
        radius=_radius(facts.marks, axis),
        band_y=band_y,
        lane_y=lane_y,
        axis_y=axis_y,
        marks=[ChartMark(axis.x(mark.day), mark.state, mark.day) for mark in facts.marks],
        gaps=_draw_gaps(facts.marks, axis),
        bands=_draw_bands(facts.spans, axis),
        events=_draw_events(facts, axis, events_y),
        ticks=_draw_ticks(axis, width),
        today_x=axis.x(facts.today) if is_today_inside else None,
        grid=[GridLine(_score_y(score), score) for score in GRID_SCORES] if facts.scores else (),
        points=[
            (axis.x(score.day), _score_y(score.score))
            for score in sorted(facts.scores, key=lambda each: each.day)
        ],
    )


def _radius(marks: Sequence[DatedMark], axis: _Axis) -> float:
    """Return how large marks can be without touching: half of the least room between two."""
    places = sorted({axis.x(mark.day) for mark in marks})
    room = [(later - earlier) * SHARE_OF_ROOM for earlier, later in pairwise(places)]
    return round(max(SMALLEST_RADIUS, min([LARGEST_RADIUS, *room])), 1)


def _draw_gaps(marks: Sequence[DatedMark], axis: _Axis) -> list[ChartGap]:
    standing = [mark for mark in marks if mark.state in ("done", "coming")]
    return [
        ChartGap(axis.x(earlier.day), axis.x(later.day), later.is_allowed is not False)
        for earlier, later in pairwise(standing)
    ]


def _draw_bands(spans: Sequence[DatedSpan], axis: _Axis) -> list[ChartBand]:
    """Return each phase up to where the next begins."""
    starts = [*(span.first_day for span in spans), axis.last_day]
    bands = []
    for span, end in zip(spans, starts[1:], strict=True):
        x, width = axis.x(span.first_day), max(axis.x(end) - axis.x(span.first_day), 2.0)
        label = span.label if len(span.label) * LETTER + 8 < width else ""
        bands.append(ChartBand(x, round(width, 1), label))
    return bands


def _draw_events(facts: ProgressFacts, axis: _Axis, y: float) -> list[ChartEvent]:
    """Return reviews as triangles, changes as diamonds."""
    events = []
    for review in facts.reviews:
        kind = "reviewed" if review.is_done else "review"
        path = f"M{axis.x(review.day):g} {y - 6:g}l6 11h-12z"
        events.append(ChartEvent(path, kind, review.day))
    for day in facts.changes:
        path = f"M{axis.x(day):g} {y - 7:g}l6 7l-6 7l-6 -7z"
        events.append(ChartEvent(path, "change", day))
    return events


def _draw_ticks(axis: _Axis, width: int) -> list[ChartTick]:
    """Return the first of each month where they have room, else both ends."""
    months = []
    day = axis.first_day.replace(day=1)
    while day <= axis.last_day:
        if day >= axis.first_day:
            months.append(ChartTick(axis.x(day), day))
        day = (day + 31 * DAY).replace(day=1)
    room = (axis.right - axis.left) / max(len(months), 1)
    if width == WIDE and len(months) > 1 and room > 50:
        return [tick for tick in months if tick.x < axis.right - 40]
    ends = [ChartTick(axis.left, axis.first_day)]
    if axis.last_day > axis.first_day:
        ends.append(ChartTick(axis.right, axis.last_day, "end"))
    return ends


def _score_y(score: int) -> float:
    return round(SCORES_TOP + SCORES_HEIGHT * (1 - score / LARGEST_SCORE), 1)
