"""A series as its patient sees it: what was, what is to come, and how many days lie between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.patients import operations as patients
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, list_series, list_sessions

VISIBLE = (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED)


class EntryState(StrEnum):
    """Where a session stands, for its patient."""

    DONE = "done"
    COMING = "coming"
    MISSED = "missed"
    CANCELLED = "cancelled"
    UNPLACED = "unplaced"


STATES = {
    SessionState.DONE: EntryState.DONE,
    SessionState.BOOKED: EntryState.COMING,
    SessionState.MISSED: EntryState.MISSED,
    SessionState.UNPLACED: EntryState.UNPLACED,
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One appointment of a timeline, or a session without a time; `token` of one that can be changed.

    `gap_days` counts local days since the last one before that took place or is to come.
    """

    state: EntryState
    starts_at: datetime | None = None
    local_date: date | None = None
    location_id: int | None = None
    token: str | None = None
    gap_days: int | None = None


def list_timelines(patient_id: int) -> list[list[TimelineEntry]]:
    """Return a person's series that go on or are complete, the newest first, each as a timeline."""
    series = [row for key in patients.list_record_ids(patient_id) for row in list_series(key)]
    visible = [row for row in series if row.status in VISIBLE]
    newest_first = sorted(visible, key=lambda row: row.prescribed_at, reverse=True)
    return [build_timeline(list_sessions(row.id)) for row in newest_first]


def build_timeline(sessions: Sequence[ScheduledSession]) -> list[TimelineEntry]:
    """Return the sessions that were not given up: by day, then those without a time."""
    entries = [
        _describe_session(STATES[session.session.state], session.appointment)
        for session in sessions
        if session.session.state in STATES
    ]
    dated = sorted(
        (entry for entry in entries if entry.starts_at), key=lambda entry: str(entry.starts_at)
    )
    return [*_with_gaps(dated), *(entry for entry in entries if not entry.starts_at)]


def describe_upcoming(appointment: Appointment) -> TimelineEntry:
    """Return a booked appointment to come."""
    return _describe_session(EntryState.COMING, appointment)


def _describe_session(state: EntryState, appointment: Appointment | None) -> TimelineEntry:
    if appointment is None or state is EntryState.UNPLACED:
        return TimelineEntry(state)
    if appointment.status is Status.CANCELLED:
        state = EntryState.CANCELLED
    return TimelineEntry(
        state,
        appointment.starts_at,
        appointment.local_date,
        appointment.location_id,
        appointment.token if state is EntryState.COMING else None,
    )


def _with_gaps(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Return entries in order of time, each with its distance from the last that counts before it."""
    previous_day: date | None = None
    entries_with_gaps = []
    for entry in entries:
        is_counted = entry.state in (EntryState.DONE, EntryState.COMING)
        gap_days = None
        if is_counted and previous_day is not None and entry.local_date is not None:
            gap_days = (entry.local_date - previous_day).days
        entries_with_gaps.append(replace(entry, gap_days=gap_days))
        previous_day = entry.local_date if is_counted else previous_day
    return entries_with_gaps
