"""Where the answers lead: each outcome, the gravest first, all judged together (CLINICAL §2)."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.screening.rules import (
    ContradictoryTicks,
    IncompleteAnswers,
    ScreeningOutcome,
    ScreeningQuestion,
    ScreeningResult,
    age_on,
    evaluate_screening,
    is_adult,
    parse_ticks,
)

DAY, BORN, CHILD = date(2026, 12, 1), date(1980, 2, 29), date(2010, 1, 1)
ASKED = {
    "danger": ScreeningOutcome.HELP_FIRST,
    "psychosis": ScreeningOutcome.CALL_FIRST,
    "pregnancy": ScreeningOutcome.FLAGGED,
    "heart": ScreeningOutcome.FLAGGED,
}
QUESTIONS = tuple(ScreeningQuestion(slug, {"en": slug}, outcome) for slug, outcome in ASKED.items())
GRAVEST_FIRST = ["help_first", "adults_only", "call_first", "flagged", "go_on"]


def judged(*yes: str, birth_date: date = BORN, day: date = DAY) -> ScreeningResult:
    return evaluate_screening(QUESTIONS, {slug: slug in yes for slug in ASKED}, birth_date, day)


def test_no_to_everything_goes_on() -> None:
    assert judged() == ScreeningResult(ScreeningOutcome.GO_ON, ())


@pytest.mark.parametrize("slug", ASKED)
def test_each_yes_leads_where_the_table_says(slug: str) -> None:
    calls_first = ASKED[slug] is ScreeningOutcome.CALL_FIRST
    assert judged(slug) == ScreeningResult(ASKED[slug], (slug,), calls_first)


def test_a_call_is_asked_for_beside_a_graver_outcome_but_not_of_a_minor() -> None:
    assert judged("danger", "psychosis").calls_first
    assert not judged("psychosis", birth_date=CHILD).calls_first


def test_a_minor_is_told_adults_only() -> None:
    assert judged(birth_date=CHILD).outcome is ScreeningOutcome.ADULTS_ONLY


def test_outcomes_run_from_the_gravest_on() -> None:
    assert list(ScreeningOutcome) == GRAVEST_FIRST


@pytest.mark.parametrize(("first", "second"), list(combinations(ASKED, 2)))
def test_of_two_the_graver_counts(first: str, second: str) -> None:
    result = judged(first, second)
    assert result.outcome is min(ASKED[first], ASKED[second], key=list(ScreeningOutcome).index)
    assert result.yes_answers == (first, second)


def test_danger_comes_before_age_and_age_before_all_else() -> None:
    assert judged("danger", birth_date=CHILD).outcome is ScreeningOutcome.HELP_FIRST
    assert judged("psychosis", birth_date=CHILD).outcome is ScreeningOutcome.ADULTS_ONLY
    assert judged("pregnancy", birth_date=CHILD).outcome is ScreeningOutcome.ADULTS_ONLY


@given(st.permutations(QUESTIONS), st.sets(st.sampled_from(sorted(ASKED))), st.booleans())
def test_the_order_of_the_questions_does_not_matter(
    questions: list[ScreeningQuestion], yes: set[str], child: bool
) -> None:
    answers = {slug: slug in yes for slug in ASKED}
    result = evaluate_screening(questions, answers, CHILD if child else BORN, DAY)
    assert result.outcome is judged(*yes, birth_date=CHILD if child else BORN).outcome
    assert set(result.yes_answers) == yes


@pytest.mark.parametrize("outcome", ScreeningOutcome)
def test_only_go_on_and_flagged_book(outcome: ScreeningOutcome) -> None:
    assert outcome.allows_booking is (outcome in ("go_on", "flagged"))


@pytest.mark.parametrize("answer", [None, "no", "yes", 0, 1, ""])
def test_an_answer_is_a_yes_or_a_no(answer: Any) -> None:
    answers = {**dict.fromkeys(ASKED, False), "psychosis": answer}
    with pytest.raises(IncompleteAnswers) as refusal:
        evaluate_screening(QUESTIONS, answers, BORN, DAY)
    assert refusal.value.slugs == ("psychosis",)


def test_every_unanswered_question_is_named_even_beside_danger() -> None:
    with pytest.raises(IncompleteAnswers) as refusal:
        evaluate_screening(QUESTIONS, {"danger": True}, BORN, DAY)
    assert refusal.value.slugs == ("psychosis", "pregnancy", "heart")


def test_an_answer_to_no_question_changes_nothing() -> None:
    answers = {**dict.fromkeys(ASKED, False), "unasked": True}
    assert evaluate_screening(QUESTIONS, answers, BORN, DAY) == ScreeningResult(
        ScreeningOutcome.GO_ON, ()
    )


@pytest.mark.parametrize(
    ("birth_date", "adult_from"),
    [
        (date(2008, 12, 1), date(2026, 12, 1)),
        (date(2008, 1, 1), date(2026, 1, 1)),
        (date(2008, 12, 31), date(2026, 12, 31)),
        (date(2008, 2, 28), date(2026, 2, 28)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2000, 2, 29), date(2018, 3, 1)),
    ],
)
def test_adult_from_the_eighteenth_birthday_on(birth_date: date, adult_from: date) -> None:
    eve = adult_from - timedelta(days=1)
    assert (is_adult(birth_date, eve), is_adult(birth_date, adult_from)) == (False, True)
    assert judged(birth_date=birth_date, day=eve).outcome is ScreeningOutcome.ADULTS_ONLY
    assert judged(birth_date=birth_date, day=adult_from).outcome is ScreeningOutcome.GO_ON


def test_someone_born_on_29_february_ages_that_day_in_a_leap_year() -> None:
    assert (age_on(date(2000, 2, 29), date(2024, 2, 28)), age_on(BORN, date(2024, 2, 29))) == (
        23,
        44,
    )


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 40_000))
def test_nobody_grows_younger(birth_date: date, days: int) -> None:
    day = date(2026, 1, 1) + timedelta(days=days)
    assert age_on(birth_date, day) <= age_on(birth_date, day + timedelta(days=1))


def test_a_question_is_kept_as_it_was_asked() -> None:
    question = ScreeningQuestion(
        "danger", {"en": "In danger?", "es": "¿En peligro?"}, ASKED["danger"]
    )
    assert ScreeningQuestion.from_dict(question.to_dict()) == question
    assert (
        "listed" not in question.to_dict()
    )  # so that a file without a list stays the version it is
    listed = ScreeningQuestion("heart", {"en": "Heart?"}, ASKED["heart"], {"en": "Heart disease"})
    assert ScreeningQuestion.from_dict(listed.to_dict()) == listed
    assert listed.line_in("es") == "Heart disease"


def test_a_question_without_a_translation_is_asked_in_english() -> None:
    question = ScreeningQuestion(
        "danger", {"en": "In danger?", "es": "¿En peligro?"}, ASKED["danger"]
    )
    assert [question.text_in(code) for code in ("es", "fr")] == ["¿En peligro?", "In danger?"]


LISTED = ("pregnancy", "heart")


def test_what_is_not_ticked_is_a_no() -> None:
    assert parse_ticks(LISTED, ["heart"], none_ticked=False) == {"pregnancy": False, "heart": True}
    assert parse_ticks(LISTED, [], none_ticked=True) == {"pregnancy": False, "heart": False}
    assert parse_ticks((), [], none_ticked=False) == {}


def test_nothing_ticked_is_no_answer() -> None:
    with pytest.raises(IncompleteAnswers) as refusal:
        parse_ticks(LISTED, ["unasked"], none_ticked=False)
    assert refusal.value.slugs == LISTED


@given(st.sets(st.sampled_from(LISTED)), st.booleans())
def test_a_list_is_read_unless_it_says_nothing_or_two_things(ticked: set[str], none: bool) -> None:
    if bool(ticked) is none:
        with pytest.raises(ContradictoryTicks if none else IncompleteAnswers):
            parse_ticks(LISTED, ticked, none_ticked=none)
    else:
        answers = parse_ticks(LISTED, ticked, none_ticked=none)
        assert {slug for slug in answers if answers[slug]} == ticked
        assert answers.keys() == set(LISTED)
