"""Forms that are due are made and asked for: pulled by the scheduler, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import new_token
from booking.audit import operations as audit
from booking.clock import local_date
from booking.db.each import run_each
from booking.db.statements import insert_unless_there
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.mood.messages import choose_channel, enqueue_form_message
from booking.mood.models import MoodForm, MoodSchedule
from booking.mood.operations import FORM
from booking.mood.queries import MAY_ASK, find_last_form_day, list_schedule_ids
from booking.mood.rules import find_due_day
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.models import InfusionSeries
from booking.series.queries import STANDING, list_sessions

ACTOR = "scheduler"
ASK_FROM, ASK_UNTIL = (
    time(9),
    time(20),
)  # on the wall clock of the location, so that it goes that day
OPEN_DAYS = timedelta(days=7)  # from its day on; never longer than until the next


def ask_due_forms(now: datetime) -> int:
    """Make and owe each form that is due; return how many. A failure stops nobody else's."""
    return run_each(
        list_schedule_ids(), lambda schedule_id: ask_if_due(schedule_id, now), "form_failed"
    )


@dataclass(frozen=True, slots=True)
class FormOrder:
    """An order that holds, with what decides whether a form is due: the standing appointments, by time."""

    schedule: MoodSchedule
    series: InfusionSeries
    patient: Patient
    zone: ZoneInfo
    appointments: Sequence[Appointment]


@transaction()
def ask_if_due(schedule_id: int, now: datetime) -> bool:
    """Make and owe the form of one order if it is due and its patient can be asked now; tell whether it was.

    False too when another scheduler is at it.
    """
    order = _lock_order(schedule_id)
    due_day = _find_due_day(order, now) if order else None
    if order is None or due_day is None:
        return False
    channel = choose_channel(order.patient, now, order.zone.key)
    form = _create_form(order, due_day, now) if channel else None
    if form is None or channel is None:
        return False
    enqueue_form_message(form, order.patient, channel, _nearest(order.appointments, now), now)
    audit.record(ACTOR, "ask_for_form", FORM, form.id, now, series=order.series.id)
    return True


def _lock_order(schedule_id: int) -> FormOrder | None:
    """Return an order with its series locked; None when it holds no more, or is locked by another."""
    rows = (
        select(MoodSchedule, InfusionSeries)
        .join(InfusionSeries, InfusionSeries.id == MoodSchedule.series_id)
        .where(MoodSchedule.id == schedule_id, *MAY_ASK)
        .with_for_update(skip_locked=True)
    )
    row = db.session.execute(rows).one_or_none()
    if row is None:
        return None
    schedule, series = row
    patient = patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))
    zone = ZoneInfo(locations.get_location(series.location_id).time_zone)
    return FormOrder(schedule, series, patient, zone, _list_standing(series))


def _find_due_day(order: FormOrder, now: datetime) -> date | None:
    """Return the local day of the form that is due now, from the first session on; None outside the hours."""
    local = now.astimezone(order.zone)
    if not order.appointments or not ASK_FROM <= local.time() < ASK_UNTIL:
        return None
    started_on = local_date(order.schedule.started_at, order.zone.key)
    begins_on = max(order.appointments[0].local_date, started_on)
    last_day = find_last_form_day(order.series.id)
    return find_due_day(begins_on, last_day, order.schedule.every_days, local.date())


def _create_form(order: FormOrder, due_day: date, now: datetime) -> MoodForm | None:
    """Add a form with its link; None when it was made a moment ago."""
    days_open = min(OPEN_DAYS, timedelta(days=order.schedule.every_days))
    row = {
        "schedule_id": order.schedule.id,
        "series_id": order.series.id,
        "token": new_token(),
        "due_on": due_day,
        "asked_at": now,
        "expires_at": datetime.combine(due_day + days_open, time.min, order.zone),
    }
    form_id = insert_unless_there(MoodForm, row, returning="id")
    return db.session.get_one(MoodForm, form_id) if form_id is not None else None


def _list_standing(series: InfusionSeries) -> list[Appointment]:
    """Return the appointments of a series that took place or are to, in order of time."""
    appointments = [
        session.appointment
        for session in list_sessions(series.id)
        if session.appointment is not None and session.session.state in STANDING
    ]
    return sorted(appointments, key=lambda appointment: appointment.starts_at)


def _nearest(appointments: Sequence[Appointment], now: datetime) -> Appointment:
    """Return the next of these, else the last."""
    upcoming = (appointment for appointment in appointments if appointment.starts_at > now)
    return next(upcoming, appointments[-1])
