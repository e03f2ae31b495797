"""Is there an order, one operation after another, in which all that clients saw is true? (linearizability)

After Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with Lowe's memory of states that
were tried. The object is some hours of a calendar in which each hour has one owner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

Hour = tuple[str, int]  # a local date (ISO 8601) and an hour of it
Held = frozenset[tuple[str, Hour]]  # whose hours they are
NOTHING: Held = frozenset()


class Kind(StrEnum):
    """What a client did, as far as the calendar goes."""

    TAKE = "take"  # hold or book an hour
    SHIFT = "shift"  # to another hour
    FREE = "free"
    KEEP = "keep"  # renew or book what is held: it must still be the owner's
    LOOK = "look"  # `seen` is what was free of a day
    ALL = "all"  # `seen` is everything, once all have finished


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as its client saw it: from when to when (seconds), and whether it was done or refused."""

    kind: Kind
    owner: str
    hour: Hour
    invoked: float
    returned: float
    is_done: bool = True
    seen: frozenset[object] = frozenset()


def apply(held: Held, operation: Operation, hours: Sequence[int]) -> Held | None:
    """Return who holds what after an operation; None where its answer can't be true now."""
    owners = {hour: owner for owner, hour in held}
    own = next((hour for hour, owner in owners.items() if owner == operation.owner), None)
    match operation.kind:
        case Kind.LOOK:
            day = operation.hour[0]
            free = {hour for hour in hours if (day, hour) not in owners}
            return held if free == operation.seen else None
        case Kind.ALL:
            return held if held == operation.seen else None
        case Kind.KEEP:
            return held if (own is not None) == operation.is_done else None
        case Kind.FREE:
            return held - {(operation.owner, own)} if own else None
        case _:
            return _take(held, operation, owners.get(operation.hour), own)


def _take(held: Held, operation: Operation, owner: str | None, own: Hour | None) -> Held | None:
    is_free = owner in (None, operation.owner)
    if operation.is_done is not is_free:
        return None
    if not operation.is_done:
        return held
    return held - {(operation.owner, own)} | {(operation.owner, operation.hour)}


def has_serial_order(history: Sequence[Operation], hours: Sequence[int]) -> bool:
    """Tell whether these operations can have happened one after another, none before it was invoked."""
    ordered = sorted(history, key=lambda operation: operation.invoked)
    begin = (0, frozenset[int](), NOTHING)
    ahead, tried = [begin], {begin}
    while ahead:
        first, done, held = ahead.pop()
        if first == len(ordered):
            return True
        for position in _next_ones(ordered, first, done):
            after = apply(held, ordered[position], hours)
            if after is not None:
                step = (*_advance(first, done | {position}), after)
                if step not in tried:
                    tried.add(step)
                    ahead.append(step)
    return False


def _next_ones(ordered: Sequence[Operation], first: int, done: frozenset[int]) -> Iterator[int]:
    """Yield what may come next: whatever was invoked before any other of the rest had returned."""
    earliest_return = inf
    for position in range(first, len(ordered)):
        if ordered[position].invoked > earliest_return:
            return
        if position not in done:
            earliest_return = min(earliest_return, ordered[position].returned)
            yield position


def _advance(first: int, done: frozenset[int]) -> tuple[int, frozenset[int]]:
    """Return the first that is not done, and what is done beyond it."""
    while first in done:
        done -= {first}
        first += 1
    return first, done
