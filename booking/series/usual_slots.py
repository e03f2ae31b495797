"""Where a series usually is: the weekdays and times that its next sessions keep to, and why one could not."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from booking.series.planning.patterns import sessions_per_week
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.rules import Gap

LOOK_BACK = 6  # sessions, of which most say what is usual
A_WEEK = 7  # days


class SlotObstacle(StrEnum):
    """What keeps a session from its usual slot, where it is not what hinders all of the day."""

    TAKEN = "taken"  # at that time nothing long enough is free
    GAP = "gap"  # it would be too close to the session before or after, or too far from it


@dataclass(frozen=True, slots=True)
class MissedSlot:
    """The usual slot that a session could not have, and what hindered it: an `Obstacle` or `SlotObstacle`."""

    slot: PlanSlot
    reason: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "MissedSlot":
        """Read it from plain data."""
        slot = PlanSlot(data["location"], date.fromisoformat(data["day"]), data["minute"])
        return cls(slot, data["reason"])

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        slot = self.slot._asdict() | {"day": self.slot.day.isoformat()}
        return {**slot, "reason": self.reason}


def select_usual_slots(slots: Sequence[PlanSlot], gap: Gap) -> tuple[PlanSlot, ...]:
    """Return the newest slot of each weekday, time and place that most of the last sessions had.

    As many as the gap makes sessions a week; of those as common, the newest. `slots` are in order of day.
    """
    recent = slots[-LOOK_BACK:]
    newest = {_pattern(slot): slot for slot in recent}
    counts = Counter(_pattern(slot) for slot in recent)
    by_weekday: dict[int, PlanSlot] = {}
    for pattern in sorted(counts, key=lambda each: (counts[each], newest[each].day), reverse=True):
        by_weekday.setdefault(newest[pattern].day.weekday(), newest[pattern])
    return tuple([*by_weekday.values()][: sessions_per_week(gap)])


def foresee_slots(slots: Sequence[PlanSlot], gap: Gap, last: date) -> Iterator[PlanSlot]:
    """Yield where a series will be after the last of its `slots`, in order of day: at its usual ones.

    Up to local day `last`. Each usual slot comes again in as many whole weeks as are nearest to the gap.
    """
    if not slots:
        return
    step = max(1, round(gap.ideal_min_days / A_WEEK)) * A_WEEK
    begins = slots[-1].day + timedelta(days=gap.min_days)
    for usual in select_usual_slots(slots, gap):
        for days in range(step, (last - usual.day).days + 1, step):
            day = usual.day + timedelta(days=days)
            if day >= begins:
                yield usual._replace(day=day)


def _pattern(slot: PlanSlot) -> tuple[str, int, int]:
    return slot.location, slot.day.weekday(), slot.minute


def keep_usual_slots(request: PlanRequest, usual: Sequence[PlanSlot]) -> PlanRequest:
    """Return a request whose sessions go to the usual slots wherever their gaps and what is free let them."""
    days = (request.first_day + timedelta(days=number) for number in range(request.day_count))
    held = frozenset(
        slot._replace(day=day)
        for day in days
        for slot in usual
        if day.weekday() == slot.day.weekday()
    )
    return replace(request, held=held)


def list_missed_slots(
    request: PlanRequest,
    sessions: Sequence[PlannedSession],
    usual: Sequence[PlanSlot],
    find_obstacle: Callable[[int, date], str | None],
) -> dict[int, MissedSlot]:
    """Return, by number, the usual slot next to each session that has another, and why it has not that one.

    `find_obstacle` says what hinders a phase all day, if anything does.
    """
    missed: dict[int, MissedSlot] = {}
    patterns = {_pattern(slot) for slot in usual}
    for session in sessions:
        if patterns and _pattern(session.slot) not in patterns:
            slot = _nearest(session.slot, usual)
            blocked = request.blocked.get(session.phase, {}).get(slot.day)
            reason = blocked or find_obstacle(session.phase, slot.day)
            reason = reason or _find_slot_obstacle(request, session.phase, slot)
            missed[session.number] = MissedSlot(slot, reason)
    return missed


def _nearest(slot: PlanSlot, usual: Sequence[PlanSlot]) -> PlanSlot:
    """Return the usual slot of the day nearest to a session's; of two as near, the earlier."""
    candidates = [
        each._replace(day=slot.day + timedelta(days=offset))
        for each in usual
        for offset in range(-3, 4)
        if (slot.day + timedelta(days=offset)).weekday() == each.day.weekday()
    ]
    return min(candidates, key=lambda each: (abs(each.day - slot.day), each.day, each.minute))


def _find_slot_obstacle(request: PlanRequest, phase: int, slot: PlanSlot) -> SlotObstacle:
    free = request.free.get(phase, {}).get(slot.location, {}).get(slot.day, ())
    return SlotObstacle.GAP if slot.minute in free else SlotObstacle.TAKEN
