"""What payers have authorised for a series: recorded at the desk, and what of it is left to plan with."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.authorisations import (
    AuthorisedSessions,
    less_used,
    require_valid_authorisations,
)
from booking.series.models import InfusionSeries, SeriesAuthorisation
from booking.series.queries import list_sessions, list_standing_sessions


@transaction()
def record_authorisation(
    series_id: int, authorised: AuthorisedSessions, reference: str, staff_id: int, now: datetime
) -> SeriesAuthorisation:
    """Record what a payer authorised for a series; `reference` is the payer's number.

    Raises `InvalidSchedule` where it overlaps another in time, or is one too many.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    require_valid_authorisations([*map(_as_value, list_authorisations(series.id)), authorised])
    record = SeriesAuthorisation(
        series_id=series.id,
        reference=reference,
        sessions=authorised.sessions,
        first_day=authorised.first_day,
        last_day=authorised.last_day,
        recorded_by_id=staff_id,
        recorded_at=now,
    )
    db.session.add(record)
    db.session.flush()
    actor = staff_actor(staff_id)
    audit.record(actor, "authorise", "infusion_series", series.id, now, sessions=record.sessions)
    return record


@transaction()
def end_authorisation(authorisation_id: int, staff_id: int, now: datetime) -> SeriesAuthorisation:
    """Let an authorisation count no longer: withdrawn, replaced, or recorded by mistake."""
    record = db.session.get_one(SeriesAuthorisation, authorisation_id, with_for_update=True)
    if record.ended_at is None:
        record.ended_at = now
        actor = staff_actor(staff_id)
        audit.record(actor, "end_authorisation", "infusion_series", record.series_id, now)
    return record


def find_authorisation(authorisation_id: int) -> SeriesAuthorisation | None:
    """Return an authorisation, also one that counts no longer."""
    return db.session.get(SeriesAuthorisation, authorisation_id)


def list_authorisations(series_id: int) -> list[SeriesAuthorisation]:
    """Return the authorisations of a series that count, in order of their windows."""
    rows = select(SeriesAuthorisation).filter_by(series_id=series_id, ended_at=None)
    return list(db.session.scalars(rows.order_by(SeriesAuthorisation.first_day)))


def list_remaining_authorisations(
    series_id: int, numbers: Collection[int]
) -> tuple[AuthorisedSessions, ...]:
    """Return what is left for the sessions of these numbers: what others that stand use up is gone."""
    days = [
        session.day
        for session in list_standing_sessions(list_sessions(series_id))
        if session.number not in numbers
    ]
    return list_authorisations_left(series_id, days)


def list_authorisations_left(
    series_id: int, days: Collection[date]
) -> tuple[AuthorisedSessions, ...]:
    """Return what is left of a series' authorisations beside sessions on these local days."""
    return less_used([_as_value(row) for row in list_authorisations(series_id)], days)


def _as_value(record: SeriesAuthorisation) -> AuthorisedSessions:
    return AuthorisedSessions(record.sessions, record.first_day, record.last_day)
