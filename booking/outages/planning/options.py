"""From who loses a time and what is free to the problem: each time each could have, and what it costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product

from booking.calendars.local_days import (
    CELL_MINUTES,
    in_at_least,
    iter_bits,
    minute_of_day,
    run_starts,
)
from booking.calendars.rules import FreeCells, ResourceDemand, ResourceNeed, compute_start_cells
from booking.locations.rules import ResourceKind
from booking.outages.planning.problem import MoveOption, MoveProblem, OptionList, PoolUse, Spacing

QUARTER = 15  # minutes


@dataclass(frozen=True, slots=True)
class MovePrices:
    """What a new time costs against the old one, in points: each thing that a person has to bear."""

    day: int = 40  # for each day sooner or later
    quarter_hour: int = 1  # for each by which the time of day differs
    other_location: int = 60
    gap_day: int = 80  # for each day that the gaps around it are away from the ideal
    pressed: int = 120  # for moving whoever is in their first phase or near a limit
    giving_way: int = 200  # for moving whoever could stay, so that somebody else can
    companion: int = 1_000  # for moving what nothing is wrong with, as another of its series is hit


DEFAULT_PRICES = MovePrices()


@dataclass(frozen=True, slots=True)
class DisplacedAppointment:
    """An appointment that can't stay as it is, or may have to give way; instants in UTC.

    `days` are the local dates it may be on, each with the days by which its gaps miss the ideal; `busy` when
    its person has something else [starts, ends); `location_ids` where it may be; `minutes` of the local day
    the first and the last at which it may begin. It is not moved to before `earliest`. `may_stay`: at its own
    time, if enough is free then; `is_hit`: not unless somebody makes room. `is_companion` of what nothing is
    wrong with, but another of its series is hit. `own_day` is the local day on which it stands.
    """

    appointment_id: int
    location_id: int
    starts_at: datetime
    demand: ResourceDemand
    days: Mapping[date, int]
    location_ids: frozenset[int]
    earliest: datetime
    busy: tuple[tuple[datetime, datetime], ...] = ()
    may_stay: bool = False
    is_hit: bool = True
    is_pressed: bool = False
    is_companion: bool = False
    own_day: date | None = None
    minutes: tuple[int, int] = (0, 24 * 60)


@dataclass(frozen=True, slots=True)
class LocationDay:
    """What is free at a location on a day if all those displaced gave up what they have."""

    location_id: int
    free: FreeCells


def build_problem(
    appointments: Sequence[DisplacedAppointment],
    location_days: Sequence[LocationDay],
    spacings: Sequence[Spacing] = (),
    prices: MovePrices = DEFAULT_PRICES,
) -> MoveProblem:
    """Return the problem of finding each of these a time among what is free."""
    pools = PoolTable()
    days = [PooledDay(location_day, pools) for location_day in location_days]
    in_order = sorted(appointments, key=lambda each: (each.starts_at, each.appointment_id))
    lists = [
        OptionList(
            appointment.appointment_id,
            tuple(
                sorted(
                    (option for day in days for option in day.options_for(appointment, prices)),
                    key=lambda option: (option.cost, option.starts_at, option.location_id),
                )
            ),
            is_required=not appointment.is_hit,
            own_day=appointment.own_day,
            unplaced_cost=appointment.is_pressed * prices.pressed,
        )
        for appointment in in_order
    ]
    return MoveProblem(tuple(lists), tuple(pools.capacities), tuple(spacings))


class PoolTable:
    """The pools of all days, numbered as they come."""

    def __init__(self) -> None:
        self.capacities: list[tuple[int, ...]] = []

    def add(self, sets: Sequence[int], cells: int) -> int:
        """Add a pool of resources with these free cells; return its number."""
        self.capacities.append(
            tuple(sum(each >> cell & 1 for each in sets) for cell in range(cells))
        )
        return len(self.capacities) - 1


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool of a day, the cells in which any of it is free, and whose it is where that matters."""

    number: int
    cells: int
    practitioner_id: int | None = None


class PooledDay:
    """A location's day with its pools, and the starts that each demand has on it."""

    def __init__(self, location_day: LocationDay, table: PoolTable) -> None:
        self.location_id, self.free = location_day.location_id, location_day.free
        self.pools = {kind: self._pools(kind, table) for kind in self.free.free}
        self._starts: dict[ResourceDemand, list[tuple[int, list[tuple[PoolUse, ...]]]]] = {}

    def _pools(self, kind: ResourceKind, table: PoolTable) -> list[Pool]:
        """Return a day's pools: all seats; chairs between which appointments move; each practitioner.

        A chair in which somebody sits, or will who has arrived, is a pool of its own.
        """
        sets, pinned = self.free.by_kind(kind), self.free.pinned
        if kind is ResourceKind.PRACTITIONER:
            return [self._add(table, [cells], key) for key, cells in sets.items()]
        groups = [[*sets]] if kind is ResourceKind.SEAT else self.free.groups(kind)
        movable = [[key for key in group if key not in pinned] for group in groups]
        alone = [[key] for group in groups for key in group if key in pinned]
        return [
            self._add(table, [sets[key] for key in keys]) for keys in (*movable, *alone) if keys
        ]

    def _add(
        self, table: PoolTable, sets: Sequence[int], practitioner_id: int | None = None
    ) -> Pool:
        number = table.add(sets, self.free.day.cells)
        return Pool(number, in_at_least(sets, 1), practitioner_id)

    def options_for(
        self, appointment: DisplacedAppointment, prices: MovePrices
    ) -> Iterator[MoveOption]:
        """Yield the times that an appointment could have on this day."""
        day = self.free.day
        own_cell = day.cell_at(appointment.starts_at)
        is_here = self.location_id == appointment.location_id and own_cell is not None
        if is_here and appointment.may_stay and own_cell is not None:
            at_any_time = replace(appointment.demand, step=CELL_MINUTES)
            for cell, ways in self._list_starts(at_any_time):
                if cell == own_cell:
                    yield from (
                        MoveOption(
                            self.location_id, appointment.starts_at, day.local_date, 0, uses, True
                        )
                        for uses in ways
                    )
        if (
            day.local_date not in appointment.days
            or self.location_id not in appointment.location_ids
        ):
            return
        for cell, ways in self._list_starts(appointment.demand):
            starts_at = day.cell_start(cell)
            if self._is_possible(appointment, starts_at) and not (is_here and cell == own_cell):
                cost = self._cost(appointment, starts_at, prices)
                for uses in ways:
                    yield MoveOption(self.location_id, starts_at, day.local_date, cost, uses)

    def _is_possible(self, appointment: DisplacedAppointment, starts_at: datetime) -> bool:
        ends_at = starts_at + timedelta(minutes=appointment.demand.minutes)
        first, last = appointment.minutes
        is_within = first <= minute_of_day(starts_at, self.free.day.zone) <= last
        return (
            is_within
            and starts_at >= appointment.earliest
            and not any(begins < ends_at and starts_at < ends for begins, ends in appointment.busy)
        )

    def _cost(
        self, appointment: DisplacedAppointment, starts_at: datetime, prices: MovePrices
    ) -> int:
        zone, day = self.free.day.zone, self.free.day.local_date
        old_day = appointment.starts_at.astimezone(zone).date()
        minutes = abs(minute_of_day(starts_at, zone) - minute_of_day(appointment.starts_at, zone))
        return (
            abs((day - old_day).days) * prices.day
            + minutes // QUARTER * prices.quarter_hour
            + appointment.days[day] * prices.gap_day
            + (self.location_id != appointment.location_id) * prices.other_location
            + appointment.is_pressed * prices.pressed
            + _unhit_price(appointment, prices)
        )

    def _list_starts(self, demand: ResourceDemand) -> list[tuple[int, list[tuple[PoolUse, ...]]]]:
        """Return each cell at which an appointment can start, with every way of taking what it needs."""
        if demand not in self._starts:
            self._starts[demand] = [
                (cell, [*product(*(self._uses(need, demand, cell) for need in demand.needs))])
                for cell in iter_bits(compute_start_cells(demand, self.free))
            ]
        return self._starts[demand]

    def _uses(self, need: ResourceNeed, demand: ResourceDemand, cell: int) -> list[PoolUse]:
        """Return the ways in which one need can be met from `cell` on: from which pool."""
        first = cell + need.offset_cells
        return [
            PoolUse(pool.number, first, first + need.cells, need.count)
            for pool in self.pools[need.kind]
            if demand.practitioner_id in (None, pool.practitioner_id)
            or need.kind is not ResourceKind.PRACTITIONER
            if run_starts(pool.cells, need.cells) >> first & 1
        ]


def _unhit_price(appointment: DisplacedAppointment, prices: MovePrices) -> int:
    """Return what it costs to move an appointment that could stay, for others or for others of its series."""
    if appointment.is_companion:
        return prices.companion
    return 0 if appointment.is_hit else prices.giving_way
