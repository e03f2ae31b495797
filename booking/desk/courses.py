"""A patient's series with their sessions, read for the patient's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from booking.locations import operations as locations
from booking.locations.models import Location
from booking.series.models import InfusionSeries
from booking.series.progress import Progress
from booking.series.reading import (
    STANDING,
    Placed,
    held,
    is_suspended,
    phases_of,
    progress_of,
    series_of,
    sessions_of,
    template_of,
)
from booking.series.rules import Template


@dataclass(frozen=True, slots=True)
class CourseSession:
    """One session with its visit, if it has one, and the days since the one before that stands."""

    placed: Placed
    gap: int | None
    phase: str

    @property
    def is_suspended(self) -> bool:
        """Whether the patient isn't cleared for it: its time is kept until a decision."""
        return is_suspended([self.placed])


@dataclass(frozen=True, slots=True)
class Course:
    """One series of a patient, as its page shows it."""

    series: InfusionSeries
    template: Template
    location: Location
    sessions: Sequence[CourseSession]
    progress: Progress

    @property
    def is_suspended(self) -> bool:
        """Whether sessions to come wait for a practitioner's decision."""
        return any(one.is_suspended for one in self.sessions)


def courses_of(patient_id: int) -> list[Course]:
    """Return a patient's series, the newest first."""
    return [_course(one) for one in series_of(patient_id)]


def _course(found: InfusionSeries) -> Course:
    return Course(
        found,
        template_of(found),
        locations.by_id(found.location_id),
        _with_gaps(found, sessions_of(found.id)),
        progress_of(found),
    )


def _with_gaps(found: InfusionSeries, sessions: Sequence[Placed]) -> list[CourseSession]:
    """Return the sessions with the gaps before them, by day; a gap spans those that don't stand."""
    names = [phase.name for phase in phases_of(found)]
    days = sorted(one.day for one in held(list(sessions)))
    before = dict(pairwise(reversed(days)))
    shown = []
    for placed in sessions:
        is_standing = placed.visit is not None and placed.session.state in STANDING
        day = placed.visit.local_date if placed.visit is not None and is_standing else None
        gap = (day - before[day]).days if day in before else None
        shown.append(CourseSession(placed, gap, names[placed.session.phase]))
    return shown
