"""The safety questions as a script: asked aloud, and answered yes or no by whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningQuestion


@dataclass(frozen=True, slots=True)
class ScreeningScript:
    """One version of the questions, and what has been chosen: "yes", "no" or nothing, by slug."""

    version: int
    questions: tuple[ScreeningQuestion, ...]
    choices: Mapping[str, str]

    @property
    def unanswered(self) -> list[str]:
        """The questions that lack a yes or a no."""
        return [
            question.slug
            for question in self.questions
            if self.choices.get(question.slug) not in ("yes", "no")
        ]

    def to_answers(self, birth_date: date, language: str) -> ScreeningAnswers | None:
        """Return the answers, once none is missing; None where nothing is asked."""
        answers = {
            question.slug: self.choices[question.slug] == "yes" for question in self.questions
        }
        return ScreeningAnswers(self.version, answers, birth_date, language) if answers else None


def read_screening_script(service: BookableService) -> ScreeningScript:
    """Return the questions to ask for an appointment, with what the form says of them."""
    questions = availability.current_catalogue().questions
    asked_questions = questions.questions if service.asks_screening else ()
    choices = {
        question.slug: request.form.get(f"q-{question.slug}", "") for question in asked_questions
    }
    if request.form.get("version", questions.version, int) != questions.version:
        choices = {}  # answers to questions that are no longer asked
    return ScreeningScript(questions.version, asked_questions, choices)
