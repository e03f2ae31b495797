"""Reading when a series rests."""

from datetime import date, timedelta

from sqlalchemy import select

from booking.extensions import db
from booking.series.models import SeriesPause
from booking.series.pause_rules import PauseDays


def find_undecided_pause(series_id: int) -> SeriesPause | None:
    """Return the pause after which nobody has decided yet how a series goes on."""
    return db.session.scalar(select(SeriesPause).filter_by(series_id=series_id, decided_at=None))


def list_undecided_series_ids() -> set[int]:
    """Return the series that rest, and of which nobody has decided yet how they go on."""
    return set(db.session.scalars(select(SeriesPause.series_id).filter_by(decided_at=None)))


def list_pauses(series_id: int) -> list[SeriesPause]:
    """Return all pauses of a series, the oldest first."""
    rows = select(SeriesPause).filter_by(series_id=series_id).order_by(SeriesPause.id)
    return list(db.session.scalars(rows))


def list_pause_days(series_id: int) -> list[PauseDays]:
    """Return the days of all pauses of a series, the oldest pause first."""
    return [PauseDays(pause.first_day, pause.last_day) for pause in list_pauses(series_id)]


def list_paused_days(series_id: int, first: date, last: date) -> list[date]:
    """Return the local days of [first, last] on which a series rests."""
    pauses = list_pause_days(series_id)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if any(pause.covers(day) for pause in pauses)]
