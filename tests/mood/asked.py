"""Series whose patients are asked for forms, and what they are sent."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel
from booking.messaging.sending import send_due
from booking.mood import operations as mood
from booking.mood.asking import ask_due_forms
from booking.mood.models import MoodForm
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.scheduler import render_messages
from booking.series.models import InfusionSeries
from tests.builders import NOW, Clinic, local
from tests.messaging.builders import ObedientSender
from tests.series.prescribed import a_booked_series, appointments
from tests.written_once import written_once

WEEK = timedelta(days=7)
CALM = [0, 1, 0, 2, 0, 1, 0, 0, 0]
IN_DANGER = [0, 0, 0, 0, 0, 0, 0, 0, 1]


@written_once
def an_asked_series(
    clinic: Clinic, *, every_days: int = 7, texts: bool = True, email: bool = True
) -> InfusionSeries:
    """Book a series and ask its patient for forms, by text or e-mail."""
    series = a_booked_series(clinic)
    patient = patient_of(series)
    if texts and patient.phone:
        patients.record_consent(patient, patient.phone, "Text me", NOW, granted=True)
    if not email:
        with transaction():
            patient_of(series).email = None
    mood.start_mood_schedule(series.id, every_days, clinic.practitioner.id, NOW)
    return series


def patient_of(series: InfusionSeries) -> Patient:
    return db.session.get_one(Patient, series.patient_id)


def first_day(series: InfusionSeries) -> date:
    return appointments(series)[0].local_date


def nine_on(series: InfusionSeries, days: int = 0) -> datetime:
    """Return nine in the morning, so many days after the first session's day."""
    return local(9, day=first_day(series) + timedelta(days=days))


def ask(now: datetime) -> list[MoodForm]:
    """Do what the scheduler does; return the forms it made."""
    ask_due_forms(now)
    db.session.rollback()
    return list(db.session.scalars(select(MoodForm).filter_by(asked_at=now)))


def a_form(clinic: Clinic) -> MoodForm:
    """Return the first form of a new series."""
    return first_form(an_asked_series(clinic))


def first_form(series: InfusionSeries) -> MoodForm:
    """Return the form of the first session's day."""
    (form,) = ask(nine_on(series))
    return form


def messages() -> list[Message]:
    """Return what was owed because of forms, oldest first."""
    db.session.rollback()
    owed = select(Message).filter_by(kind="form").order_by(Message.id)
    return list(db.session.scalars(owed))


def send(now: datetime) -> list[str]:
    """Send what is due as the scheduler does; return the topics of what went."""
    sender = ObedientSender()
    both = {Channel.SMS: sender, Channel.EMAIL: sender}
    send_due(now, "worker", 100, both, threads=1, render=render_messages)
    db.session.rollback()
    return [db.session.get_one(Message, message.id).topic for _, message in sender.accepted]
