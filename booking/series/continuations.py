"""From which session on a series goes on after a pause or a gap, and which phases may be given once more."""

from collections.abc import Sequence
from datetime import date, datetime

from booking.series.models import InfusionSeries
from booking.series.phase_revisions import with_repeat
from booking.series.progress import SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.refusals import InvalidChange
from booking.series.resumption_plans import ContinuedSeries
from booking.series.revisions import get_maintenance_index, list_once_open
from booking.series.rules import Phase


def list_repeatable_phases(series: InfusionSeries) -> list[tuple[int, Phase]]:
    """Return the phases that ended, or were under way, with their indexes: what may be given once more."""
    phases, maintenance = get_phases(series), get_maintenance_index(series)
    reached = max(
        (each.session.phase for each in list_sessions(series.id)
         if each.session.state is SessionState.DONE), default=0,
    )  # fmt: skip
    return [
        (index, phase)
        for index, phase in enumerate(phases)
        if index <= reached and (index < maintenance or phase.sessions is not None)
    ]


def read_continued(
    series: InfusionSeries,
    first_day: date,
    coming_since: date,
    repeats: int | None,
    now: datetime,
    *,
    resumes: bool,
) -> ContinuedSeries:
    """Read what a series goes on with from `first_day` on, laying out anew what is to come since a local day.

    Raises `InvalidChange` ("phase") for a phase that can't be repeated.
    """
    sessions, phases = list_sessions(series.id), get_phases(series)
    coming = [
        each
        for each in sessions
        if each.is_coming(now)
        and each.appointment is not None
        and each.appointment.local_date >= coming_since
    ]
    last_number = max(
        (each.session.number for each in sessions if _is_settled(each, coming, phases)), default=0
    )
    if repeats is not None:
        if repeats not in dict(list_repeatable_phases(series)):
            raise InvalidChange("phase")
        phases = with_repeat(phases, last_number, repeats, list_once_open(series.id))
    return ContinuedSeries(series, first_day, sessions, coming, phases, last_number + 1, resumes)


def _is_settled(
    scheduled: ScheduledSession, coming: Sequence[ScheduledSession], phases: Sequence[Phase]
) -> bool:
    """Tell whether a session has had its turn: what is to come, or was cancelled in an open end, has not."""
    state, phase = scheduled.session.state, phases[scheduled.session.phase]
    if state is SessionState.CANCELLED:
        return phase.sessions is not None
    return state is not SessionState.UNPLACED and scheduled not in coming
