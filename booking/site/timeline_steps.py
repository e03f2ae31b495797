"""A series as its patient reads it, a step each: how often, each visit, changes, rest, and reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from booking.clock import local_date
from booking.series.pause_rules import PauseDays
from booking.series.rules import Gap, Phase
from booking.series.timeline import EntryState, SeriesTimeline, TimelineSession


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step: a phase that begins, a day on which the plan was changed, days of rest, a session, a review.

    A session without a time `waits` while the series rests: nobody looks for one before it is decided on.
    """

    phase: Phase | None = None
    changed_on: date | None = None
    rest: PauseDays | None = None
    session: TimelineSession | None = None
    is_review: bool = False
    waits: bool = False


def list_timeline_steps(timeline: SeriesTimeline, zone: str) -> list[TimelineStep]:
    """Return the steps in order; days in `zone`. Why a plan was changed stays with the clinic.

    What was given up, by a pause or another plan, is no step: nobody missed it.
    """
    events, resting = _list_events(timeline, zone), timeline.resting is not None
    steps: list[TimelineStep] = []
    gap: Gap | None = None
    for session in timeline.sessions:
        if session.is_given_up:
            continue
        until = session.day or (date.max if resting else date.min)
        while events and events[0][0] <= until:
            steps.append(events.pop(0)[1])
        phase = timeline.phases[session.phase]
        if phase.gap != gap:  # how often is what a patient sees of a phase
            gap = phase.gap
            steps.append(TimelineStep(phase=phase))
        steps += _steps_of(timeline, session, resting=resting)
    return [*steps, *(step for _, step in events)]


def _list_events(timeline: SeriesTimeline, zone: str) -> list[tuple[date, TimelineStep]]:
    """Return the changes of a plan and its days of rest, by day."""
    changes = sorted({local_date(each.revised_at, zone) for each in timeline.revisions})
    events = [(day, TimelineStep(changed_on=day)) for day in changes]
    events += [(each.first_day, TimelineStep(rest=each)) for each in timeline.days_of_rest]
    return sorted(events, key=lambda event: event[0])


def _steps_of(
    timeline: SeriesTimeline, session: TimelineSession, *, resting: bool
) -> Iterator[TimelineStep]:
    yield TimelineStep(session=session, waits=resting and session.state is EntryState.UNPLACED)
    if session.number in timeline.expected_reviews:
        yield TimelineStep(is_review=True)
