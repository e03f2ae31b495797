"""A local day as each rule sees it that decides whether an appointment may start: "why not then?".

A rule names the cells at which it lets an appointment start. The AND of all of them is what can be booked:
a start without a blocker can be, and one with some can be once they are gone. Each feature adds the rules it
keeps.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial, reduce
from operator import and_
from typing import Any

from booking.calendars.local_days import CELL, LocalDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import OverriddenBy

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Blocker:
    """A rule that stands against a start; `facts` fill the sentence that a page makes of it."""

    rule: StrEnum
    override: OverriddenBy = OverriddenBy.NOBODY
    facts: Facts = field(default_factory=dict)


def constant_facts(facts: Facts, _cell: int) -> Facts:
    """Return the same facts for any cell."""
    return facts


_no_facts = partial(constant_facts, {})


@dataclass(frozen=True, slots=True)
class StartRule:
    """What one rule says of a local day: the cells at which it lets an appointment start.

    `facts_at` explains it at a cell that is none of them. It gives way at `overridable` cells alone, None:
    at all of them.
    """

    rule: StrEnum
    starts: int
    facts_at: Callable[[int], Facts] = _no_facts
    override: OverriddenBy = OverriddenBy.NOBODY
    is_grid: bool = False
    overridable: int | None = None

    def allows(self, cell: int, *, is_cells_start: bool) -> bool:
        """Tell whether an appointment may start at a cell's start, or else a little after it."""
        return bool(self.starts >> cell & 1) and (is_cells_start or not self.is_grid)

    def blocker_at(self, cell: int, *, is_cells_start: bool = True) -> Blocker:
        """Return the rule as what stands against a start at a cell, or a little after it.

        Nobody books between cells: what is claimed are whole ones.
        """
        gives_way = self.overridable is None or bool(self.overridable >> cell & 1)
        is_between = self.is_grid and not is_cells_start
        override = self.override if gives_way and not is_between else OverriddenBy.NOBODY
        return Blocker(self.rule, override, self.facts_at(cell))

    @classmethod
    def against_day(
        cls, rule: StrEnum, override: OverriddenBy = OverriddenBy.NOBODY, **facts: Any
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

    def starts_blocked_only_by(self, rules: Collection[StartRule]) -> int:
        """Return the cells at which an appointment may not start, and could if it weren't for these rules."""
        held = {id(rule) for rule in rules}
        others = (rule.starts for rule in self.rules if id(rule) not in held)
        return reduce(and_, others, self.day.all_cells) & ~self.starts

    def blockers_at(self, starts_at: datetime) -> list[Blocker]:
        """Return every rule that stands against a start (UTC) on this day."""
        cell, remainder = divmod(starts_at - self.day.starts_at, CELL)
        return [
            rule.blocker_at(cell, is_cells_start=not remainder)
            for rule in self.rules
            if not rule.allows(cell, is_cells_start=not remainder)
        ]
