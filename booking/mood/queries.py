"""What pages and the scheduler read of forms: orders that hold, forms asked for, scores over infusions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, select

from booking.appointments.models import Appointment
from booking.clock import local_date
from booking.extensions import db
from booking.locations import operations as locations
from booking.mood.chart import DatedScore, ScoreChart, draw_scores
from booking.mood.models import MoodForm, MoodSchedule
from booking.patients import operations as patients
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus
from booking.series.queries import list_series, list_sessions, list_standing_sessions

IS_SUSPENDED = (
    exists()
    .where(Session.series_id == InfusionSeries.id)
    .where(Appointment.id == Session.appointment_id, Appointment.suspended_at.is_not(None))
)
MAY_ASK = (
    MoodSchedule.ended_at.is_(None),
    InfusionSeries.status == SeriesStatus.ACTIVE,
    ~IS_SUSPENDED,
)


def list_schedule_ids() -> list[int]:
    """Return the ids of orders that hold: switched on, of series that go on and are not suspended."""
    rows = select(MoodSchedule.id).join(InfusionSeries, InfusionSeries.id == MoodSchedule.series_id)
    return list(db.session.scalars(rows.where(*MAY_ASK).order_by(MoodSchedule.id)))


def filter_askable_forms(form_ids: Collection[int]) -> set[int]:
    """Return which forms are still to be asked for: unanswered, by an order that holds."""
    forms = (
        select(MoodForm.id)
        .join(MoodSchedule, MoodSchedule.id == MoodForm.schedule_id)
        .join(InfusionSeries, InfusionSeries.id == MoodForm.series_id)
        .where(MoodForm.id.in_(form_ids), MoodForm.answered_at.is_(None), *MAY_ASK)
    )
    return set(db.session.scalars(forms))


def find_schedule(series_id: int) -> MoodSchedule | None:
    """Return the order that is switched on for a series."""
    return db.session.scalar(select(MoodSchedule).filter_by(series_id=series_id, ended_at=None))


def find_last_form_day(series_id: int) -> date | None:
    """Return the local day that the newest form of a series was due on."""
    return db.session.scalar(select(func.max(MoodForm.due_on)).filter_by(series_id=series_id))


def find_mood_form(token: str) -> MoodForm | None:
    """Return the form whose link has this token."""
    return db.session.scalar(select(MoodForm).filter_by(token=token))


def list_forms(series_id: int) -> list[MoodForm]:
    """Return all forms of a series, the newest first."""
    forms = select(MoodForm).filter_by(series_id=series_id)
    return list(db.session.scalars(forms.order_by(MoodForm.due_on.desc(), MoodForm.id.desc())))


def draw_series_scores(series: InfusionSeries) -> ScoreChart | None:
    """Return the scores of a series over the days of its infusions; None before the first answer."""
    return _draw([series])


def draw_patient_scores(patient_id: int, besides: Collection[int] = ()) -> ScoreChart | None:
    """Return a person's scores over the days of their infusions, of all their series but some (by id)."""
    series = [row for key in patients.list_record_ids(patient_id) for row in list_series(key)]
    return _draw([row for row in series if row.id not in besides])


def _draw(all_series: Sequence[InfusionSeries]) -> ScoreChart | None:
    scores = [score for series in all_series for score in _list_scores(series)]
    if not scores:
        return None
    days = [
        session.day
        for series in all_series
        for session in list_standing_sessions(list_sessions(series.id))
    ]
    return draw_scores(scores, days)


def _list_scores(series: InfusionSeries) -> list[DatedScore]:
    zone = locations.get_location(series.location_id).time_zone
    return [
        DatedScore(local_date(form.answered_at, zone), form.score)
        for form in list_forms(series.id)
        if form.answered_at is not None and form.score is not None
    ]


def is_open(form: MoodForm, now: datetime) -> bool:
    """Tell whether a form waits for its answers."""
    return form.answered_at is None and now < form.expires_at
