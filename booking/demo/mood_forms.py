"""Patients who fill in a form between their visits, so that its line can be looked at by desk and patient."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from booking.appointments.models import Appointment
from booking.appointments.rules import new_token
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import resolve_wall_clock
from booking.calendars.location_calendars import LocationCalendar
from booking.extensions import db
from booking.mood import operations as mood
from booking.mood.asking import OPEN_DAYS
from booking.mood.models import MoodForm
from booking.mood.queries import find_schedule
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus

EVERY_DAYS = 7
ASKED, ANSWERED = time(9), time(19)  # local
# Item 1 first, week by week; nobody in the demo is in danger
WEEKLY_ANSWERS = (
    (3, 3, 2, 3, 2, 3, 2, 1, 0),
    (2, 3, 2, 2, 2, 2, 2, 1, 0),
    (2, 2, 1, 2, 1, 2, 1, 1, 0),
)


def fill_in_forms(catalogue: Catalogue, now: datetime) -> None:
    """Switch forms on for each location's longest series; all but the newest are answered."""
    for location in catalogue.locations.values():
        first_days = (
            select(InfusionSeries, func.min(Appointment.local_date).label("first_day"))
            .join(Session, Session.series_id == InfusionSeries.id)
            .join(Appointment, Appointment.id == Session.appointment_id)
            .where(InfusionSeries.location_id == location.id)
            .where(InfusionSeries.status == SeriesStatus.ACTIVE)
            .group_by(InfusionSeries.id)
            .order_by("first_day", InfusionSeries.id)
        )
        if row := db.session.execute(first_days).first():
            _fill_in(row[0], row[1], location, now)


def _fill_in(
    series: InfusionSeries, first_day: date, location: LocationCalendar, now: datetime
) -> None:
    newest_day = now.astimezone(location.zone).date() - timedelta(days=1)
    weeks = min((newest_day - first_day).days // EVERY_DAYS, len(WEEKLY_ANSWERS))
    days = [newest_day - timedelta(days=EVERY_DAYS * week) for week in range(weeks, -1, -1)]
    switched_on_at = resolve_wall_clock(days[0], ASKED, location.zone)
    mood.start_mood_schedule(series.id, EVERY_DAYS, series.prescribed_by_id, switched_on_at)
    forms = [_ask(series, day, location) for day in days]
    for form, answers in zip(forms[:-1], WEEKLY_ANSWERS, strict=False):
        mood.answer_form(
            form.token, answers, resolve_wall_clock(form.due_on, ANSWERED, location.zone)
        )


def _ask(series: InfusionSeries, day: date, location: LocationCalendar) -> MoodForm:
    """Make the form of a day; nobody is written to about it."""
    schedule = find_schedule(series.id)
    if schedule is None:
        raise RuntimeError("no order holds")
    form = MoodForm(
        schedule_id=schedule.id,
        series_id=series.id,
        token=new_token(),
        due_on=day,
        asked_at=resolve_wall_clock(day, ASKED, location.zone),
        expires_at=resolve_wall_clock(day + OPEN_DAYS, time(), location.zone),
    )
    db.session.add(form)
    db.session.flush()
    return form
