"""A patient's series with their sessions, read for the patient's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from booking.locations import operations as locations
from booking.locations.models import Location
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesProgress
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    get_phases,
    get_progress,
    get_template,
    is_session_suspended,
    list_series,
    list_sessions,
    list_standing_sessions,
)
from booking.series.templates import Template


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


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series of a patient, as its page shows it."""

    series: InfusionSeries
    template: Template
    location: Location
    sessions: Sequence[SeriesSession]
    progress: SeriesProgress

    @property
    def is_suspended(self) -> bool:
        """Whether sessions to come wait for a practitioner's decision."""
        return any(session.is_suspended for session in self.sessions)


def list_series_summaries(patient_id: int) -> list[SeriesSummary]:
    """Return a patient's series, the newest first."""
    return [_course(series) for series in list_series(patient_id)]


def _course(series: InfusionSeries) -> SeriesSummary:
    return SeriesSummary(
        series,
        get_template(series),
        locations.get_location(series.location_id),
        _with_gaps(series, list_sessions(series.id)),
        get_progress(series),
    )


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
