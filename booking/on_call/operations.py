"""Putting turns on the rota and taking them off."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.on_call.models import OnCallTurn
from booking.on_call.rules import TurnProblem, find_turn_problem, to_instant
from booking.staff.models import Staff


@dataclass
class TurnRefused(Exception):
    """A turn can't be on the rota."""

    problem: TurnProblem


@transaction()
def add_turn(
    staff_id: int, begins: datetime, ends: datetime, time_zone: str, added_by_id: int, now: datetime
) -> OnCallTurn:
    """Put a turn on the rota; `begins` and `ends` are wall-clock times of the zone. Raises `TurnRefused`."""
    instants = [to_instant(each.date(), each.time(), time_zone) for each in (begins, ends)]
    if problem := find_turn_problem(instants[0], instants[1], now):
        raise TurnRefused(problem)
    turn = OnCallTurn(
        staff_id=staff_id,
        time_zone=time_zone,
        first_day=begins.date(),
        begins=begins.time(),
        last_day=ends.date(),
        ends=ends.time(),
        added_by_id=added_by_id,
        added_at=now,
    )
    db.session.add(turn)
    db.session.flush()
    audit.record(
        staff_actor(added_by_id), "add_on_call_turn", "on_call_turn", turn.id, now, staff=staff_id
    )
    return turn


@transaction()
def remove_turn(turn_id: int, staff_id: int, now: datetime) -> None:
    """Take a turn off the rota; one that is off stays so."""
    turn = db.session.get_one(OnCallTurn, turn_id, with_for_update=True)
    if turn.removed_at is None:
        turn.removed_at = now
        audit.record(staff_actor(staff_id), "remove_on_call_turn", "on_call_turn", turn.id, now)


def find_turn(turn_id: int) -> OnCallTurn | None:
    """Return a turn, also one that was taken off the rota."""
    return db.session.get(OnCallTurn, turn_id)


def list_turns(now: datetime) -> list[OnCallTurn]:
    """Return the turns that are not over, the earliest first."""
    since = (now - timedelta(days=2)).date()  # whatever the zone
    statement = (
        select(OnCallTurn)
        .join(Staff, Staff.id == OnCallTurn.staff_id)
        .where(
            OnCallTurn.removed_at.is_(None), OnCallTurn.last_day >= since, Staff.active.is_(True)
        )
    )
    turns = [turn for turn in db.session.scalars(statement) if turn.ends_at > now]
    return sorted(turns, key=lambda turn: (turn.begins_at, turn.id))


def list_on_call_ids(now: datetime) -> list[int]:
    """Return the ids of who is on call at an instant."""
    return [turn.staff_id for turn in list_turns(now) if turn.begins_at <= now]
