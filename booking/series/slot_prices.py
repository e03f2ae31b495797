"""What each free slot of a series' calendar costs the others: read here, for every plan that is proposed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from booking.calendars.counted_cells import CountedCells
from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.rules import ResourceDemand
from booking.series.foreseen_slots import ForeseenSlot, list_foreseen_slots
from booking.series.planning.costs import PlanRates
from booking.series.planning.prices import NeededStarts, cap_rate, price_day
from booking.series.planning.requests import DayPrices, SlotPrices
from booking.series.rules import Phase
from booking.series.series_calendars import SeriesCalendar

NeededByDay = Mapping[tuple[str, date], NeededStarts]  # by a location's slug


def read_slot_prices(
    calendar: SeriesCalendar,
    series_id: int | None,
    session_count: int,
    rates: PlanRates,
    now: datetime,
) -> SlotPrices:
    """Return the prices of a calendar's slots for a plan of so many sessions of a series.

    A day on which the clocks change has none.
    """
    rate = cap_rate(rates, session_count)
    if not rate and not rates.displaced:
        return {}
    needed = _group_by_day(calendar, _foresee(calendar, series_id, now) if rates.displaced else [])
    by_demand: dict[tuple[ResourceDemand, str], Mapping[date, DayPrices]] = {}
    prices: dict[int, dict[str, Mapping[date, DayPrices]]] = {}
    for (phase, slug), days in calendar.day_starts.items():
        demand = calendar.demand(phase, slug)
        if (demand, slug) not in by_demand:
            by_demand[demand, slug] = {
                day: price_day(
                    demand, starts.starts, CountedCells.of_day(starts.free),
                    needed.get((slug, day), ()), rate, rates.displaced,
                )
                for day, starts in days.items()
                if starts.starts and not starts.free.day.has_clock_change
            }  # fmt: skip
        prices.setdefault(phase, {})[slug] = by_demand[demand, slug]
    return prices


def _foresee(calendar: SeriesCalendar, series_id: int | None, now: datetime) -> list[ForeseenSlot]:
    days = [day for days in calendar.day_starts.values() for day in days]
    locations = {location.id: location for location in calendar.locations.values()}
    return list_foreseen_slots(locations, series_id, max(days), now) if days else []


def _group_by_day(calendar: SeriesCalendar, foreseen: list[ForeseenSlot]) -> NeededByDay:
    """Return, by location and day, what is needed and from which cell, in order of time."""
    needed: dict[tuple[str, date], list[tuple[ResourceDemand, int]]] = defaultdict(list)
    for each in sorted(foreseen, key=lambda each: each.slot):
        slot, demand = each.slot, _demand(calendar, each.phase, each.slot.location)
        needed[slot.location, slot.day].append((demand, slot.minute // CELL_MINUTES))
    return {key: tuple(starts) for key, starts in needed.items()}


def _demand(calendar: SeriesCalendar, phase: Phase, slug: str) -> ResourceDemand:
    return calendar.service.infusion_demand(*phase.parts, calendar.locations[slug])
