"""A series as its patient reads it, a step each: how often, each visit, where it was changed, and reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from booking.clock import local_date
from booking.series.rules import Gap, Phase
from booking.series.timeline import SeriesTimeline, TimelineSession


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step: a phase that begins, a day on which the plan was changed, a session, or a review after it."""

    phase: Phase | None = None
    changed_on: date | None = None
    session: TimelineSession | None = None
    is_review: bool = False


def list_steps(timeline: SeriesTimeline, zone: str) -> list[TimelineStep]:
    """Return the steps in order; days in `zone`. Why a plan was changed stays with the clinic."""
    changes = sorted({local_date(each.revised_at, zone) for each in timeline.revisions})
    steps: list[TimelineStep] = []
    gap: Gap | None = None
    for session in timeline.sessions:
        if session.is_given_up:
            continue
        while changes and session.day and changes[0] <= session.day:
            steps.append(TimelineStep(changed_on=changes.pop(0)))
        phase = timeline.phases[session.phase]
        if phase.gap != gap:  # how often is what a patient sees of a phase
            gap = phase.gap
            steps.append(TimelineStep(phase=phase))
        steps += _steps_of(timeline, session)
    return [*steps, *(TimelineStep(changed_on=day) for day in changes)]


def _steps_of(timeline: SeriesTimeline, session: TimelineSession) -> Iterator[TimelineStep]:
    yield TimelineStep(session=session)
    if session.number in timeline.expected_reviews:
        yield TimelineStep(is_review=True)
