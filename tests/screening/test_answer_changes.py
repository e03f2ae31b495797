"""Which answers changed from one submission to the next, and which stop was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.screening.answer_changes import AnswerChange, list_answer_changes, list_taken_back
from booking.screening.rules import ScreeningOutcome, ScreeningQuestion
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
QUESTIONS = (
    ScreeningQuestion("danger", {"en": "Danger?"}, ScreeningOutcome.HELP_FIRST),
    ScreeningQuestion("heart", {"en": "Heart?"}, ScreeningOutcome.FLAGGED),
)


@dataclass(frozen=True)
class Sent:
    """Answers, and when they were sent."""

    answers: Mapping[str, bool]
    answered_at: datetime


def sent(minute: int, *, danger: bool = False, heart: bool = False) -> Sent:
    return Sent({"danger": danger, "heart": heart}, NOW + minute * MINUTE)


def test_a_change_is_counted_from_when_the_answer_was_first_given() -> None:
    submissions = [sent(0, danger=True), sent(2, danger=True, heart=True), sent(5, heart=True)]
    assert list_answer_changes(submissions) == [
        AnswerChange("danger", to_yes=False, after=5 * MINUTE, is_first=True),
        AnswerChange("heart", to_yes=True, after=2 * MINUTE, is_first=True),
    ]


def test_there_and_back_is_two_changes() -> None:
    submissions = [sent(0, danger=True), sent(2), sent(3, danger=True)]
    assert list_answer_changes(submissions) == [
        AnswerChange("danger", to_yes=False, after=2 * MINUTE, is_first=True),
        AnswerChange("danger", to_yes=True, after=MINUTE, is_first=False),
    ]


def test_a_question_that_was_not_asked_then_has_not_changed() -> None:
    later = Sent({"danger": False, "sleep": True}, NOW + MINUTE)
    assert list_answer_changes([sent(0), later]) == []


def test_only_a_stop_that_is_a_no_at_last_was_taken_back() -> None:
    assert list_taken_back(QUESTIONS, [sent(0, danger=True, heart=True), sent(1)]) == ("danger",)
    assert list_taken_back(QUESTIONS, [sent(0, danger=True), sent(1, danger=True)]) == ()
    assert list_taken_back(QUESTIONS, [sent(0), sent(1)]) == ()
    assert list_taken_back(QUESTIONS, []) == ()


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_changes_lead_from_the_first_answers_to_the_last(pairs: list[tuple[bool, bool]]) -> None:
    submissions = [sent(n, danger=danger, heart=heart) for n, (danger, heart) in enumerate(pairs)]
    answers = dict(submissions[0].answers)
    for change in list_answer_changes(submissions):
        assert answers[change.slug] is not change.to_yes
        assert change.after > timedelta()
        answers[change.slug] = change.to_yes
    assert answers == submissions[-1].answers
    was_taken_back = any(danger for danger, _ in pairs) and not pairs[-1][0]
    assert list_taken_back(QUESTIONS, submissions) == (("danger",) if was_taken_back else ())
