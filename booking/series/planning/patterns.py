"""Patterns of weekdays that a plan can keep to all through: "Mondays and Thursdays"."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from booking.series.planning.requests import PlanRequest
from booking.series.rules import Gap, Phase

EVERY_WEEKDAY = tuple(range(7))


def list_weekday_patterns(request: PlanRequest) -> list[tuple[int, ...]]:
    """Return the sets of weekdays (Monday is 0) that can repeat within the gaps of the densest phase.

    Only weekdays on which something is free count. Where no set can repeat, every weekday keeps to the one
    pattern there is.
    """
    gap = find_densest_phase(request).gap
    weekdays = {day.weekday() for day in _free_days(request)}
    size = min(sessions_per_week(gap), len(weekdays))
    patterns = combinations(sorted(weekdays), size) if size else ()
    repeating = [pattern for pattern in patterns if _repeats(pattern, gap)]
    return repeating or [EVERY_WEEKDAY]


def find_densest_phase(request: PlanRequest) -> Phase:
    """Return the phase with the most sessions a week, of those that are planned."""
    phases = (request.phases[request.phase_index(number)] for number in request.numbers)
    return max(phases, key=lambda phase: sessions_per_week(phase.gap))


def sessions_per_week(gap: Gap) -> int:
    """Return how many sessions a week an ideal gap makes, one at least."""
    return max(1, 7 // gap.ideal_min_days)


def _free_days(request: PlanRequest) -> Iterator[date]:
    """Yield the days that the plan may use on which something is free, in any phase and at any location."""
    for by_location in request.free.values():
        for days in by_location.values():
            for day, minutes in days.items():
                if minutes and request.first_day <= day <= request.last_day:
                    yield day


def _repeats(pattern: Sequence[int], gap: Gap) -> bool:
    """Tell whether a pattern repeats week by week: one weekday always, more where each gap is allowed."""
    following = (*pattern[1:], pattern[0] + 7)
    return len(pattern) == 1 or all(
        gap.allows(later - earlier) for earlier, later in zip(pattern, following, strict=True)
    )
