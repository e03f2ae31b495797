"""What a time costs a series, as a mark beside it: a colour, a word and a number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.calendars.local_days import minute_of_day
from booking.calendars.location_calendars import LocationCalendar
from booking.series.models import Session
from booking.series.planning.requests import PlanSlot
from booking.series.planning.slot_costs import CostLevel, SlotCost
from booking.series.relaxations import FittingStarts
from booking.series.slot_choices import SlotChoices
from booking.series.standing_costs import price_standing_slots

UNWANTED = "wish"  # the level of a time that only what was asked for, or authorised, stands against
AGAINST_RULES = "rule"  # the level of a time that a rule stands against


@dataclass(frozen=True, slots=True)
class SlotBadge:
    """A badge beside a time: its level as a code, for the colour, and what it costs the series."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class SlotMarks:
    """The marks of some starts (UTC), and of local days: of each the best of its starts.

    `has_costs`: they say what each time costs; else only which ones a rule stands against.
    """

    by_start: Mapping[datetime, SlotBadge]
    by_day: Mapping[date, SlotBadge]
    has_costs: bool

    @property
    def best_start(self) -> datetime | None:
        """The first of the starts that cost least, where costs are said."""
        best = (start for start, mark in self.by_start.items() if mark.level == CostLevel.BEST)
        return min(best, default=None) if self.has_costs else None

    def of_day(self, day: date) -> SlotBadge:
        """Return the mark of a local day; one without any start that is possible has a rule against it."""
        return self.by_day.get(day, against_rules())

    def of_start(self, starts_at: datetime) -> SlotBadge:
        """Return the mark of a start."""
        return self.by_start.get(starts_at, against_rules())


def against_rules() -> SlotBadge:
    """Return the mark of what a rule stands against."""
    return SlotBadge(AGAINST_RULES, str(_("against a rule")))


def mark_cost(cost: SlotCost) -> SlotBadge:
    """Return what a slot costs the whole plan, like "near: 2 days"."""
    if cost.level is CostLevel.BEST:
        return SlotBadge(cost.level, str(_("best")))
    if cost.level is CostLevel.GAP:
        text = ngettext("gaps: %(num)d day", "gaps: %(num)d days", int(cost.days))
        return SlotBadge(cost.level, str(text))
    if cost.days < 1:
        return SlotBadge(cost.level, str(_("near")))
    days = round(cost.days)
    if cost.level is CostLevel.NEAR:
        text = ngettext("near: %(num)d day", "near: %(num)d days", days)
    else:
        text = ngettext("far: %(num)d day", "far: %(num)d days", days)
    return SlotBadge(cost.level, str(text))


def mark_choices(choices: SlotChoices, location: LocationCalendar) -> SlotMarks:
    """Return the marks of what a session of a plan can have at one location."""
    starts_at = choices.basis.calendar.starts_at
    costs = {
        (starts_at(slot), slot.day): cost
        for slot, cost in choices.costs.items()
        if slot.location == location.slug
    }
    return _marks(((start, day), cost) for (start, day), cost in costs.items())


def mark_fit(fit: FittingStarts, session: Session | None, location: LocationCalendar) -> SlotMarks:
    """Return the marks of what keeps every rule: of a session with what it costs its series.

    What the desk may book all the same, though it wasn't asked for, says so.
    """
    zone = location.zone
    slots = {
        start: PlanSlot(location.slug, start.astimezone(zone).date(), minute_of_day(start, zone))
        for start in fit.starts
    }
    if session is None:
        return SlotMarks(
            dict.fromkeys(slots, FITS), {slot.day: FITS for slot in slots.values()}, False
        )
    costs = price_standing_slots(session, set(slots.values()))
    marks = _marks(((start, slot.day), costs[slot]) for start, slot in slots.items())
    unwanted = SlotBadge(UNWANTED, str(_("not as asked for")))
    days = {start.astimezone(zone).date() for start in fit.unwanted_starts}
    by_start = {**dict.fromkeys(fit.unwanted_starts, unwanted), **marks.by_start}
    return SlotMarks(by_start, {**dict.fromkeys(days, unwanted), **marks.by_day}, True)


FITS = SlotBadge("fits", "")


def _marks(costs: Iterable[tuple[tuple[datetime, date], SlotCost]]) -> SlotMarks:
    by_start, least = {}, dict[date, SlotCost]()
    for (start, day), cost in costs:
        by_start[start] = mark_cost(cost)
        least[day] = min(cost, least.get(day, cost), key=_rank)
    return SlotMarks(by_start, {day: mark_cost(cost) for day, cost in least.items()}, True)


def _rank(cost: SlotCost) -> tuple[int, float]:
    return [*CostLevel].index(cost.level), cost.days
