"""Rules and costs of a planning instance (JSON), stated a second time: shares no code with the planner.

Rates that an instance leaves out are those shipped (docs/decisions/0045). `find_optimum` is a second way to
the best plan, slow and plain.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import combinations, pairwise
from typing import Any, NamedTuple

FAR = 1 << 61  # points of a step that is not allowed
AHEAD, LEAST_AHEAD = 42, 4  # days and sessions that a phase without an end is planned for
RATES = {  # points a unit
    "gap_days": 10**8,
    "late_start_days": 50_000,
    "unwanted": 10_000,
    "exceptions": 1_500,
    "weekday_changes": 1_500,
    "start_delay_days": 1_000,
    "time_change": 20,
    "location_changes": 450,
    "away": 250,
    "lateness_days": 1,
}
ANY: dict[str, Any] = {"weekdays": [*range(7)], "from": "00:00", "to": "23:59"}


class Wrong(Exception):
    """An answer or its certificate is wrong; the message says where."""


class Slot(NamedTuple):
    """A local start at a location."""

    at: datetime
    place: str

    @property
    def day(self) -> date:
        """The local day."""
        return self.at.date()

    @property
    def written(self) -> tuple[str, str]:
        """Location and start as answers write them."""
        return self.place, f"{self.at:%Y-%m-%dT%H:%M}"

    @property
    def step(self) -> int:
        """The start in steps of five minutes."""
        return self.at.hour * 12 + self.at.minute // 5


class InstanceRules:
    """What an instance allows, and what it costs; sessions count from 0."""

    def __init__(self, instance: dict[str, Any]) -> None:
        self.phases = _list_sessions(instance["phases"])
        self.rates = RATES | instance.get("rates", {})
        self.windows = sorted(
            instance.get("authorisations", []), key=lambda each: each["first_day"]
        )
        self.only, self.rather = ANY | instance.get("only", {}), ANY | instance.get("rather", {})
        self.home, self.first = instance.get("location"), date.fromisoformat(instance["first_day"])
        self.others = [date.fromisoformat(day) for day in instance.get("other_infusions", [])]
        slots = {(start, place) for place, starts in instance["free"].items() for start in starts}
        self.free = sorted(Slot(datetime.fromisoformat(start), place) for start, place in slots)
        self.free = [slot for slot in self.free if slot.day >= self.first]
        self.slots = [self._slots(k, phase["gap"][0]) for k, phase in enumerate(self.phases)]
        self.patterns = self._patterns() or [tuple(range(7))]

    def _slots(self, session: int, least: int) -> list[Slot]:
        wanted = [slot for slot in self.free if is_inside(self.only, slot.at)]
        wanted = [slot for slot in wanted if self._may_be_authorised(session, slot.day)]
        return [slot for slot in wanted if all(_apart(slot, day) >= least for day in self.others)]

    def _may_be_authorised(self, session: int, day: date) -> bool:
        """Tell whether windows hold all sessions up to this one, and from it on all the others.

        With two windows at most, in order, that is all that their counts ask.
        """
        held, left = [each["sessions"] for each in self.windows], len(self.phases) - session
        return not held or any(
            _covers(each, day) and session < sum(held[: n + 1]) and left <= sum(held[n:])
            for n, each in enumerate(self.windows)
        )

    def _patterns(self) -> list[tuple[int, ...]]:
        """Return the sets of weekdays that repeat within the gaps of the first of the densest phases."""
        densest = max(self.phases, key=lambda phase: max(1, 7 // phase["gap"][1]))
        least, ideal, _, most = densest["gap"]
        open_days = sorted({slot.day.weekday() for slot in self.free})
        sets = combinations(open_days, min(max(1, 7 // ideal), len(open_days)))
        return [days for days in sets if days and _repeats(days, least, most)]

    def gaps(self, session: int) -> range:
        """Return the days allowed before a session."""
        least, _, _, most = self.phases[session]["gap"]
        return range(least, most + 1)

    def read_plan(self, sessions: Iterable[dict[str, str]]) -> list[Slot]:
        """Read a plan; raise `Wrong` unless each session has a slot that is free for it."""
        plan = [Slot(datetime.fromisoformat(each["start"]), each["location"]) for each in sessions]
        require(len(plan) == len(self.phases), "sessions are missing")
        for k, slot in enumerate(plan):
            require(slot in self.slots[k], f"session {k + 1} is not free")
        return plan

    def slot_points(self, session: int, slot: Slot, pattern: Sequence[int], earliest: date) -> int:
        """Return what a slot costs by itself."""
        weekday = slot.day.weekday()
        unwanted = (weekday not in self.rather["weekdays"]) + (not is_in_time(self.rather, slot.at))
        delay = (slot.day - earliest).days if session == 0 else 0
        away = self.home not in (None, slot.place)
        return self._points(
            unwanted=unwanted,
            exceptions=weekday not in pattern,
            away=away,
            start_delay_days=delay,
            late_start_days=max(0, delay - 6),
            lateness_days=(slot.day - self.first).days,
        )

    def gap_points(self, session: int, days: int) -> int:
        """Return what so many days before a session cost."""
        least, low, high, most = map(int, self.phases[session]["gap"])
        changed = low >= 5 and days % 7 > 0
        points = self._points(gap_days=max(low - days, days - high, 0), weekday_changes=changed)
        return points if least <= days <= most else FAR

    def step_points(self, session: int, before: Slot, slot: Slot) -> int:
        """Return what it costs to come to a slot from that of the session before."""
        steps = abs(slot.step - before.step)
        gap = self.gap_points(session, (slot.day - before.day).days)
        return gap + self._points(time_change=steps, location_changes=before.place != slot.place)

    def _points(self, **counts: int) -> int:
        return sum(self.rates[name] * count for name, count in counts.items())

    def plan_points(self, plan: Sequence[Slot], pattern: Sequence[int], earliest: date) -> int:
        """Return what a whole plan costs that keeps to a pattern of weekdays."""
        slots = (self.slot_points(k, slot, pattern, earliest) for k, slot in enumerate(plan))
        steps = (self.step_points(k, *pair) for k, pair in enumerate(pairwise(plan), 1))
        return sum(slots) + sum(steps)


def find_optimum(rules: InstanceRules) -> dict[str, int] | None:
    """Return what the best plan costs, and how many days off ideal it is; None if there is no plan."""
    earliest = compute_earliest_start(rules)
    if earliest is None:
        return None
    points = min(_cheapest(rules, pattern, earliest) for pattern in rules.patterns)
    return {"points": points, "gap_days": points // 10**8}


def compute_earliest_start(rules: InstanceRules) -> date | None:
    """Return the first day on which a whole plan can start."""
    days = {slot.day for slot in rules.slots[-1]}
    for k in range(len(rules.phases) - 1, 0, -1):
        gaps = rules.gaps(k)
        before = {slot.day for slot in rules.slots[k - 1]}
        days = {
            day
            for day in before
            if any(date.fromordinal(day.toordinal() + gap) in days for gap in gaps)
        }
    return min(days, default=None)


def _cheapest(rules: InstanceRules, pattern: Sequence[int], earliest: date) -> int:
    """Return the points of the best plan of a pattern: of each slot, by the cheapest way to it."""
    costs = {slot: rules.slot_points(0, slot, pattern, earliest) for slot in rules.slots[0]}
    for k in range(1, len(rules.phases)):
        by_day: dict[date, list[Slot]] = {}
        for slot in costs:
            by_day.setdefault(slot.day, []).append(slot)
        reached = {slot: _arrive(rules, k, slot, by_day, costs) for slot in rules.slots[k]}
        costs = {
            slot: least + rules.slot_points(k, slot, pattern, earliest)
            for slot, least in reached.items()
            if least < FAR
        }
    return min(costs.values(), default=FAR)


def _arrive(
    rules: InstanceRules,
    session: int,
    slot: Slot,
    by_day: dict[date, list[Slot]],
    costs: dict[Slot, int],
) -> int:
    days = (date.fromordinal(slot.day.toordinal() - gap) for gap in rules.gaps(session))
    before = (each for day in days for each in by_day.get(day, ()))
    ways = (costs[each] + rules.step_points(session, each, slot) for each in before)
    return min(ways, default=FAR)


def is_inside(window: dict[str, Any], at: datetime) -> bool:
    """Tell whether a start is on the days and within the times of a window."""
    return at.weekday() in window["weekdays"] and is_in_time(window, at)


def is_in_time(window: dict[str, Any], at: datetime) -> bool:
    """Tell whether a start is within the times of a window."""
    return bool(window["from"] <= f"{at:%H:%M}" <= window["to"])


def require(condition: bool, problem: str) -> None:
    """Raise `Wrong` unless a condition holds."""
    if not condition:
        raise Wrong(problem)


def _apart(slot: Slot, day: date) -> int:
    return abs((slot.day - day).days)


def _covers(window: dict[str, Any], day: date) -> bool:
    return bool(window["first_day"] <= day.isoformat() <= window["last_day"])


def _list_sessions(phases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the phase of each session; of one without an end, of those for some weeks at the ideal pace."""
    sessions: list[dict[str, Any]] = []
    for phase in phases:
        left = AHEAD - sum(each["gap"][1] for each in sessions)
        count = phase["sessions"] or max(LEAST_AHEAD, left // phase["gap"][1] + 1)
        sessions += [phase] * count
    return sessions


def _repeats(days: Sequence[int], least: int, most: int) -> bool:
    gaps = [later - day for day, later in zip(days, (*days[1:], days[0] + 7), strict=True)]
    return len(days) == 1 or all(least <= gap <= most for gap in gaps)
