"""The safety questions as a script: asked aloud, and answered yes or no by whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from booking.calendars import offering
from booking.calendars.catalogue import Offer
from booking.screening.operations import Answers
from booking.screening.rules import Question


@dataclass(frozen=True, slots=True)
class Script:
    """One version of the questions, and what has been chosen: "yes", "no" or nothing, by slug."""

    version: int
    asked: tuple[Question, ...]
    chosen: Mapping[str, str]

    @property
    def unanswered(self) -> list[str]:
        """The questions that lack a yes or a no."""
        return [one.slug for one in self.asked if self.chosen.get(one.slug) not in ("yes", "no")]

    def given(self, birth_date: date) -> Answers | None:
        """Return the answers, once none is missing; None where nothing is asked."""
        answers = {one.slug: self.chosen[one.slug] == "yes" for one in self.asked}
        return Answers(self.version, answers, birth_date) if answers else None


def script_for(offer: Offer) -> Script:
    """Return the questions to ask for a visit, with what the form says of them.

    They are asked for what anyone may book, by phone as online (CLINICAL §2); for other visits none.
    """
    questions = offering.catalogue().questions
    asked = questions.asked if offer.bookable_online else ()
    chosen = {one.slug: request.form.get(f"q-{one.slug}", "") for one in asked}
    if request.form.get("version", questions.version, int) != questions.version:
        chosen = {}  # answers to questions that are no longer asked
    return Script(questions.version, asked, chosen)
