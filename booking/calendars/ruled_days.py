"""A local day as each rule sees it that decides whether an appointment may start: "why not then?".

A rule names the cells at which it lets an appointment start. The AND of all of them is what can be booked:
a start without a blocker can be, and one with some can be once they are gone. Each feature adds the rules it
keeps.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial, reduce
from itertools import accumulate
from operator import and_
from typing import Any

from booking.calendars.local_days import CELL, LocalDay
from booking.calendars.location_calendars import LocationCalendar

Facts = Mapping[str, Any]


class Override(StrEnum):
    """Who may book against a rule."""

    NOBODY = "nobody"
    FRONT_DESK = "front_desk"  # it binds those who book online
    PRACTITIONER = "practitioner"  # with a reason, which is kept


@dataclass(frozen=True, slots=True)
class Blocker:
    """A rule that stands against a start; `facts` fill the sentence that a page makes of it."""

    rule: StrEnum
    override: Override = Override.NOBODY
    facts: Facts = field(default_factory=dict)


def constant_facts(facts: Facts, _cell: int) -> Facts:
    """Return the same facts for any cell."""
    return facts


_no_facts = partial(constant_facts, {})


@dataclass(frozen=True, slots=True)
class StartRule:
    """What one rule says of a local day: the cells at which it lets an appointment start.

    `facts_at` explains it at a cell that is none of them.
    """

    rule: StrEnum
    starts: int
    facts_at: Callable[[int], Facts] = _no_facts
    override: Override = Override.NOBODY
    is_grid: bool = False

    def allows(self, cell: int, *, is_cells_start: bool) -> bool:
        """Tell whether an appointment may start at a cell's start, or else a little after it."""
        return bool(self.starts >> cell & 1) and (is_cells_start or not self.is_grid)

    @classmethod
    def against_day(
        cls, rule: StrEnum, override: Override = Override.NOBODY, **facts: Any
    ) -> "StartRule":
        """Return a rule that lets nothing start all day."""
        return cls(rule, 0, partial(constant_facts, facts), override)


@dataclass(frozen=True, slots=True)
class RuledDay:
    """A local day at one location, and each rule that decides about an appointment's start on it."""

    location: LocationCalendar
    day: LocalDay
    rules: tuple[StartRule, ...]

    def with_rules(self, rules: Iterable[StartRule]) -> "RuledDay":
        """Return the day with more rules."""
        return RuledDay(self.location, self.day, (*self.rules, *rules))

    @property
    def starts(self) -> int:
        """The cells at which an appointment may start: those that every rule allows."""
        return reduce(and_, (rule.starts for rule in self.rules), self.day.all_cells)

    def list_lone_blocks(self) -> list[tuple[StartRule, int]]:
        """Return each rule that stands alone against a start, with the cells at which it does."""
        allowed = [rule.starts for rule in self.rules]
        from_left = [*accumulate(allowed, and_, initial=self.day.all_cells)]
        from_right = [*accumulate(reversed(allowed), and_, initial=self.day.all_cells)]
        count = len(allowed)
        blocks = [
            (rule, from_left[index] & from_right[count - index - 1] & ~rule.starts)
            for index, rule in enumerate(self.rules)
        ]
        return [(rule, cells) for rule, cells in blocks if cells]

    def blockers_at(self, starts_at: datetime) -> list[Blocker]:
        """Return every rule that stands against a start (UTC) on this day."""
        cell, remainder = divmod(starts_at - self.day.starts_at, CELL)
        return [
            Blocker(rule.rule, rule.override, rule.facts_at(cell))
            for rule in self.rules
            if not rule.allows(cell, is_cells_start=not remainder)
        ]
