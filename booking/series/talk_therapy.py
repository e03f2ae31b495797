"""Talk therapy alongside: somebody asks the patient about it, as the template says, and notes the answer.

The clinic recommends follow-up with a psychologist or counsellor. It is asked in person, never by message.
"""

from datetime import datetime, timedelta

from booking.calendars import availability
from booking.calendars.deadlines import end_of_business_day
from booking.series.models import InfusionSeries
from booking.series.queries import get_template
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

KIND = TaskKind.ASK_TALK_THERAPY


def open_first_talk_therapy_task(
    series: InfusionSeries, first_start: datetime, now: datetime
) -> None:
    """Have a practitioner ask so many weeks after the first session, which starts at `first_start` (UTC)."""
    weeks = get_template(series).talk_therapy_weeks
    if weeks is not None:
        _open(series, first_start + timedelta(weeks=weeks), now)


def open_talk_therapy_task(series: InfusionSeries, asked_at: datetime, now: datetime) -> None:
    """Have a practitioner ask once more, by the end of the business day after `asked_at` (UTC)."""
    if get_template(series).talk_therapy_weeks is not None:
        _open(series, asked_at, now)


def close_talk_therapy_task(series: InfusionSeries, now: datetime) -> None:
    """Settle what is open: the series was stopped."""
    tasks.close_fulfilled_task(KIND, "infusion_series", series.id, now)


def _open(series: InfusionSeries, asked_at: datetime, now: datetime) -> None:
    location = availability.current_catalogue().locations_by_id[series.location_id]
    due_at = end_of_business_day([location], asked_at).at
    tasks.open_task(KIND, Owner.PRACTITIONER, "infusion_series", series.id, due_at, now)
