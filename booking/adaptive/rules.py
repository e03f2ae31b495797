"""When sessions may go further apart and when they go closer: a practitioner's rule, applied to scores.

It only ever suggests; a practitioner decides. No such rule is published: each is its practitioner's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from booking.mood.rules import LARGEST_SCORE
from booking.series.frequencies import FREQUENCIES

GOOD_IN_A_ROW = 2  # scores, before sessions go further apart
WORSE_WINDOW = 6  # scores before one that is worse than the lowest of them


class InvalidRule(ValueError):
    """A rule can't be right: `field` names the number at fault."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: expected another number")
        self.field = field


class SpacingStep(StrEnum):
    """Which way the days between two sessions change."""

    WIDER = "wider"
    CLOSER = "closer"


@dataclass(frozen=True, slots=True)
class Score:
    """One answered form: its points, and whether item 9 speaks of danger."""

    points: int
    says_danger: bool = False


@dataclass(frozen=True, slots=True)
class SpacingRule:
    """Steps of spacing in days, from the closest to the widest, and which scores lead from one to the next.

    A score is good at `good_score` points or less, or `good_fall` or more below the first of the series;
    worse at `worse_rise` or more above the lowest of the `WORSE_WINDOW` before it.
    """

    steps: tuple[int, ...]
    good_score: int
    good_fall: int | None
    worse_rise: int

    def __post_init__(self) -> None:
        is_rising = sorted(set(self.steps)) == list(self.steps)
        if len(self.steps) < 2 or not is_rising or not set(self.steps) <= FREQUENCIES.keys():
            raise InvalidRule("steps")
        if not 0 <= self.good_score <= LARGEST_SCORE:
            raise InvalidRule("good_score")
        if self.good_fall is not None and not 1 <= self.good_fall <= LARGEST_SCORE:
            raise InvalidRule("good_fall")
        if not 1 <= self.worse_rise <= LARGEST_SCORE:
            raise InvalidRule("worse_rise")

    def is_good(self, score: Score, first_points: int) -> bool:
        """Tell whether a score is good; none is that speaks of danger, however low."""
        has_fallen = self.good_fall is not None and first_points - score.points >= self.good_fall
        return (score.points <= self.good_score or has_fallen) and not score.says_danger

    def next_step(self, days: int, step: SpacingStep) -> int | None:
        """Return the days of the step beyond `days`, None past the first or last."""
        if step is SpacingStep.WIDER:
            return min((each for each in self.steps if each > days), default=None)
        return max((each for each in self.steps if each < days), default=None)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SpacingRule":
        """Read a rule from plain data; raises `InvalidRule`."""
        return cls(tuple(data["steps"]), data["good_score"], data["good_fall"], data["worse_rise"])

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain data."""
        return {**asdict(self), "steps": list(self.steps)}


@dataclass(frozen=True, slots=True)
class SpacingSuggestion:
    """To go from so many days between sessions to so many others."""

    step: SpacingStep
    from_days: int
    to_days: int


@dataclass(frozen=True, slots=True)
class ScoreEvidence:
    """The newest score, the one before, and how far it has risen."""

    newest: int
    before: int | None
    lowest: int | None  # of those it is compared with
    rise: int


def read_evidence(scores: Sequence[Score]) -> ScoreEvidence | None:
    """Return why scores lead where they do; None without any."""
    if not scores:
        return None
    lowest = min(_compared_points(scores), default=None)
    return ScoreEvidence(
        scores[-1].points,
        scores[-2].points if len(scores) > 1 else None,
        lowest,
        scores[-1].points - lowest if lowest is not None else 0,
    )


def _compared_points(scores: Sequence[Score]) -> list[int]:
    """Return the points of the scores before the newest that it is compared with."""
    return [score.points for score in scores[-WORSE_WINDOW - 1 : -1]]


def suggest_spacing(
    rule: SpacingRule, current_days: int, scores: Sequence[Score], decided_count: int
) -> SpacingSuggestion | None:
    """Return the step that scores lead to, None while they lead to none or the rule has no further step.

    `scores` are all of the series, the oldest first. The first `decided_count` of them were decided on: none
    of those is good once more, and without a newer one there is nothing to decide.
    """
    step = _find_step(rule, scores, decided_count)
    to_days = rule.next_step(current_days, step) if step else None
    if step is None or to_days is None:
        return None
    return SpacingSuggestion(step, current_days, to_days)


def _find_step(
    rule: SpacingRule, scores: Sequence[Score], decided_count: int
) -> SpacingStep | None:
    new_scores = scores[decided_count:]
    if not new_scores:
        return None
    before = _compared_points(scores)
    if before and scores[-1].points - min(before) >= rule.worse_rise:
        return SpacingStep.CLOSER
    last_scores = new_scores[-GOOD_IN_A_ROW:]
    is_good = [rule.is_good(score, scores[0].points) for score in last_scores]
    return SpacingStep.WIDER if len(is_good) == GOOD_IN_A_ROW and all(is_good) else None
