"""Switching forms on and off for a series; and what follows from answers: a person told of danger at once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.appointments.callbacks import CRISIS_WITHIN
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.mood.models import MoodForm, MoodSchedule
from booking.mood.queries import find_schedule
from booking.mood.rules import says_danger, score_answers
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders.topics import form_topic
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

PATIENT = "online"  # who answers by the link
SCHEDULE, FORM = "mood_schedule", "mood_form"
SENT_LATE = timedelta(days=1)  # opened in time, sent in later: nobody's answers are lost


class SeriesOver(Exception):
    """The series is over: nothing more is asked for."""


class UnknownForm(LookupError):
    """No form has this token."""


class FormClosed(Exception):
    """The form was asked for too long ago; the next one is on its way."""


@transaction()
def start_mood_schedule(series_id: int, every_days: int, staff_id: int, now: datetime) -> None:
    """Send the form every `every_days` days while a series goes on, in place of another such schedule.

    Raises `SeriesOver`.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status not in GOING_ON:
        raise SeriesOver
    current = find_schedule(series_id)
    if current is not None and current.every_days == every_days:
        return
    if current is not None:
        _end(current, staff_id, now)
    schedule = MoodSchedule(
        series_id=series_id, every_days=every_days, started_at=now, started_by_id=staff_id
    )
    db.session.add(schedule)
    db.session.flush()
    audit.record(
        staff_actor(staff_id), "switch_on_forms", SCHEDULE, schedule.id, now,
        series=series_id, every_days=every_days,
    )  # fmt: skip


@transaction()
def end_mood_schedule(series_id: int, staff_id: int, now: datetime) -> None:
    """Ask for no more forms, and take back what is still to be sent; answers stay. Twice changes nothing."""
    db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    schedule = find_schedule(series_id)
    if schedule is not None:
        _end(schedule, staff_id, now)


def _end(schedule: MoodSchedule, staff_id: int, now: datetime) -> None:
    schedule.ended_at, schedule.ended_by_id = now, staff_id
    db.session.flush()
    unanswered = select(MoodForm.id).filter_by(schedule_id=schedule.id, answered_at=None)
    for form_id in db.session.scalars(unanswered).all():
        messaging.cancel_pending(form_topic(form_id), now)
    audit.record(
        staff_actor(staff_id), "switch_off_forms", SCHEDULE, schedule.id, now,
        series=schedule.series_id,
    )  # fmt: skip


@transaction()
def answer_form(token: str, answers: Sequence[int], now: datetime) -> MoodForm:
    """Keep the nine answers of a form and their score; sent again, the first ones stay.

    Item 9 above zero gives a person the task of calling at once, in the same transaction. Nothing of an
    answer goes into the task or the audit trail. Raises `UnknownForm`, `FormClosed`, `InvalidAnswers`.
    """
    score = score_answers(answers)
    form = db.session.scalar(select(MoodForm).filter_by(token=token).with_for_update())
    if form is None:
        raise UnknownForm
    if form.answered_at is not None:
        return form
    if now >= form.expires_at + SENT_LATE:
        raise FormClosed
    form.answers, form.score, form.answered_at = list(answers), score, now
    audit.record(PATIENT, "answer_form", FORM, form.id, now, series=form.series_id)
    if says_danger(answers):
        tasks.open_task(
            TaskKind.CRISIS, Owner.PRACTITIONER, FORM, form.id, now + CRISIS_WITHIN, now
        )
    return form


def get_patient_of_form(form: MoodForm) -> Patient:
    """Return whom a form is for: the record that survives a merge."""
    series = db.session.get_one(InfusionSeries, form.series_id)
    return patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))


def is_own_birth_date(form: MoodForm, birth_date: date) -> bool:
    """Tell whether whoever a form is for was born that day."""
    return get_patient_of_form(form).birth_date == birth_date
