"""What happened in a series and is to happen, a row each, in order of day: what its page lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from booking.clock import local_date
from booking.desk.series.decision_rows import DecisionWords, list_decision_words
from booking.locations.models import Location
from booking.mood.models import MoodForm
from booking.mood.series_drawings import list_dated_forms
from booking.series.models import SeriesRevision
from booking.series.rules import Phase, read_phases
from booking.series.template_changes import ScheduleChange, compare_phases, compare_phases_from
from booking.series.templates import Template
from booking.series.timeline import SeriesTimeline, TimelineSession
from booking.staff.queries import get_staff_names
from booking.tasks.models import Task

PRESCRIBED, CHANGED, DECIDED, SESSION, PHASE, REVIEW, SCORE = range(7)  # of one day, in this order


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """One row: its local day, if it has one, what it is, and what that kind of row shows."""

    order: int
    day: date | None
    phase: Phase | None = None
    session: TimelineSession | None = None
    number: int | None = None  # of the session that a review comes after
    review: Task | None = None
    revision: SeriesRevision | None = None
    changes: Sequence[ScheduleChange] = ()
    score: MoodForm | None = None
    decision: DecisionWords | None = None
    who: str = ""

    @property
    def kind(self) -> str:
        """What kind of row it is, as templates call it."""
        kinds = ("prescribed", "changed", "decided", "session", "phase", "review", "score")
        return kinds[self.order]


def list_progress_rows(
    timeline: SeriesTimeline, template: Template, location: Location, *, with_scores: bool
) -> list[ProgressRow]:
    """Return the rows of a series' page; a session without a time stands where its number has it."""
    rows = [
        *_prescription(timeline, template, location),
        *_changes(timeline, location),
        *_reviews(timeline, location),
        *(
            ProgressRow(DECIDED, local_date(each.at, location.time_zone), decision=each)
            for each in list_decision_words(timeline, with_scores=with_scores)
        ),
    ]
    if with_scores:
        scores = list_dated_forms(timeline.series)
        rows += [ProgressRow(SCORE, day, score=form) for day, form in scores]
    return _merge(rows, timeline)


def _merge(rows: Sequence[ProgressRow], timeline: SeriesTimeline) -> list[ProgressRow]:
    """Return rows by day, with the sessions among them in the order that they are in, and their phases."""
    keyed = [((row.day or date.max, row.order, 0), row) for row in rows]
    latest = rows[0].day or date.min
    for index, session in enumerate(timeline.sessions):
        latest = session.day or latest
        if timeline.begins_phase(session):
            phase = timeline.phases[session.phase]
            keyed.append(((latest, SESSION, index), ProgressRow(PHASE, session.day, phase=phase)))
        row = ProgressRow(SESSION, session.day, session=session)
        keyed.append(((latest, SESSION, index), row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


def _prescription(
    timeline: SeriesTimeline, template: Template, location: Location
) -> Iterator[ProgressRow]:
    """Yield when and by whom a series was prescribed, with what they made the patient's own."""
    series, revisions = timeline.series, timeline.revisions
    phases = read_phases(revisions[0].phases_before if revisions else series.phases)
    name = get_staff_names([series.prescribed_by_id])[series.prescribed_by_id]
    day = local_date(series.prescribed_at, location.time_zone)
    changes = compare_phases(template.phases, phases)
    yield ProgressRow(PRESCRIBED, day, changes=changes, who=name)


def _changes(timeline: SeriesTimeline, location: Location) -> Iterator[ProgressRow]:
    names = get_staff_names([revision.revised_by_id for revision in timeline.revisions])
    for revision in timeline.revisions:
        before, after = read_phases(revision.phases_before), read_phases(revision.phases_after)
        yield ProgressRow(
            CHANGED,
            local_date(revision.revised_at, location.time_zone),
            revision=revision,
            changes=compare_phases_from(before, after, revision.first_number),
            who=names[revision.revised_by_id],
        )


def _reviews(timeline: SeriesTimeline, location: Location) -> Iterator[ProgressRow]:
    requests = [task for tasks in timeline.reviews.values() for task in tasks]
    names = get_staff_names([task.done_by_id for task in requests if task.done_by_id])
    numbers = {session.id: session.number for session in timeline.sessions}
    for task in requests:
        day = local_date(task.done_at or task.created_at, location.time_zone)
        number, name = numbers.get(task.subject_id), names.get(task.done_by_id or 0, "")
        yield ProgressRow(REVIEW, day, review=task, number=number, who=name)
    for number, day in timeline.expected_reviews.items():
        yield ProgressRow(REVIEW, day, number=number)
