"""What a closure's new times keep to: the gaps of each series around the sessions that lose theirs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from booking.series.gap_rules import StandingSession
from booking.series.rules import Gap, Phase


@dataclass(frozen=True, slots=True)
class SessionSpacing:
    """The gap between two successive sessions that may both move, and the days that are allowed between them.

    The gap as it stands is always allowed, even one that the phase does not allow.
    """

    earlier: int
    later: int
    gap: Gap
    min_days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class _Neighbor:
    """The session before or after one that moves: the rule of the gap, and where it stands."""

    gap: Gap
    day: date
    is_before: bool

    def days_to(self, day: date) -> int:
        return (day - self.day).days if self.is_before else (self.day - day).days

    def allows(self, day: date, old_day: date) -> bool:
        """Tell whether the gap is allowed, or is wrong as it stands and gets no worse."""
        days, old_days = self.days_to(day), self.days_to(old_day)
        if self.gap.allows(days):
            return True
        if days < self.gap.min_days:
            return 0 < old_days <= days
        return old_days >= days


def list_session_move_days(
    phases: Sequence[Phase],
    sessions: Sequence[StandingSession],
    number: int,
    displaced_numbers: Collection[int],
    days: Iterable[date],
) -> dict[date, int]:
    """Return which local days a session may move to, each with the days by which its gaps miss the ideal.

    Gaps to other displaced sessions are left out, as those move too (`list_spacings`). A gap that is wrong as
    it stands may stay as wrong.
    """
    in_order = sorted(sessions, key=lambda session: session.day)
    index = next(i for i, session in enumerate(in_order) if session.number == number)
    neighbors = []
    for other, is_before in (
        *((each, True) for each in in_order[:index][-1:]),
        *((each, False) for each in in_order[index + 1 :][:1]),
    ):
        if other.number not in displaced_numbers:
            phase = in_order[index].phase if is_before else other.phase
            neighbors.append(_Neighbor(phases[phase].gap, other.day, is_before))
    old_day = in_order[index].day
    return {
        day: sum(each.gap.days_from_ideal(each.days_to(day)) for each in neighbors)
        for day in days
        if all(each.allows(day, old_day) for each in neighbors)
    }


def is_near_limit(
    phases: Sequence[Phase], sessions: Sequence[StandingSession], number: int
) -> bool:
    """Tell whether one day more before or after a session would be too long a gap."""
    in_order = sorted(sessions, key=lambda session: session.day)
    return any(
        (later.day - earlier.day).days >= phases[later.phase].gap.max_days
        for earlier, later in pairwise(in_order)
        if number in (earlier.number, later.number)
    )


def list_spacings(
    phases: Sequence[Phase],
    sessions: Sequence[StandingSession],
    displaced_numbers: Collection[int],
) -> list[SessionSpacing]:
    """Return the gaps between successive sessions that both move."""
    in_order = sorted(sessions, key=lambda session: session.day)
    return [
        _space(earlier, later, phases[later.phase].gap)
        for earlier, later in pairwise(in_order)
        if {earlier.number, later.number} <= set(displaced_numbers)
    ]


def _space(earlier: StandingSession, later: StandingSession, gap: Gap) -> SessionSpacing:
    days = (later.day - earlier.day).days
    least, most = min(gap.min_days, days), max(gap.max_days, days)
    return SessionSpacing(earlier.number, later.number, gap, least, most)
