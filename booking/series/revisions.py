"""A series' own phases, changed after it was prescribed: sessions before the change stay as they were."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from booking.extensions import db
from booking.series.models import InfusionSeries, SeriesRevision
from booking.series.phase_groups import first_maintenance_index
from booking.series.progress import SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.rules import (
    InvalidSchedule,
    Phase,
    find_phase,
    require_ordered_phases,
    require_past_unchanged,
)


def revise_phases(
    series: InfusionSeries,
    phases: Sequence[Phase],
    first_number: int,
    staff_id: int,
    reason: str,
    now: datetime,
    *,
    first_day: date | None = None,
) -> SeriesRevision:
    """Give a series other phases from session `first_number` on, in the caller's transaction.

    Sessions from that number on get their phases anew; no appointment changes. `first_day` is the local day
    from which the change counts, where one was chosen. The caller holds the series' row and has cancelled
    what is past a new end. Raises `InvalidSchedule` for phases that would change sessions before.
    """
    before, after = get_phases(series), require_ordered_phases(phases)
    require_past_unchanged(before, after, first_number)
    for scheduled in list_sessions(series.id):
        if scheduled.session.number >= first_number:
            scheduled.session.phase = _phase_after(after, scheduled)
    series.phases = [phase.to_dict() for phase in after]
    revision = SeriesRevision(
        series_id=series.id,
        first_number=first_number,
        first_day=first_day,
        phases_before=[phase.to_dict() for phase in before],
        phases_after=series.phases,
        revised_by_id=staff_id,
        revised_at=now,
        reason=reason,
    )
    db.session.add(revision)
    db.session.flush()
    return revision


def _phase_after(phases: Sequence[Phase], scheduled: ScheduledSession) -> int:
    """Return the phase of a session under new phases; one given up, or missed, may lie past their end."""
    session = scheduled.session
    index = find_phase(phases, session.number)
    if index is None and session.state not in (SessionState.CANCELLED, SessionState.MISSED):
        raise InvalidSchedule(f"phases: session {session.number} is past their end")
    return len(phases) - 1 if index is None else index


def list_once_open(series_id: int) -> set[int]:
    """Return the indexes of a series' phases that were open-ended once: a change of frequency ended them."""
    return {
        index
        for revision in list_revisions(series_id)
        for index, phase in enumerate(revision.phases_before)
        if phase["sessions"] is None
    }


def is_rolling(series: InfusionSeries) -> bool:
    """Tell whether a series is booked some weeks ahead: its last phase has no end, or got one later."""
    phases = get_phases(series)
    return phases[-1].sessions is None or len(phases) - 1 in list_once_open(series.id)


def get_maintenance_index(series: InfusionSeries) -> int:
    """Return the index at which a series' last phase began, before its frequency was ever changed."""
    return first_maintenance_index(get_phases(series), list_once_open(series.id))


def list_revisions(series_id: int) -> list[SeriesRevision]:
    """Return the changes of a series' phases, the oldest first."""
    rows = select(SeriesRevision).filter_by(series_id=series_id).order_by(SeriesRevision.id)
    return list(db.session.scalars(rows))
