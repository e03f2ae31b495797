"""Talk therapy alongside is asked about on a day that follows from the first session, and at each review."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.appointments import attendance
from booking.appointments.rules import Outcome
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.endings import stop_series
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.operations import book_plan
from booking.series.proposals import propose_plans
from booking.series.templates import Template
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic
from tests.series.prescribed import RECOMMENDED, a_series, appointments, doctor, starts, tasks_of

ASK = TaskKind.ASK_TALK_THERAPY


def a_booked_series(clinic: Clinic, weeks: int | None) -> InfusionSeries:
    """Book a series of a template that is reviewed after each second session."""
    phases = (replace(RECOMMENDED[0], review_every=2),)
    series = a_series(clinic, phases)
    with transaction():
        row = db.session.get_one(ScheduleTemplate, series.template_id)
        row.data = replace(Template.from_dict(row.data), talk_therapy_weeks=weeks).to_dict()
    return book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")


def test_a_practitioner_is_asked_weeks_after_the_first_session(clinic: Clinic) -> None:
    series = a_booked_series(clinic, 2)
    (task,) = tasks_of(ASK)
    assert (task.owner, task.subject_id) == (Owner.PRACTITIONER, series.id)
    first = appointments(series)[0].starts_at
    assert timedelta(weeks=2) <= task.due_at - first < timedelta(weeks=2, days=3)


def test_nobody_is_asked_where_the_template_says_nothing(clinic: Clinic) -> None:
    a_booked_series(clinic, None)
    assert tasks_of(ASK) == []


@pytest.mark.parametrize("weeks", [2, None])
def test_it_is_asked_at_a_review_too(clinic: Clinic, weeks: int | None) -> None:
    series = a_booked_series(clinic, weeks)
    with transaction():
        for task in tasks_of(ASK):
            task.done_at = NOW
    for appointment in appointments(series)[:2]:
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    assert len(tasks_of(TaskKind.REVIEW_SERIES)) == 1
    assert len(tasks_of(ASK)) == (weeks is not None)


def test_a_series_that_is_stopped_asks_no_more(clinic: Clinic) -> None:
    series = a_booked_series(clinic, 2)
    stop_series(series.id, NOW, doctor(clinic), reason="Moved away")
    assert tasks_of(ASK) == []
