"""A patient's series with their sessions, read for the patient's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from booking.locations import operations as locations
from booking.locations.models import Location
from booking.series.models import InfusionSeries, SeriesPause
from booking.series.pause_queries import list_pauses
from booking.series.progress import SeriesProgress
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    filter_placeable,
    get_phases,
    get_progress,
    get_template,
    is_session_suspended,
    list_series,
    list_sessions,
    list_standing_sessions,
)
from booking.series.revisions import is_rolling
from booking.series.templates import Template
from booking.series.usual_slots import MissedSlot
from booking.staff.queries import get_staff_names


@dataclass(frozen=True, slots=True)
class SeriesSession:
    """One session with its appointment, if it has one, and the days since the one before that stands."""

    scheduled: ScheduledSession
    gap: int | None
    phase: str

    @property
    def is_suspended(self) -> bool:
        """Whether the patient isn't cleared for it: its time is kept until a decision."""
        return is_session_suspended([self.scheduled])

    @property
    def missed_slot(self) -> MissedSlot | None:
        """The usual slot that it could not have, while it stands where it was booked in its place."""
        appointment, data = self.scheduled.appointment, self.scheduled.session.missed_slot
        is_as_booked = appointment is not None and appointment.sequence == 0
        return MissedSlot.from_dict(data) if data and is_as_booked else None


@dataclass(frozen=True, slots=True)
class PauseSummary:
    """A time in which a series rests, or rested, with who ordered it and who decided how it went on."""

    pause: SeriesPause
    paused_by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series of a patient, as its page shows it."""

    series: InfusionSeries
    template: Template
    location: Location
    sessions: Sequence[SeriesSession]
    progress: SeriesProgress
    pauses: Sequence[PauseSummary]
    is_rolling: bool
    placeable_ids: frozenset[int]  # of the sessions that may be given a time

    @property
    def undecided_pause(self) -> SeriesPause | None:
        """The pause after which it is yet to be decided how it goes on."""
        undecided = (each.pause for each in self.pauses if each.pause.decided_at is None)
        return next(undecided, None)

    @property
    def is_suspended(self) -> bool:
        """Whether sessions to come wait for a practitioner's decision."""
        return any(session.is_suspended for session in self.sessions)


def list_series_summaries(patient_id: int) -> list[SeriesSummary]:
    """Return a patient's series, the newest first."""
    return [summarize_series(series) for series in list_series(patient_id)]


def summarize_series(series: InfusionSeries) -> SeriesSummary:
    """Return one series with its sessions, progress and pauses."""
    sessions = list_sessions(series.id)
    placeable = filter_placeable([each.session for each in sessions], series)
    return SeriesSummary(
        series,
        get_template(series),
        locations.get_location(series.location_id),
        _with_gaps(series, sessions),
        get_progress(series),
        _list_pauses(series),
        is_rolling(series),
        frozenset(session.id for session in placeable),
    )


def _list_pauses(series: InfusionSeries) -> list[PauseSummary]:
    pauses = list_pauses(series.id)
    ids = {each.paused_by_id for each in pauses} | {each.decided_by_id or 0 for each in pauses}
    names = get_staff_names(ids)
    return [
        PauseSummary(each, names[each.paused_by_id], names.get(each.decided_by_id or 0, ""))
        for each in pauses
    ]


def _with_gaps(series: InfusionSeries, sessions: Sequence[ScheduledSession]) -> list[SeriesSession]:
    """Return the sessions with the gaps before them, by day; a gap spans those that don't stand."""
    names = [phase.name for phase in get_phases(series)]
    days = sorted(session.day for session in list_standing_sessions(list(sessions)))
    previous_days = dict(pairwise(reversed(days)))
    views = []
    for scheduled in sessions:
        is_standing = scheduled.appointment is not None and scheduled.session.state in STANDING
        day = (
            scheduled.appointment.local_date
            if scheduled.appointment is not None and is_standing
            else None
        )
        gap = (day - previous_days[day]).days if day in previous_days else None
        views.append(SeriesSession(scheduled, gap, names[scheduled.session.phase]))
    return views
