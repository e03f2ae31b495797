"""When somebody is on call, and who is told of a crisis: pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST_TURN = timedelta(days=31)


class TurnProblem(StrEnum):
    """Why a turn can't be on the rota."""

    ENDS_FIRST = "ends_first"
    TOO_LONG = "too_long"
    IS_OVER = "is_over"


@dataclass(frozen=True, slots=True)
class CrisisFacts:
    """What decides who is told of a crisis: staff ids, and when it came (UTC).

    `reachable_ids` are those on call or clinicians who have a phone; `told_ids` were texted of it before.
    """

    opened_at: datetime
    is_opened: bool
    on_call_ids: Sequence[int]
    clinician_ids: Sequence[int]
    reachable_ids: Collection[int]
    told_ids: Collection[int]


def find_turn_problem(begins: datetime, ends: datetime, now: datetime) -> TurnProblem | None:
    """Return why a turn from one instant to another (UTC) can't be on the rota."""
    if ends <= begins:
        return TurnProblem.ENDS_FIRST
    if ends - begins > LONGEST_TURN:
        return TurnProblem.TOO_LONG
    return TurnProblem.IS_OVER if ends <= now else None


def to_instant(day: date, local_time: time, time_zone: str) -> datetime:
    """Return a wall-clock time of a zone as an instant; one that occurs twice is the first."""
    return datetime.combine(day, local_time, ZoneInfo(time_zone))


def choose_recipients(facts: CrisisFacts, now: datetime, escalate_after: timedelta) -> list[int]:
    """Return who is to be told now: those on call at once, and all clinicians when nobody opens it.

    Where nobody on call can be reached, all clinicians are told at once.
    """
    if facts.is_opened:
        return []
    on_call = [staff_id for staff_id in facts.on_call_ids if staff_id in facts.reachable_ids]
    is_late = now >= facts.opened_at + escalate_after
    chosen = [*on_call, *facts.clinician_ids] if is_late or not on_call else on_call
    reachable = [staff_id for staff_id in chosen if staff_id in facts.reachable_ids]
    return [staff_id for staff_id in dict.fromkeys(reachable) if staff_id not in facts.told_ids]
