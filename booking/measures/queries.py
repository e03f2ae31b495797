"""What measures are made of, as the tables have it: a fixed number of questions, bounded by the period."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import DAY_TAKING_OUTCOMES, Status
from booking.calendars.location_calendars import LocationCalendar
from booking.extensions import db
from booking.measures.figures import AppointmentRecord, Period
from booking.measures.series_figures import DaySeen, FirstInfusionWait, SeriesHistory, find_wait
from booking.patients import operations as patients
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from booking.series.queries import get_phases


def list_appointment_records(
    locations: Collection[LocationCalendar], period: Period
) -> list[AppointmentRecord]:
    """Return the appointments, cancelled ones too, of local days in a period; holds are none."""
    columns = (
        *(Appointment.location_id, Appointment.is_infusion, Appointment.status),
        *(Appointment.outcome, Appointment.local_date, Appointment.starts_at, Appointment.ends_at),
        *(Appointment.booked_at, Appointment.revised_at, Appointment.ended_at),
    )
    rows = db.session.execute(
        select(*columns)
        .where(*_within(locations, period), Appointment.status != Status.PENDING)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [
        AppointmentRecord(
            row.location_id, row.is_infusion, row.status, row.outcome, row.local_date,
            row.starts_at, row.ends_at, row.booked_at, _last(row.booked_at, row.revised_at),
            row.ended_at,
        )
        for row in rows
    ]  # fmt: skip


def _within(
    locations: Collection[LocationCalendar], period: Period
) -> tuple[ColumnElement[bool], ...]:
    """Return what selects appointments of a period, by the index on location and start as well."""
    begins = min(location.local_day(period.first).starts_at for location in locations)
    ends = max(location.local_day(period.last).ends_at for location in locations)
    return (
        Appointment.location_id.in_([location.id for location in locations]),
        Appointment.starts_at >= begins,
        Appointment.starts_at < ends,
        Appointment.local_date.between(period.first, period.last),
    )


def _last(booked_at: datetime | None, revised_at: datetime | None) -> datetime | None:
    return max(filter(None, (booked_at, revised_at)), default=None)


def list_series_histories(
    locations: Collection[LocationCalendar], period: Period
) -> list[SeriesHistory]:
    """Return each series of which a session was given in a period, with all its sessions that were."""
    within = (
        select(Session.series_id)
        .join(Appointment, Appointment.id == Session.appointment_id)
        .where(Session.state == SessionState.DONE, *_within(locations, period))
    )
    all_series = db.session.scalars(select(InfusionSeries).where(InfusionSeries.id.in_(within)))
    rows = db.session.execute(
        select(Session.series_id, Session.phase, Appointment.local_date)
        .join(Appointment, Appointment.id == Session.appointment_id)
        .where(Session.series_id.in_(within), Session.state == SessionState.DONE)
        .order_by(Session.series_id, Session.number)
    )
    treated: dict[int, list[tuple[int, date]]] = {}
    for series_id, phase, local_date in rows:
        treated.setdefault(series_id, []).append((phase, local_date))
    return [
        SeriesHistory(
            series.patient_id, series.location_id, series.status, get_phases(series),
            treated[series.id],
        )
        for series in all_series
    ]  # fmt: skip


def list_waits(histories: Iterable[SeriesHistory], period: Period) -> list[FirstInfusionWait]:
    """Return how long the patients of series that began in a period waited for them."""
    begun = [
        (history, first_day)
        for history in histories
        if (first_day := history.first_day) is not None and period.has(first_day)
    ]
    records_of = patients.record_ids_by_patient({history.patient_id for history, _ in begun})
    seen = _list_days_seen({key for keys in records_of.values() for key in keys}, period)
    waits = (
        find_wait(
            history.location_id,
            first_day,
            [day for key in records_of[history.patient_id] for day in seen.get(key, ())],
        )
        for history, first_day in begun
    )
    return [wait for wait in waits if wait is not None]


def _list_days_seen(patient_ids: Collection[int], period: Period) -> dict[int, list[DaySeen]]:
    """Return, by patient, the days up to a period's end on which they were seen or treated."""
    took_place = or_(
        Appointment.is_infusion.is_(False), Appointment.outcome.in_(DAY_TAKING_OUTCOMES)
    )
    rows = db.session.execute(
        select(Appointment.patient_id, Appointment.local_date, Appointment.is_infusion).where(
            Appointment.patient_id.in_(patient_ids),
            Appointment.status == Status.FULFILLED,
            Appointment.local_date <= period.last,
            took_place,
        )
    )
    seen: dict[int, list[DaySeen]] = {}
    for patient_id, local_date, is_infusion in rows:
        if patient_id is not None:
            seen.setdefault(patient_id, []).append(DaySeen(local_date, is_infusion))
    return seen
