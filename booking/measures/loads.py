"""How full chairs and nurses are in each half hour of a local day: booked, and foreseen (CLINICAL §3).

A load is a share of the time there is: of all chairs together, and of all seats of the nurses on shift
together. At setup a nurse is alone with one patient and gives all her seats to it. The larger of the two
binds: more of the other would help nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import reduce

from booking.calendars.local_days import (
    CELL_MINUTES,
    LocalDay,
    in_at_least,
    iter_bits,
    iter_runs,
    minute_of_day,
    run_starts,
)
from booking.calendars.rules import FreeCells, ResourceNeed
from booking.locations.rules import ResourceKind

HALF_HOUR = 30  # minutes
BLOCK = HALF_HOUR // CELL_MINUTES  # cells
HALF_HOURS = 24 * 60 // HALF_HOUR  # of a local day, by the clock on the wall
START_GRID = 15  # minutes: where an appointment may begin whose time nobody knows yet


class Bottleneck(StrEnum):
    """Which of the two is fuller, and so decides whether there is room."""

    CHAIRS = "chairs"
    NURSES = "nurses"


Stretch = tuple[ResourceKind, int, int, float]  # cells [first, end) of so many resources
KINDS = {Bottleneck.CHAIRS: ResourceKind.CHAIR, Bottleneck.NURSES: ResourceKind.SEAT}


@dataclass(frozen=True, slots=True)
class Usage:
    """Time of one kind of resource, in cells of 5 minutes: there is, booked, and foreseen beyond that."""

    available: float = 0.0
    booked: float = 0.0
    foreseen: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Return the time of both."""
        return Usage(
            self.available + other.available,
            self.booked + other.booked,
            self.foreseen + other.foreseen,
        )

    @property
    def booked_share(self) -> float:
        """The share of the time there is that is booked, 0 to 1."""
        return self.booked / self.available if self.available else 0.0

    @property
    def foreseen_share(self) -> float:
        """The share that is foreseen beyond; of nothing at all, all of it is missing."""
        if not self.available:
            return 1.0 if self.foreseen else 0.0
        return self.foreseen / self.available

    @property
    def share(self) -> float:
        """Both together; over 1 where more is foreseen than there is."""
        return self.booked_share + self.foreseen_share


@dataclass(frozen=True, slots=True)
class Load:
    """How full chairs and nurses are over some time."""

    chairs: Usage = Usage()
    nurses: Usage = Usage()

    def __add__(self, other: "Load") -> "Load":
        """Return the load over both times."""
        return Load(self.chairs + other.chairs, self.nurses + other.nurses)

    @property
    def binds(self) -> Bottleneck:
        """Which of the two is fuller; chairs where both are as full."""
        is_nurses = self.nurses.share > self.chairs.share
        return Bottleneck.NURSES if is_nurses else Bottleneck.CHAIRS

    @property
    def fuller(self) -> Usage:
        """The time of the one that binds."""
        return self.nurses if self.binds is Bottleneck.NURSES else self.chairs


@dataclass(frozen=True, slots=True)
class BookedTime:
    """Time [starts_at, ends_at), UTC, that is claimed of so many chairs or seats."""

    kind: ResourceKind
    starts_at: datetime
    ends_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class ExpectedAppointment:
    """An appointment that nobody has booked yet: what it needs, and how many of them are expected.

    `minute` is the local minute of its start. Without one it may start at any time from `earliest` to
    `latest` at which a chair is there, each as likely as the other.
    """

    needs: tuple[ResourceNeed, ...]
    minute: int | None = None
    count: float = 1.0
    earliest: int = 0
    latest: int = 24 * 60


@dataclass(frozen=True, slots=True)
class DayLoads:
    """One local day: loads by half hour (0 begins at midnight) in which a chair is there or booked."""

    day: date
    half_hours: Mapping[int, Load]

    @property
    def load(self) -> Load:
        """The load of the whole day."""
        return sum_loads(self.half_hours.values())


def sum_loads(loads: Iterable[Load]) -> Load:
    """Return the load over all these times together."""
    return reduce(Load.__add__, loads, Load())


def compute_day_loads(
    base: FreeCells, booked: Iterable[BookedTime], expected: Iterable[ExpectedAppointment]
) -> DayLoads:
    """Return the loads of the day of `base`, which is what is there before any claim.

    Time that is booked outside of what is there counts as there: nothing is booked more than whole.
    """
    clock = _WallClock.of_day(base.day)
    available = clock.add_up(_list_available(base))
    in_use = clock.add_up(_list_booked(base.day, booked))
    foreseen = clock.add_up(
        stretch for appointment in expected for stretch in _spread(appointment, base, clock)
    )

    def usage(kind: ResourceKind, index: int) -> Usage:
        there, claimed = available[kind][index], in_use[kind][index]
        return Usage(max(there, claimed), claimed, foreseen[kind][index])

    loads = {
        index: Load(*(usage(KINDS[each], index) for each in Bottleneck))
        for index in range(HALF_HOURS)
    }
    return DayLoads(
        base.day.local_date,
        {index: load for index, load in loads.items() if load.chairs.available},
    )


def _list_available(base: FreeCells) -> Iterator[Stretch]:
    for kind in KINDS.values():
        for cells in base.by_kind(kind).values():
            yield from ((kind, first, end, 1) for first, end in iter_runs(cells))


def _list_booked(day: LocalDay, booked: Iterable[BookedTime]) -> Iterator[Stretch]:
    for claim in booked:
        runs = iter_runs(day.cells_touching(claim.starts_at, claim.ends_at))
        yield from ((claim.kind, first, end, claim.count) for first, end in runs)


@dataclass(frozen=True, slots=True)
class _WallClock:
    """What the clock on the wall shows: the half hour of each block of six cells, the minute of each cell."""

    half_hours: Sequence[int]
    minutes: Sequence[int]

    @classmethod
    def of_day(cls, day: LocalDay) -> "_WallClock":
        blocks = range(0, day.cells, BLOCK)
        clock_minutes = [minute_of_day(day.cell_start(cell), day.zone) for cell in blocks]
        minutes = [
            minute + CELL_MINUTES * n for minute in clock_minutes for n in range(BLOCK)
        ]  # clocks change by half hours
        return cls([minute // HALF_HOUR for minute in clock_minutes], minutes)

    def add_up(self, stretches: Iterable[Stretch]) -> dict[ResourceKind, list[float]]:
        """Return, by kind, how many cells of stretches lie in each half hour."""
        times = {kind: [0.0] * HALF_HOURS for kind in KINDS.values()}
        for kind, first, end, count in stretches:
            for block in range(first // BLOCK, -(-end // BLOCK)):
                cells = min(end, (block + 1) * BLOCK) - max(first, block * BLOCK)
                times[kind][self.half_hours[block]] += cells * count
        return times


def _spread(
    appointment: ExpectedAppointment, base: FreeCells, clock: _WallClock
) -> Iterator[Stretch]:
    """Yield the cells [first, end) that it takes of each kind, and of how many resources."""
    starts = _list_starts(appointment, base, clock)
    for need in appointment.needs:
        if need.kind in KINDS.values():
            for start in starts:
                first = max(start + need.offset_cells, 0)
                end = min(start + need.offset_cells + need.cells, base.day.cells)
                yield need.kind, first, end, need.count * appointment.count / len(starts)


def _list_starts(
    appointment: ExpectedAppointment, base: FreeCells, clock: _WallClock
) -> Sequence[int]:
    if appointment.minute is not None:
        clock_minutes = appointment.minute // CELL_MINUTES * CELL_MINUTES
        return [clock.minutes.index(clock_minutes)] if clock_minutes in clock.minutes else []
    length = max(need.offset_cells + need.cells for need in appointment.needs)
    chairs = in_at_least(base.by_kind(ResourceKind.CHAIR).values(), 1)
    possible = [*iter_bits(run_starts(chairs, length) & base.day.grid_cells(START_GRID))]
    suiting = [
        cell
        for cell in possible
        if appointment.earliest <= clock.minutes[cell] <= appointment.latest
    ]
    return suiting or possible
