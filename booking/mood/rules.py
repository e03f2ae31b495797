"""The PHQ-9: nine items about the last two weeks, 0 to 27 in all; and on which days it is asked for.

Kroenke, Spitzer and Williams, J Gen Intern Med 2001;16:606-613. Free to use: "No permission required to
reproduce, translate, display or distribute" (Pfizer). `words` has what it says.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from booking.messaging.rules import MAX_REMINDERS, REMINDER_WINDOW

ITEM_COUNT = 9
LARGEST_ANSWER = 3  # "nearly every day"
LARGEST_SCORE = ITEM_COUNT * LARGEST_ANSWER
DANGER_ITEM = 9  # thoughts of being better off dead, or of hurting oneself
RHYTHMS = (7, 14, 28)  # days from one form to the next that a practitioner may choose
ASKED_LATE = timedelta(days=3)  # on its day, or up to so many later: else it waits for the next


class InvalidAnswers(ValueError):
    """Not nine whole numbers from 0 to 3."""


class Severity(StrEnum):
    """What a score stands for (Kroenke 2001, table 4). For clinicians: no diagnosis."""

    MINIMAL = "minimal"
    MILD = "mild"
    MODERATE = "moderate"
    MODERATELY_SEVERE = "moderately_severe"
    SEVERE = "severe"


FIRST_SCORES = (
    (20, Severity.SEVERE),
    (15, Severity.MODERATELY_SEVERE),
    (10, Severity.MODERATE),
    (5, Severity.MILD),
    (0, Severity.MINIMAL),
)


def score_answers(answers: Sequence[int]) -> int:
    """Return the sum of all nine answers, 0 to 27; raise `InvalidAnswers`."""
    if len(answers) != ITEM_COUNT or any(not 0 <= number <= LARGEST_ANSWER for number in answers):
        raise InvalidAnswers(f"expected {ITEM_COUNT} answers from 0 to {LARGEST_ANSWER}")
    return sum(answers)


def classify_severity(score: int) -> Severity:
    """Return the band a score from 0 to 27 lies in."""
    return next(severity for first_score, severity in FIRST_SCORES if score >= first_score)


def says_danger(answers: Sequence[int]) -> bool:
    """Tell whether item 9 is above zero: a person is told at once, whatever the score."""
    return answers[DANGER_ITEM - 1] > 0


def find_due_day(
    begins_on: date, last_day: date | None, every_days: int, today: date
) -> date | None:
    """Return the day whose form is to be asked for today; None when none is.

    They are counted from `last_day`, that of the last form, or else begin with `begins_on`.
    """
    first_day = begins_on if last_day is None else last_day + timedelta(days=every_days)
    if today < first_day:
        return None
    due_day = today - timedelta(days=(today - first_day).days % every_days)
    return due_day if today - due_day <= ASKED_LATE else None


def has_room_for_text(text_days: Iterable[date], today: date) -> bool:
    """Tell whether a text today takes none of a person's reminders its place.

    `text_days` are the local dates of texts that we start: one a day, three in any seven days.
    """
    days, week = [(day - today).days for day in text_days], REMINDER_WINDOW.days
    first_days = range(1 - week, 1)  # from today, of all the weeks that today is in
    fullest_week = max(sum(first <= day < first + week for day in days) for first in first_days)
    return 0 not in days and fullest_week < MAX_REMINDERS
