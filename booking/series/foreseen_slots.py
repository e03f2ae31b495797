"""The slots that running series will need past what is booked: those usual for each, at its own rhythm."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, or_, select

from booking.appointments.models import Appointment
from booking.calendars.location_calendars import LocationCalendar
from booking.extensions import db
from booking.series.models import InfusionSeries, SeriesPause, Session
from booking.series.pause_rules import PauseDays
from booking.series.planning.requests import PlanSlot
from booking.series.progress import SeriesStatus, SessionState
from booking.series.rules import Phase
from booking.series.usual_slots import foresee_slots


@dataclass(frozen=True, slots=True)
class ForeseenSlot:
    """A slot that a running series will need, and the phase whose minutes its session has."""

    slot: PlanSlot
    phase: Phase


def list_foreseen_slots(
    locations: Mapping[int, LocationCalendar], series_id: int | None, last: date, now: datetime
) -> list[ForeseenSlot]:
    """Return what running series, but one, will need at locations (by id) up to local day `last`.

    Series without an end that are booked ahead; a series at rest needs nothing. Three questions for all.
    """
    pauses, running = _read_pauses(now.date()), _read_running_series(series_id)
    foreseen: list[ForeseenSlot] = []
    for number, rows in groupby(_read_coming_sessions(now), lambda row: row[0]):
        if number in running:
            phases, last_day = running[number]
            booked = (
                _slot(locations, location_id, starts_at)
                for _, phase, starts_at, location_id in rows
                if phase == len(phases) - 1
            )
            slots = [slot for slot in booked if slot]
            phase, until = Phase.from_dict(phases[-1]), min(last, last_day or last)
            foreseen += _foresee(slots, phase, until, pauses[number])
    return foreseen


def _read_running_series(
    series_id: int | None,
) -> dict[int, tuple[Sequence[Mapping[str, Any]], date | None]]:
    """Return the phases, as data, and the last day of each series without an end that goes on, but one."""
    rows = db.session.execute(
        select(InfusionSeries.id, InfusionSeries.phases, InfusionSeries.last_day).where(
            InfusionSeries.status == SeriesStatus.ACTIVE, InfusionSeries.id != (series_id or 0)
        )
    )
    return {
        number: (phases, last_day)
        for number, phases, last_day in rows
        if phases[-1]["sessions"] is None
    }


def _foresee(
    slots: Sequence[PlanSlot], phase: Phase, last: date, pauses: Sequence[PauseDays]
) -> Iterator[ForeseenSlot]:
    """Yield what a series will need whose last phase is booked at these slots."""
    for slot in foresee_slots(slots, phase.gap, last):
        if not any(pause.covers(slot.day) for pause in pauses):
            yield ForeseenSlot(slot, phase)


def _read_coming_sessions(now: datetime) -> Sequence[Row[int, int, datetime, int]]:
    """Return the booked sessions of running series: series, phase, start and location, in order of time."""
    coming = (
        select(Session.series_id, Session.phase, Appointment.starts_at, Appointment.location_id)
        .join(Appointment, Appointment.id == Session.appointment_id)
        .join(InfusionSeries, InfusionSeries.id == Session.series_id)
        .where(
            InfusionSeries.status == SeriesStatus.ACTIVE,
            Session.state == SessionState.BOOKED,
            Appointment.starts_at > now,
        )
        .order_by(Session.series_id, Appointment.starts_at)
    )
    return db.session.execute(coming).all()


def _slot(
    locations: Mapping[int, LocationCalendar], location_id: int, starts_at: datetime
) -> PlanSlot | None:
    location = locations.get(location_id)
    if location is None:
        return None
    local = starts_at.astimezone(location.zone)
    return PlanSlot(location.slug, local.date(), local.hour * 60 + local.minute)


def _read_pauses(today: date) -> dict[int, list[PauseDays]]:
    """Return, by series, the times in which it rests from today on."""
    pauses: dict[int, list[PauseDays]] = defaultdict(list)
    rests = or_(SeriesPause.last_day.is_(None), SeriesPause.last_day >= today - timedelta(days=1))
    for pause in db.session.scalars(select(SeriesPause).where(rests)):
        pauses[pause.series_id].append(PauseDays(pause.first_day, pause.last_day))
    return pauses
