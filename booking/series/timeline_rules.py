"""How sessions follow one another: gaps, where phases begin, and which reviews are to come. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from booking.series.phase_groups import list_phase_groups
from booking.series.rules import Phase


@dataclass(frozen=True, slots=True)
class StandingDay:
    """A session that took place or is to come: its number, the index of its phase, its local day."""

    number: int
    phase: int
    day: date
    is_done: bool


@dataclass(frozen=True, slots=True)
class MeasuredGap:
    """How many days a session is later than the one before, and whether its phase allows that."""

    days: int
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """The local days of the first session of a stretch of one phase, and of its last."""

    phase: int
    first_day: date
    last_day: date


def measure_gaps(
    phases: Sequence[Phase], sessions: Sequence[StandingDay]
) -> dict[int, MeasuredGap]:
    """Return, by number, the gap before each session but the first; `sessions` are in order of day."""
    gaps: dict[int, MeasuredGap] = {}
    for earlier, later in pairwise(sessions):
        days = (later.day - earlier.day).days
        gaps[later.number] = MeasuredGap(days, phases[later.phase].gap.allows(days))
    return gaps


def list_phase_spans(days: Sequence[tuple[date, int]]) -> list[PhaseSpan]:
    """Return where one phase follows another; `days` are those of sessions, with their phases, in order."""
    groups = [list(group) for _, group in groupby(days, lambda pair: pair[1])]
    return [PhaseSpan(group[0][1], group[0][0], group[-1][0]) for group in groups]


def list_expected_reviews(
    phases: Sequence[Phase], sessions: Sequence[StandingDay], once_open: Collection[int] = ()
) -> dict[int, date]:
    """Return the numbers of sessions to come that a review is due after, with their days.

    As if all of them took place: counted are the sessions of each phase, those done first. `once_open` are
    the phases that were open-ended before their frequency was changed.
    """
    expected: dict[int, date] = {}
    for group in list_phase_groups(phases, once_open):
        interval = phases[group[0]].review_every
        of_group = [session for session in sessions if session.phase in group]
        in_order = sorted(of_group, key=lambda session: (not session.is_done, session.day))
        for count, session in enumerate(in_order, 1):
            if interval and count % interval == 0 and not session.is_done:
                expected[session.number] = session.day
    return expected
