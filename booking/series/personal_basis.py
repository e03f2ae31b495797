"""A series whose phases change from a session on: what stands before it, and what is to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.series.models import InfusionSeries
from booking.series.planning.requests import PlanSlot
from booking.series.progress import SessionState
from booking.series.queries import STANDING, ScheduledSession, list_sessions
from booking.series.rules import Gap, Phase, find_phase, last_session_number
from booking.series.standing_slots import to_slot

MOST_AHEAD = 60  # sessions of a phase without an end that are looked at


@dataclass(frozen=True, slots=True)
class PhasesFrom:
    """Phases of a series from session `first_number` on, with what stands before it and what is to come.

    `numbers` are those that sessions to come may have: one that was missed keeps its own.
    """

    series: InfusionSeries
    sessions: Sequence[ScheduledSession]
    phases: tuple[Phase, ...]
    first_number: int
    previous: PlanSlot | None
    coming: Sequence[ScheduledSession]
    numbers: Sequence[int]

    def phase_of(self, number: int) -> int:
        """Return the index of the new phase of a session."""
        return find_phase(self.phases, number) or 0

    def gap_of(self, number: int) -> Gap:
        """Return the new gap before a session."""
        return self.phases[self.phase_of(number)].gap


def read_phases_from(
    series: InfusionSeries, phases: tuple[Phase, ...], first_number: int, now: datetime
) -> PhasesFrom:
    """Read what a change of phases from a session on begins with."""
    sessions = list_sessions(series.id)
    before = [
        each.appointment
        for each in sessions
        if each.appointment
        and each.session.state in STANDING
        and each.session.number < first_number
    ]
    coming = [
        each for each in sessions if each.session.number >= first_number and each.is_coming(now)
    ]
    missed = {each.session.number for each in sessions if each.session.state is SessionState.MISSED}
    last_number = last_session_number(phases) or first_number + MOST_AHEAD
    last = max(before, key=lambda appointment: appointment.starts_at, default=None)
    return PhasesFrom(
        series,
        sessions,
        phases,
        first_number,
        to_slot(last) if last else None,
        sorted(coming, key=lambda each: slot_of(each).day),
        [number for number in range(first_number, last_number + 1) if number not in missed],
    )


def slot_of(scheduled: ScheduledSession) -> PlanSlot:
    """Return where a session that is to come stands."""
    assert scheduled.appointment is not None  # noqa: S101 - it is to come
    return to_slot(scheduled.appointment)
