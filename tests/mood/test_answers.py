"""Answers are kept once, danger is told at once, and neither trail nor task says what was answered."""

from datetime import timedelta

import pytest

from booking.appointments.callbacks import CRISIS_WITHIN
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.mood import operations as mood
from booking.mood.models import MoodForm, MoodSchedule
from booking.mood.operations import FormClosed, SeriesOver, UnknownForm
from booking.mood.queries import find_schedule
from booking.series import endings
from booking.series.models import InfusionSeries
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic
from tests.mood.asked import CALM, IN_DANGER, a_form, an_asked_series, messages
from tests.series.prescribed import tasks_of


@pytest.fixture
def form(clinic: Clinic) -> MoodForm:
    return a_form(clinic)


def trail() -> list[AuditEntry]:
    return list(db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)))


def test_the_first_answers_stay(form: MoodForm) -> None:
    at = form.asked_at + timedelta(hours=1)
    mood.answer_form(form.token, CALM, at)
    mood.answer_form(form.token, IN_DANGER, at + timedelta(minutes=1))
    db.session.refresh(form)
    assert (form.answers, form.score, form.answered_at) == (CALM, 4, at)
    assert tasks_of(TaskKind.CRISIS) == []
    assert [entry.action for entry in trail()].count("answer_form") == 1


def test_item_nine_above_zero_tells_a_person_at_once(form: MoodForm) -> None:
    for _ in range(2):
        mood.answer_form(form.token, IN_DANGER, form.asked_at)
    (task,) = tasks_of(TaskKind.CRISIS)
    assert (task.owner, task.subject_kind, task.subject_id) == (
        Owner.PRACTITIONER, "mood_form", form.id,
    )  # fmt: skip
    assert task.due_at == form.asked_at + CRISIS_WITHIN
    assert task.details == {}


def test_no_answer_stands_in_trail_task_or_message(form: MoodForm) -> None:
    mood.answer_form(form.token, [3] * 9, form.asked_at)
    series = {"series": form.series_id}
    entry = next(entry for entry in trail() if entry.action == "answer_form")
    assert (entry.actor, entry.subject_id, entry.facts) == ("online", form.id, series)
    (task,) = tasks_of(TaskKind.CRISIS)
    assert (task.details, task.note) == ({}, "")
    assert messages()[0].details == {}


def test_a_form_opened_in_time_may_be_sent_in_a_little_late(form: MoodForm) -> None:
    with pytest.raises(FormClosed):
        mood.answer_form(form.token, CALM, form.expires_at + timedelta(days=1))
    mood.answer_form(form.token, CALM, form.expires_at + timedelta(hours=1))
    with pytest.raises(UnknownForm):
        mood.answer_form("nobody's", CALM, NOW)


def test_switching_it_on_twice_is_one_order_and_another_rhythm_takes_its_place(
    clinic: Clinic,
) -> None:
    series = an_asked_series(clinic)
    for days in (7, 14):
        mood.start_mood_schedule(series.id, days, clinic.practitioner.id, NOW)
    schedules = db.session.scalars(db.select(MoodSchedule).order_by(MoodSchedule.id)).all()
    assert [(each.every_days, each.ended_at) for each in schedules] == [(7, NOW), (14, None)]
    switched = [(entry.action, entry.facts) for entry in trail() if "forms" in entry.action]
    assert switched == [
        ("switch_on_forms", {"series": series.id, "every_days": 7}),
        ("switch_off_forms", {"series": series.id}),
        ("switch_on_forms", {"series": series.id, "every_days": 14}),
    ]


def test_a_series_that_is_over_is_asked_nothing_more(clinic: Clinic) -> None:
    series: InfusionSeries = an_asked_series(clinic)
    for _ in range(2):
        mood.end_mood_schedule(series.id, clinic.practitioner.id, NOW)
    assert find_schedule(series.id) is None
    endings.stop_series(series.id, NOW, "staff:1", reason="Moved away")
    with pytest.raises(SeriesOver):
        mood.start_mood_schedule(series.id, 7, clinic.practitioner.id, NOW)
