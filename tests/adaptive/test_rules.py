"""A rule suggests one step at a time, within its limits, from new scores; danger is never a good score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.adaptive.rules import (
    GOOD_IN_A_ROW,
    WORSE_WINDOW,
    InvalidRule,
    Score,
    SpacingRule,
    SpacingStep,
    SpacingSuggestion,
    suggest_spacing,
)
from booking.series.frequencies import FREQUENCIES, nearest_frequency_days
from booking.series.rules import Gap

RULE = SpacingRule((7, 14, 28), good_score=5, good_fall=12, worse_rise=4)
POINTS = st.integers(0, 27)
SCORES = st.lists(st.builds(Score, POINTS, st.booleans()), max_size=10)


@st.composite
def spacing_rules(draw: st.DrawFn) -> SpacingRule:
    steps = draw(st.lists(st.sampled_from(sorted(FREQUENCIES)), min_size=2, unique=True))
    fall = st.none() | st.integers(1, 27)
    return SpacingRule(tuple(sorted(steps)), draw(POINTS), draw(fall), draw(st.integers(1, 27)))


def suggest(
    *points: int, days: int = 7, decided: int = 1, danger: bool = False
) -> SpacingSuggestion | None:
    """Return what RULE suggests after these scores, the last of which speaks of danger or not."""
    scores = [Score(each) for each in points[:-1]] + [Score(points[-1], danger)]
    return suggest_spacing(RULE, days, scores, decided)


def test_two_good_scores_lead_one_step_wider() -> None:
    assert suggest(18, 5, 4) == SpacingSuggestion(SpacingStep.WIDER, 7, 14)
    assert suggest(18, 5, 4, days=14) == SpacingSuggestion(SpacingStep.WIDER, 14, 28)


def test_one_good_score_leads_nowhere() -> None:
    assert suggest(18, 5) is None
    assert suggest(18, 5, 7, 5) is None


def test_a_score_that_has_fallen_far_is_good_though_it_be_high() -> None:
    assert suggest(22, 10, 10) == SpacingSuggestion(SpacingStep.WIDER, 7, 14)
    assert suggest(21, 10, 10) is None


def test_a_rise_above_the_lowest_leads_one_step_closer() -> None:
    assert suggest(18, 3, 7, days=28) == SpacingSuggestion(SpacingStep.CLOSER, 28, 14)
    assert suggest(18, 3, 6, days=28) is None


def test_worse_goes_before_good() -> None:
    assert suggest(18, 0, 5, 5, days=14) == SpacingSuggestion(SpacingStep.CLOSER, 14, 7)


def test_a_slow_rise_is_a_rise() -> None:
    assert suggest(18, 6, 8, 9, 10, days=14) == SpacingSuggestion(SpacingStep.CLOSER, 14, 7)


def test_what_was_low_long_ago_is_forgotten() -> None:
    assert suggest(18, 2, *[8] * WORSE_WINDOW, days=14) is not None
    assert suggest(18, 2, *[8] * (WORSE_WINDOW + 1), days=14) is None


def test_a_low_score_that_speaks_of_danger_is_not_good() -> None:
    assert suggest(18, 4, 4, danger=True) is None


def test_scores_that_were_decided_on_make_no_good_pair_once_more() -> None:
    assert suggest(18, 4, 4, 4, days=14, decided=3) is None
    assert suggest(18, 4, 4, 4, 4, days=14, decided=3) is not None


def test_worse_scores_lead_closer_still_though_one_was_decided_on() -> None:
    assert suggest(18, 3, 9, 9, days=14, decided=3) == SpacingSuggestion(SpacingStep.CLOSER, 14, 7)


@pytest.mark.parametrize(("points", "days"), [((18, 4, 4), 28), ((18, 3, 9), 7)])
def test_the_rule_has_limits(points: tuple[int, ...], days: int) -> None:
    assert suggest(*points, days=days) is None


def test_a_spacing_between_two_steps_goes_to_the_next_one() -> None:
    assert suggest(18, 4, 4, days=21) == SpacingSuggestion(SpacingStep.WIDER, 21, 28)
    assert suggest(18, 3, 9, days=21) == SpacingSuggestion(SpacingStep.CLOSER, 21, 14)


@given(spacing_rules(), SCORES, st.integers(0, 10), st.sampled_from(sorted(FREQUENCIES)))
def test_a_suggestion_is_a_step_of_the_rule_the_right_way(
    rule: SpacingRule, scores: list[Score], decided: int, days: int
) -> None:
    suggestion = suggest_spacing(rule, days, scores, decided)
    if suggestion is None:
        return
    assert len(scores) > decided
    assert suggestion.to_days in rule.steps
    is_wider = suggestion.step is SpacingStep.WIDER
    between = [
        each
        for each in rule.steps
        if min(days, suggestion.to_days) < each < max(days, suggestion.to_days)
    ]
    assert (suggestion.to_days > days) is is_wider
    assert between == []
    if is_wider:
        assert len(scores) - decided >= GOOD_IN_A_ROW
        assert not scores[-1].says_danger


@given(spacing_rules())
def test_a_rule_is_the_same_after_a_round_trip(rule: SpacingRule) -> None:
    assert SpacingRule.from_dict(rule.to_dict()) == rule


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        (((7,), 5, 12, 4), "steps"),
        (((14, 7), 5, 12, 4), "steps"),
        (((7, 7), 5, 12, 4), "steps"),
        (((7, 10), 5, 12, 4), "steps"),
        (((7, 14), 28, 12, 4), "good_score"),
        (((7, 14), 5, 0, 4), "good_fall"),
        (((7, 14), 5, None, 0), "worse_rise"),
    ],
)
def test_a_rule_that_can_not_be_right_is_refused_by_its_number(
    numbers: tuple[tuple[int, ...], int, int | None, int], field: str
) -> None:
    with pytest.raises(InvalidRule) as refusal:
        SpacingRule(*numbers)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("gap", "days"),
    [(Gap(5, 7, 7, 9), 7), (Gap(6, 7, 7, 8), 7), (Gap(11, 14, 14, 17), 14), (Gap(14, 21, 21, 28), 21),
     (Gap(25, 28, 28, 31), 28), (Gap(6, 7, 14, 16), 7), (Gap(2, 3, 4, 5), 7), (Gap(30, 40, 50, 60), 28)],
)  # fmt: skip
def test_a_gap_is_named_by_the_frequency_nearest_to_its_ideal(gap: Gap, days: int) -> None:
    assert nearest_frequency_days(gap) == days
