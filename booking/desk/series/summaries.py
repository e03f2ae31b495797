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
        return any(one.is_suspended for one in self.sessions)


def list_series_summaries(patient_id: int) -> list[SeriesSummary]:
    """Return a patient's series, the newest first."""
    return [_course(one) for one in list_series(patient_id)]


def _course(found: InfusionSeries) -> SeriesSummary:
    return SeriesSummary(
        found,
        get_template(found),
        locations.get_location(found.location_id),
        _with_gaps(found, list_sessions(found.id)),
        get_progress(found),
    )


def _with_gaps(found: InfusionSeries, sessions: Sequence[ScheduledSession]) -> list[SeriesSession]:
    """Return the sessions with the gaps before them, by day; a gap spans those that don't stand."""
    names = [phase.name for phase in get_phases(found)]
    days = sorted(one.day for one in list_standing_sessions(list(sessions)))
    before = dict(pairwise(reversed(days)))
    shown = []
    for placed in sessions:
        is_standing = placed.appointment is not None and placed.session.state in STANDING
        day = (
            placed.appointment.local_date
            if placed.appointment is not None and is_standing
            else None
        )
        gap = (day - before[day]).days if day in before else None
        shown.append(SeriesSession(placed, gap, names[placed.session.phase]))
    return shown
