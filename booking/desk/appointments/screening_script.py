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
    asked: tuple[ScreeningQuestion, ...]
    chosen: Mapping[str, str]

    @property
    def unanswered(self) -> list[str]:
        """The questions that lack a yes or a no."""
        return [one.slug for one in self.asked if self.chosen.get(one.slug) not in ("yes", "no")]

    def to_answers(self, birth_date: date) -> ScreeningAnswers | None:
        """Return the answers, once none is missing; None where nothing is asked."""
        answers = {one.slug: self.chosen[one.slug] == "yes" for one in self.asked}
        return ScreeningAnswers(self.version, answers, birth_date) if answers else None


def read_screening_script(offer: BookableService) -> ScreeningScript:
    """Return the questions to ask for an appointment, with what the form says of them.

    They are asked for what anyone may book, by phone as online (CLINICAL §2); for other appointments none.
    """
    questions = availability.current_catalogue().questions
    asked = questions.asked if offer.bookable_online else ()
    chosen = {one.slug: request.form.get(f"q-{one.slug}", "") for one in asked}
    if request.form.get("version", questions.version, int) != questions.version:
        chosen = {}  # answers to questions that are no longer asked
    return ScreeningScript(questions.version, asked, chosen)
