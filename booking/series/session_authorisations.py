"""Whether sessions are authorised by a payer, for many at once."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.series.authorisations import AuthorisedSessions, is_day_authorised
from booking.series.models import SeriesAuthorisation, Session
from booking.series.queries import STANDING


def authorised_by_appointment(appointment_ids: Collection[int]) -> dict[int, bool]:
    """Return whether a payer's authorisation covers each session's appointment; nothing where none is needed.

    A fixed number of queries. What earlier sessions of the series use up is gone.
    """
    days_by_series, series_by_id = _read_days(appointment_ids)
    authorised = _read_authorised(days_by_series.keys())
    return {
        appointment_id: is_day_authorised(authorised[series_id], days_by_series[series_id], day)
        for appointment_id, (series_id, day) in series_by_id.items()
        if series_id in authorised
    }


def _read_days(
    appointment_ids: Collection[int],
) -> tuple[dict[int, list[date]], dict[int, tuple[int, date]]]:
    """Return the local days of the sessions that stand, by series; and series and day of each appointment."""
    series_ids = select(Session.series_id).where(Session.appointment_id.in_(appointment_ids))
    rows = db.session.execute(
        select(Session.series_id, Session.appointment_id, Appointment.local_date)
        .join(Appointment, Appointment.id == Session.appointment_id)
        .where(Session.series_id.in_(series_ids), Session.state.in_(STANDING))
    )
    days: dict[int, list[date]] = defaultdict(list)
    series_and_day: dict[int, tuple[int, date]] = {}
    for series_id, appointment_id, day in rows:
        days[series_id].append(day)
        if appointment_id is not None and appointment_id in appointment_ids:
            series_and_day[appointment_id] = series_id, day
    return days, series_and_day


def _read_authorised(series_ids: Collection[int]) -> dict[int, list[AuthorisedSessions]]:
    rows = select(SeriesAuthorisation).where(
        SeriesAuthorisation.series_id.in_(series_ids), SeriesAuthorisation.ended_at.is_(None)
    )
    authorised: dict[int, list[AuthorisedSessions]] = defaultdict(list)
    for row in db.session.scalars(rows):
        authorised[row.series_id].append(
            AuthorisedSessions(row.sessions, row.first_day, row.last_day)
        )
    return dict(authorised)
