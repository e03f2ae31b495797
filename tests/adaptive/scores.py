"""Rules for series, and forms that their patients have answered."""

from datetime import datetime, timedelta

from booking.adaptive import operations as adaptive
from booking.adaptive.proposing import propose_spacing
from booking.adaptive.rules import SpacingRule
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood.models import MoodForm
from booking.mood.queries import find_schedule, list_forms
from booking.mood.rules import LARGEST_ANSWER
from booking.series.models import InfusionSeries
from tests.builders import NOW
from tests.series.ongoing import Ongoing

RULE = SpacingRule((7, 14, 28), good_score=5, good_fall=12, worse_rise=4)
A_DAY = timedelta(days=1)


def set_rule(ongoing: Ongoing, rule: SpacingRule = RULE, now: datetime = NOW) -> None:
    adaptive.set_rule(ongoing.series.id, rule, ongoing.practitioner, now, reason="Stable")


def spread(points: int) -> list[int]:
    """Return nine answers that make a score, the last ones as low as can be."""
    return [min(max(points - LARGEST_ANSWER * item, 0), LARGEST_ANSWER) for item in range(9)]


def answer(
    series: InfusionSeries, *points: int, danger: bool = False, since: datetime = NOW
) -> datetime:
    """Let a patient answer a form a day; return when the scheduler looked at the last of them."""
    schedule, count = find_schedule(series.id), len(list_forms(series.id))
    assert schedule is not None
    now = since
    for number, each in enumerate(points, count + 1):
        now = since + number * A_DAY
        answers = spread(each - danger)
        with transaction():
            db.session.add(
                MoodForm(
                    schedule_id=schedule.id, series_id=series.id, token=f"{series.id}-{number}",
                    due_on=now.date(), asked_at=now, expires_at=now + A_DAY,
                    answers=[*answers[:8], answers[8] + danger], score=each, answered_at=now,
                )
            )  # fmt: skip
        propose_spacing(now)
    return now
