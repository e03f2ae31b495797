"""The safety questions as a form: some asked yes or no, others as one list with "none of these"."""

from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms import HiddenField

from booking.numbers import parse_number
from booking.screening.operations import ScreeningQuestions
from booking.screening.rules import (
    ContradictoryTicks,
    IncompleteAnswers,
    ScreeningQuestion,
    parse_ticks,
)
from booking.site.forms import BirthDateForm, Problems

NONE_OF_THESE = "none-of-these"  # the field's name, and its id


class ScreeningForm(BirthDateForm):
    """The birth date in three fields, a yes or no to each question, the list; nothing is chosen at first."""

    version = HiddenField()  # of the questions as they were shown

    def __init__(self, questions: ScreeningQuestions, **kwargs: Any) -> None:
        super().__init__(data={"version": questions.version}, **kwargs)
        self.single_questions = [each for each in questions.questions if not each.listed]
        self.listed_questions = [each for each in questions.questions if each.listed]
        self.wrong: dict[str, str] = {}
        self.list_error = ""
        self.is_old = False  # the questions have changed since they were shown
        self._current = questions.version

    def chosen_answer(self, slug: str) -> str | None:
        """Return what was chosen for a question: "yes", "no" or nothing."""
        return None if self.is_old else request.form.get(f"q-{slug}")

    def is_ticked(self, question: ScreeningQuestion) -> bool:
        """Tell whether a question of the list was ticked."""
        return self.chosen_answer(question.slug) == "yes"

    @property
    def is_none_ticked(self) -> bool:
        """Tell whether "none of these" was ticked."""
        return not self.is_old and NONE_OF_THESE in request.form

    @property
    def is_outdated(self) -> bool:
        """Tell whether the questions have changed since the page was shown that was sent."""
        return self.answered_version != self._current

    def reset_questions(self) -> None:
        """Keep the birth date, and ask the questions as they are now: none of them is answered."""
        self.is_old, self.version.data = True, str(self._current)

    @property
    def answered_version(self) -> int:
        """Return which version of the questions was answered; 0 for none."""
        return parse_number(str(self.version.data or "")) or 0

    @property
    def answers(self) -> dict[str, bool]:
        """Return the answers given, once they are valid."""
        singles = {
            each.slug: self.chosen_answer(each.slug) == "yes" for each in self.single_questions
        }
        return {**singles, **self._read_list()}

    def _read_list(self) -> dict[str, bool]:
        ticked_slugs = [each.slug for each in self.listed_questions if self.is_ticked(each)]
        listed_slugs = [each.slug for each in self.listed_questions]
        return parse_ticks(listed_slugs, ticked_slugs, none_ticked=self.is_none_ticked)

    def validate_all(self, today: date) -> bool:
        """Check all of it together; tell whether nothing is missing or wrong."""
        self.validate()
        self.read_birth_date(today)
        self.wrong = {
            question.slug: _("Choose yes or no.")
            for question in self.single_questions
            if self.chosen_answer(question.slug) not in ("yes", "no")
        }
        self.list_error = self._explain_list()
        return not self.problems

    def _explain_list(self) -> str:
        try:
            self._read_list()
        except IncompleteAnswers:
            return str(_("Check what applies to you, or “None of these”."))
        except ContradictoryTicks:
            return str(
                _("You checked “None of these” and something else. Please uncheck one of them.")
            )
        return ""

    @property
    def has_answered(self) -> bool:
        """Tell whether something needs no mending."""
        questions = [*self.single_questions, *self.listed_questions[:1]]
        wrong_count = len(self.wrong) + bool(self.list_error)
        return not self.birth_date_errors or wrong_count < len(questions)

    @property
    def is_only_forgotten(self) -> bool:
        """Tell whether nothing is wrong, but something not answered yet."""
        parts = (self.birth_month, self.birth_day, self.birth_year)
        return not self.birth_date_errors or not any(field.data for field in parts)

    @property
    def problems(self) -> Problems:
        """Return what is wrong, with the id of the place to mend it."""
        problems = self.birth_date_problems
        for number, question in enumerate(self.single_questions, start=1):
            if question.slug in self.wrong:
                text = _("Question %(number)d: choose yes or no.", number=number)
                problems.append((f"q-{question.slug}-yes", text))
        if self.list_error:
            first_tick = f"q-{self.listed_questions[0].slug}"
            problems.append((NONE_OF_THESE if self.is_none_ticked else first_tick, self.list_error))
        return problems
