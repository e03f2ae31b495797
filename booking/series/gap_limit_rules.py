"""When the gap after a session is about to be longer than its schedule allows: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.series.gap_rules import StandingSession
from booking.series.rules import Phase

WARN_BEFORE = timedelta(days=2)  # the limit


@dataclass(frozen=True, slots=True)
class GapLimit:
    """The last local day on which the session after session `number` keeps its gap, and nothing stands."""

    number: int
    day: date


def find_gap_limit(
    phases: Sequence[Phase],
    sessions: Sequence[StandingSession],
    next_phase: int | None,
    today: date,
) -> GapLimit | None:
    """Return the limit that the gap after the last session up to `today` reaches in two days, or has passed.

    None while a session stands within it. `next_phase` is that of the next session without a time; None
    when none is to come. Without a session up to today there is no gap.
    """
    last = max(
        (each for each in sessions if each.day <= today), key=lambda each: each.day, default=None
    )
    if last is None:
        return None
    following = min(
        (each for each in sessions if each.day > last.day), key=lambda each: each.day, default=None
    )
    phase = following.phase if following else next_phase
    if phase is None:
        return None
    limit = last.day + timedelta(days=phases[phase].gap.max_days)
    is_kept = following is not None and following.day <= limit
    return None if is_kept or today < limit - WARN_BEFORE else GapLimit(last.number, limit)
