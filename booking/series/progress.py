"""How far a series has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from booking.series.rules import Phase


class SeriesStatus(StrEnum):
    """A proposed series is prescribed and has no times yet; an active one is booked whole."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    COMPLETED = "completed"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"  # before it was booked


GOING_ON = (SeriesStatus.PROPOSED, SeriesStatus.ACTIVE)  # a patient has one of these at a time


class SessionState(StrEnum):
    """What became of one place in a series; `unplaced` waits for a person, and is never dropped."""

    BOOKED = "booked"
    DONE = "done"
    MISSED = "missed"
    UNPLACED = "unplaced"
    CANCELLED = "cancelled"  # given up, or the series was stopped before it


UNPLACED_STATES = (SessionState.UNPLACED, SessionState.MISSED)  # a time may yet be given to these


class PauseDecision(StrEnum):
    """How a series goes on after a pause."""

    GO_ON = "go_on"  # where it was
    REPEAT = "repeat"  # with a phase once more
    END = "end"  # it is stopped


class DecisionKind(StrEnum):
    """What was decided about a series, beside its phases and pauses."""

    HEALED = "healed"  # what was to come was planned anew
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session's number and state, and the local date it stands or stood on."""

    number: int
    phase: int
    state: SessionState
    day: date | None


@dataclass(frozen=True, slots=True)
class SeriesProgress:
    """How many sessions are done, booked, missed and without a time; and how many gaps were kept."""

    treated: int
    booked: int
    missed: int
    unplaced: int
    gaps_due: int
    gaps_kept: int


def compute_progress(phases: Sequence[Phase], records: Sequence[SessionRecord]) -> SeriesProgress:
    """Sum a series up; a gap is due between two successive sessions that were done (CLINICAL §3)."""
    counts = {state: sum(p.state is state for p in records) for state in SessionState}
    treated = sorted(
        (record.day, record.phase)
        for record in records
        if record.state is SessionState.DONE and record.day is not None
    )
    gaps = [
        phases[phase].gap.allows((day - previous_day).days)
        for (previous_day, _), (day, phase) in pairwise(treated)
    ]
    return SeriesProgress(
        counts[SessionState.DONE],
        counts[SessionState.BOOKED],
        counts[SessionState.MISSED],
        counts[SessionState.UNPLACED],
        len(gaps),
        sum(gaps),
    )
