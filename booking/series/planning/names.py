"""A plan's name for programs: "Tue and Fri late morning, all 3 or 4 days apart; 1 at scottsdale"."""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

from booking.series.planning.alternatives import NamedPlan
from booking.series.planning.requests import PlanRequest

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOON, FIVE = 12 * 60, 17 * 60  # minutes of the local day
TEN, THREE = 10 * 60, 15 * 60


class DayPart(StrEnum):
    """When in the day all sessions of a plan start."""

    EARLY_MORNING = "early morning"  # before ten
    LATE_MORNING = "late morning"
    MORNING = "morning"
    EARLY_AFTERNOON = "early afternoon"  # before three
    LATE_AFTERNOON = "late afternoon"
    AFTERNOON = "afternoon"
    EVENING = "evening"  # from five on
    SEVERAL = "at different times"


def find_day_part(named: NamedPlan) -> DayPart:
    """Return the narrowest part of the day in which all sessions of a plan start."""
    first, last = named.minutes
    if last < NOON:
        halves = DayPart.EARLY_MORNING, DayPart.LATE_MORNING, DayPart.MORNING
        return halves[0] if last < TEN else halves[1] if first >= TEN else halves[2]
    if first >= NOON and last < FIVE:
        halves = DayPart.EARLY_AFTERNOON, DayPart.LATE_AFTERNOON, DayPart.AFTERNOON
        return halves[0] if last < THREE else halves[1] if first >= THREE else halves[2]
    return DayPart.EVENING if first >= FIVE else DayPart.SEVERAL


def describe_named_plan(request: PlanRequest, named: NamedPlan) -> str:
    """Return a plan's name with what is particular about it."""
    days = _join([WEEKDAYS[day] for day in named.weekdays], "and")
    name = f"{days} {find_day_part(named)}"
    return "; ".join(
        [", ".join([name, *_gaps(named)]), *_exceptions(named), *_places(request, named)]
    )


def _gaps(named: NamedPlan) -> Iterator[str]:
    """Yield how far apart the sessions of the first phase are."""
    sessions = named.plan.sessions
    gaps = sorted({s.gap for s in sessions if s.gap and s.phase == sessions[0].phase})
    if gaps:
        unit = "day" if gaps == [1] else "days"
        yield f"all {_join([str(gap) for gap in gaps], 'or')} {unit} apart"


def _exceptions(named: NamedPlan) -> Iterator[str]:
    if named.exceptions:
        days = [
            f"{WEEKDAYS[each.session.day.weekday()]} {each.session.day.isoformat()} "
            f"({each.missed_day.isoformat()} {each.reason})"
            for each in named.exceptions
        ]
        yield f"except {_join(days, 'and')}"


def _places(request: PlanRequest, named: NamedPlan) -> Iterator[str]:
    counts = Counter(session.slot.location for session in named.plan.sessions)
    home = request.home or counts.most_common(1)[0][0]
    for slug, count in sorted(counts.items()):
        if slug != home:
            yield f"{count} at {slug}"


def _join(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
