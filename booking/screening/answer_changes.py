"""What somebody answered otherwise before: which answers changed, when, and which stop was taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from booking.screening.rules import ScreeningQuestion


class AnsweredQuestions(Protocol):
    """Answers as they were sent at one instant, in UTC."""

    @property
    def answers(self) -> Mapping[str, bool]:
        """The yes or no to each question, by slug."""

    @property
    def answered_at(self) -> datetime:
        """When they were sent."""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer that became another one, `after` it had first been given; `is_first` of its question."""

    slug: str
    to_yes: bool
    after: timedelta
    is_first: bool


def list_answer_changes(submissions: Sequence[AnsweredQuestions]) -> list[AnswerChange]:
    """Return what changed from each submission to the next, question by question; the earliest is first."""
    slugs = dict.fromkeys(slug for each in submissions for slug in each.answers)
    return [change for slug in slugs for change in _changes_of(slug, submissions)]


def _changes_of(slug: str, submissions: Sequence[AnsweredQuestions]) -> list[AnswerChange]:
    changes: list[AnswerChange] = []
    current: tuple[bool, datetime] | None = None
    for submission in submissions:
        answer = submission.answers.get(slug)
        if answer is None or (current and current[0] is answer):
            continue
        if current:
            after = submission.answered_at - current[1]
            changes.append(AnswerChange(slug, answer, after, is_first=not changes))
        current = answer, submission.answered_at
    return changes


def list_taken_back(
    questions: Collection[ScreeningQuestion], submissions: Sequence[AnsweredQuestions]
) -> tuple[str, ...]:
    """Return the questions whose yes stops a booking that were answered yes once, and no at last."""
    stops = [question.slug for question in questions if question.stops_booking]
    last_answers = submissions[-1].answers if submissions else {}
    return tuple(
        slug
        for slug in stops
        if not last_answers.get(slug) and any(each.answers.get(slug) for each in submissions)
    )
