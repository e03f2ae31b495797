"""When a pause leaves a decision to make: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.series.gap_rules import StandingSession
from booking.series.rules import Phase, find_phase


@dataclass(frozen=True, slots=True)
class PauseDays:
    """The local days of a pause, both included; `last_day` None: until further notice."""

    first_day: date
    last_day: date | None

    def covers(self, day: date) -> bool:
        """Tell whether a local date lies in the pause."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def find_gap_over_pause(
    phases: Sequence[Phase], standing: Sequence[StandingSession], days: PauseDays, next_number: int
) -> int | None:
    """Return how many days lie over a pause at least if its phase allows no such gap; None if it does.

    `standing` are the sessions that stand beside the pause. Where none stands after it, the next one,
    `next_number`, is on the day after it at the earliest. A pause until further notice has no gap yet.
    """
    before = [session for session in standing if session.day < days.first_day]
    if days.last_day is None or not before:
        return None
    after = [session for session in standing if session.day > days.last_day]
    if after:
        following = min(after, key=lambda session: session.day)
        next_day, index = following.day, following.phase
    else:
        next_day = days.last_day + timedelta(days=1)
        phase_index = find_phase(phases, next_number)
        if phase_index is None:
            return None
        index = phase_index
    gap_days = (next_day - max(session.day for session in before)).days
    return gap_days if gap_days > phases[index].gap.max_days else None
