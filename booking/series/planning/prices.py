"""What a session's slot costs the others: starts that it destroys, and slots that running series will need.

A price is a share of the rate: of the starts left on its day, those that a session there takes or destroys.
So a slot next to others costs less than one between them, and a slot of a full day more than one of an empty
day. All the prices of a plan come to less than one day until its start (docs/decisions/0052).

A slot that a running series will need, since it is usually there, costs more than any gap: a session of
somebody else would have to move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby

import numpy as np

from booking.calendars.counted_cells import CountedCells, count_destroyed_starts
from booking.calendars.rules import ResourceDemand
from booking.series.planning.costs import PlanRates
from booking.series.planning.requests import PRICED_CELLS, DayPrices, Plan, PlanRequest, PlanSlot
from booking.series.rules import GRID

REMEMBERED_DAYS = 2048
NeededStarts = tuple[
    tuple[ResourceDemand, int], ...
]  # what running series need, and from which cell


def cap_rate(rates: PlanRates, session_count: int) -> int:
    """Return the points of a day's last start, few enough for a plan of so many sessions."""
    most = (rates.start_delay_days - 1) // max(session_count, 1)
    return max(0, min(rates.destroyed_starts, most))


@lru_cache(maxsize=REMEMBERED_DAYS)
def price_day(
    demand: ResourceDemand,
    starts: int,
    counted: CountedCells,
    needed: NeededStarts,
    rate: int,
    needed_rate: int,
) -> DayPrices:
    """Return the points of each of a day's `starts`, by cell; `rate` is the price of the last one left.

    `needed` are appointments that running series will have; a start that leaves no room for one of them costs
    `needed_rate` more. One that has no room any more is passed over.
    """
    for need, cell in needed:
        if counted.compute_start_cells(need, 1 << cell):
            counted = counted.without(need, cell)
    remaining = counted.compute_start_cells(demand, starts)
    points = np.zeros(PRICED_CELLS, dtype=np.int64)
    lost = starts & ~remaining & ((1 << PRICED_CELLS) - 1)
    points[_positions(lost)] = rate + needed_rate
    count = remaining.bit_count()
    for start, destroyed in count_destroyed_starts(demand, counted, remaining):
        if start < PRICED_CELLS:
            points[start] = rate * (1 + destroyed) // count
    points.flags.writeable = False
    return points


def _positions(cells: int) -> list[int]:
    return [position for position in range(cells.bit_length()) if cells >> position & 1]


def count_displaced(request: PlanRequest, plan: Plan) -> int:
    """Return how many sessions of a plan are where a running series will need the time."""
    rate = request.rates.displaced
    return plan.cost.price // rate if rate else 0


def with_slot_prices(request: PlanRequest, points_by_slot: Mapping[PlanSlot, int]) -> PlanRequest:
    """Return a request in which these slots cost so much more, in every phase."""
    added = _group_by_day(points_by_slot)
    phases = {request.phase_index(number) for number in request.numbers}
    prices = {
        phase: {location: dict(days) for location, days in request.prices.get(phase, {}).items()}
        for phase in phases
    }
    for by_location in prices.values():
        for (location, day), slots in added.items():
            days = by_location.setdefault(location, {})
            points = days.get(day, np.zeros(PRICED_CELLS, dtype=np.int64)).copy()
            for slot in slots:
                points[slot.minute // GRID] += points_by_slot[slot]
            days[day] = points
    return replace(request, prices=prices)


def _group_by_day(slots: Mapping[PlanSlot, int]) -> dict[tuple[str, date], Sequence[PlanSlot]]:
    in_order = sorted(slots)
    return {
        key: [*group] for key, group in groupby(in_order, lambda slot: (slot.location, slot.day))
    }
