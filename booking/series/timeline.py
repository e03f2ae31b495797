"""A series as one line of time: sessions and gaps, phases, reviews, and what was changed by whom and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.patients import operations as patients
from booking.series.decisions import list_decisions
from booking.series.models import (
    InfusionSeries,
    SeriesDecision,
    SeriesPause,
    SeriesRevision,
)
from booking.series.pause_queries import list_pauses
from booking.series.pause_rules import PauseDays
from booking.series.progress import SeriesProgress, SeriesStatus, SessionState
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    get_phases,
    get_progress,
    list_series,
    list_sessions,
)
from booking.series.revisions import list_once_open, list_revisions
from booking.series.rules import Phase
from booking.series.timeline_rules import (
    MeasuredGap,
    PhaseSpan,
    StandingDay,
    list_expected_reviews,
    list_phase_spans,
    measure_gaps,
)
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind

VISIBLE = (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED)  # to the patient


class EntryState(StrEnum):
    """Where a session stands."""

    DONE = "done"
    COMING = "coming"
    MISSED = "missed"
    CANCELLED = "cancelled"  # its appointment was; the session is missed, or given up
    UNPLACED = "unplaced"


STATES = {
    SessionState.DONE: EntryState.DONE,
    SessionState.BOOKED: EntryState.COMING,
    SessionState.MISSED: EntryState.MISSED,
    SessionState.UNPLACED: EntryState.UNPLACED,
    SessionState.CANCELLED: EntryState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class TimelineSession:
    """One session, with the appointment that it has, or had and lost; `gap` is none of the first."""

    id: int
    number: int
    phase: int
    state: EntryState
    is_given_up: bool
    appointment: Appointment | None
    gap: MeasuredGap | None = None

    @property
    def day(self) -> date | None:
        """The local day it stands on, or stood on; none of one without a time."""
        if self.appointment is None or self.state is EntryState.UNPLACED:
            return None
        return self.appointment.local_date

    @property
    def token(self) -> str | None:
        """The proof for the page of one to come, where it can be changed."""
        is_coming = self.state is EntryState.COMING
        return self.appointment.token if self.appointment and is_coming else None


@dataclass(frozen=True, slots=True)
class SeriesTimeline:
    """All that happened in a series and is to happen; sessions by day, those without one by their number.

    `expected_reviews` has the day of each review to come, by the number of the session before it; `reviews`
    the tasks that asked for one, by the id of their session.
    """

    series: InfusionSeries
    phases: tuple[Phase, ...]
    sessions: Sequence[TimelineSession]
    spans: Sequence[PhaseSpan]
    progress: SeriesProgress
    expected_reviews: Mapping[int, date]
    reviews: Mapping[int, Sequence[Task]]
    revisions: Sequence[SeriesRevision]
    pauses: Sequence[SeriesPause]
    decisions: Sequence[SeriesDecision]

    @property
    def resting(self) -> SeriesPause | None:
        """The pause after which nobody has decided yet how the series goes on."""
        is_active = self.series.status is SeriesStatus.ACTIVE
        undecided = (each for each in self.pauses if is_active and each.decided_at is None)
        return next(undecided, None)

    @property
    def days_of_rest(self) -> list[PauseDays]:
        """The days of each pause that came to pass, or is to come."""
        days = [PauseDays(each.first_day, each.last_day) for each in self.pauses]
        return [each for each in days if each.last_day is None or each.first_day <= each.last_day]

    def begins_phase(self, session: TimelineSession) -> bool:
        """Tell whether a session is the first of a stretch of its phase, as sessions stand here.

        One that was given up begins a later phase, but returns to no earlier one.
        """
        current = -1
        for each in self.sessions:
            begins = each.phase > current if each.is_given_up else each.phase != current
            if each is session:
                return begins
            current = each.phase if begins else current
        return False


def read_timeline(series: InfusionSeries) -> SeriesTimeline:
    """Return a series as a line of time, whatever its status."""
    scheduled, phases = list_sessions(series.id), get_phases(series)
    standing = _list_standing_days(scheduled)
    gaps = measure_gaps(phases, standing)
    sessions = _in_order([_describe_session(each, gaps) for each in scheduled])
    return SeriesTimeline(
        series,
        phases,
        sessions,
        list_phase_spans(
            [(each.day, each.phase) for each in sessions if each.day and not each.is_given_up]
        ),
        get_progress(series),
        list_expected_reviews(phases, standing, list_once_open(series.id)),
        _read_reviews([each.session.id for each in scheduled]),
        list_revisions(series.id),
        list_pauses(series.id),
        list_decisions(series.id),
    )


def list_timelines(patient_id: int) -> list[SeriesTimeline]:
    """Return a person's series that go on or are complete, the newest first, as the person sees them."""
    series = [row for key in patients.list_record_ids(patient_id) for row in list_series(key)]
    visible = [row for row in series if row.status in VISIBLE]
    newest_first = sorted(visible, key=lambda row: row.prescribed_at, reverse=True)
    return [read_timeline(row) for row in newest_first]


def _list_standing_days(sessions: Sequence[ScheduledSession]) -> list[StandingDay]:
    days = [
        StandingDay(
            each.session.number,
            each.session.phase,
            each.appointment.local_date,
            each.session.state is SessionState.DONE,
        )
        for each in sessions
        if each.session.state in STANDING and each.appointment is not None
    ]
    return sorted(days, key=lambda session: session.day)


def _describe_session(
    scheduled: ScheduledSession, gaps: Mapping[int, MeasuredGap]
) -> TimelineSession:
    session, appointment = scheduled.session, scheduled.appointment
    state = STATES[session.state]
    if state is EntryState.MISSED and appointment and appointment.status is Status.CANCELLED:
        state = EntryState.CANCELLED
    return TimelineSession(
        session.id,
        session.number,
        session.phase,
        state,
        session.state is SessionState.CANCELLED,
        appointment,
        gaps.get(session.number) if session.state in STANDING else None,
    )


def _in_order(sessions: Sequence[TimelineSession]) -> list[TimelineSession]:
    """Return sessions by day; one without a time comes after the last before it, by number, that has one."""
    ordered, latest = [], date.min
    for session in sessions:
        latest = max(latest, session.day or date.min)
        ordered.append(((session.day or latest, session.day is None, session.number), session))
    return [session for _, session in sorted(ordered, key=lambda pair: pair[0])]


def _read_reviews(session_ids: Collection[int]) -> dict[int, list[Task]]:
    reviews: dict[int, list[Task]] = {}
    for task in tasks.list_tasks_about(TaskKind.REVIEW_SERIES, "session", session_ids):
        reviews.setdefault(task.subject_id, []).append(task)
    return reviews
