"""Free time as bits, and which starts it allows.

A local day is one Python integer per resource: bit i stands for the 5 minutes that begin i × 5 minutes
after local midnight (elapsed time, so a day has 276 to 300 bits where clocks change). An appointment occupies
resources for stretches of cells; the starts at which all of them are free are an AND of shifted sets.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from booking.calendars.local_days import CELL_MINUTES, LocalDay, in_at_least, run_starts
from booking.calendars.reseating import compute_group_starts
from booking.locations.rules import ResourceKind


class InvalidNeed(ValueError):
    """A need is malformed; the message names what was expected."""


@dataclass(frozen=True, slots=True)
class ResourceNeed:
    """`count` resources of one kind for `minutes`, beginning `offset` minutes after the appointment's start.

    A negative offset is a buffer before. Seats may pass from one to the next (nurses hand over);
    any other resource stays the same throughout.
    """

    kind: ResourceKind
    offset: int
    minutes: int
    count: int = 1

    def __post_init__(self) -> None:
        if self.offset % CELL_MINUTES or self.minutes % CELL_MINUTES or self.minutes <= 0:
            raise InvalidNeed("offset and minutes are multiples of 5, minutes more than 0")
        if self.count < 1 or (self.count > 1 and self.kind is not ResourceKind.SEAT):
            raise InvalidNeed("count is 1, or more for seats only")

    @property
    def offset_cells(self) -> int:
        """The offset in cells of 5 minutes."""
        return self.offset // CELL_MINUTES

    @property
    def cells(self) -> int:
        """The length in cells of 5 minutes."""
        return self.minutes // CELL_MINUTES

    def with_end_moved(self, end: int, minutes: int) -> "ResourceNeed":
        """Return the need once an appointment's end (minutes after its start) is so much later."""
        if self.offset >= end:
            return replace(self, offset=self.offset + minutes)
        is_until_end = self.offset + self.minutes >= end
        return replace(self, minutes=self.minutes + minutes) if is_until_end else self

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ResourceNeed":
        """Read a need from plain data, as kept with services and appointments."""
        return cls(
            ResourceKind(data["kind"]),
            data["offset"],
            data["minutes"],
            data.get("count", 1),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the need as plain data."""
        return {
            "kind": self.kind.value,
            "offset": self.offset,
            "minutes": self.minutes,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class ResourceDemand:
    """What one appointment occupies, how long the patient is there, and on which grid it starts (minutes).

    With `prescriber`, a practitioner must be on shift at the location throughout: a condition, not a
    claim. With `practitioner_id`, the practitioner needed is that one (a resource's id) and nobody else.
    """

    needs: tuple[ResourceNeed, ...]
    minutes: int
    step: int
    prescriber: bool = False
    practitioner_id: int | None = None

    def occupied_span(self, starts_at: datetime) -> tuple[datetime, datetime]:
        """Return all the time that an appointment starting then occupies anything, buffers included."""
        first = min((need.offset for need in self.needs), default=0)
        end = max((need.offset + need.minutes for need in self.needs), default=0)
        return starts_at + timedelta(minutes=first), starts_at + timedelta(minutes=end)

    def lengthened(self, minutes: int) -> "ResourceDemand":
        """Return the demand of an appointment that takes so much longer: what lasts to its end ends later."""
        needs = tuple(need.with_end_moved(self.minutes, minutes) for need in self.needs)
        return replace(self, needs=needs, minutes=self.minutes + minutes)


def infusion_needs(
    setup: int, infusion: int, recovery: int, seats: int
) -> tuple[ResourceNeed, ...]:
    """Return what an infusion appointment occupies (minutes): one chair throughout and a nurse's attention.

    At setup a nurse is alone with the patient and can watch nobody else, so setup takes all `seats`
    a nurse has; watching takes one (CLINICAL §1).
    """
    watching = infusion + recovery
    chair_need = ResourceNeed(ResourceKind.CHAIR, 0, setup + watching)
    setup_needs = (ResourceNeed(ResourceKind.SEAT, 0, setup, seats),) if setup else ()
    watching_needs = (ResourceNeed(ResourceKind.SEAT, setup, watching),) if watching else ()
    return (chair_need, *setup_needs, *watching_needs)


@dataclass(frozen=True, slots=True)
class FreeCells:
    """The free cells of each resource at one location on one day, and those with a prescriber there.

    `alike` are groups of resources between which appointments can be moved (`reseating`), and `pinned` the
    last cell at which somebody who has arrived begins, by resource id. `busy` are cells that practitioners'
    own calendars take, as claims do: of what is new, never of what is booked.
    """

    day: LocalDay
    free: Mapping[ResourceKind, Mapping[int, int]]  # kind → resource id → cells
    prescriber: int
    alike: Mapping[ResourceKind, Sequence[Sequence[int]]] = field(default_factory=dict)
    pinned: Mapping[int, int] = field(default_factory=dict)
    busy: Mapping[int, int] = field(default_factory=dict)

    def by_kind(self, kind: ResourceKind) -> Mapping[int, int]:
        """Return resource id → free cells for one kind."""
        return self.free.get(kind, {})

    def within(self, cells: int) -> "FreeCells":
        """Return the day as if nothing were there outside of `cells`."""
        free = {
            kind: {resource: own & cells for resource, own in sets.items()}
            for kind, sets in self.free.items()
        }
        return replace(self, free=free, prescriber=self.prescriber & cells)

    def groups(self, kind: ResourceKind) -> Sequence[Sequence[int]]:
        """Return the resources of a kind in groups of those that can be had for one another."""
        return self.alike.get(kind) or [(resource_id,) for resource_id in self.by_kind(kind)]

    def limited_to(self, demand: ResourceDemand) -> "FreeCells":
        """Return the day as a demand for one practitioner sees it; as it is for any other."""
        if demand.practitioner_id is None:
            return self
        return self.with_practitioners((demand.practitioner_id,))

    def with_practitioners(self, ids: Container[int]) -> "FreeCells":
        """Return the day as if no practitioner but these were there to be claimed."""
        people = self.by_kind(ResourceKind.PRACTITIONER)
        practitioners = {
            person_id: cells for person_id, cells in people.items() if person_id in ids
        }
        return replace(self, free={**self.free, ResourceKind.PRACTITIONER: practitioners})

    def without_busy(self) -> "FreeCells":
        """Return the day as if practitioners' own calendars said nothing."""
        return replace(self, busy={})


def compute_start_cells(demand: ResourceDemand, free: FreeCells) -> int:
    """Return the cells at which an appointment with this demand can start: what is offered and accepted."""
    starts, free = free.day.grid_cells(demand.step), free.limited_to(demand)
    for need in demand.needs:
        starts &= compute_need_starts(need, free)
    if demand.prescriber:
        starts &= compute_prescriber_starts(demand, free.prescriber)
    return starts


def compute_need_starts(need: ResourceNeed, free: FreeCells) -> int:
    """Return the starts that one need allows."""
    pool = free.by_kind(need.kind)
    if need.kind is ResourceKind.SEAT:
        return compute_span_starts(need, in_at_least(pool.values(), need.count))
    starts = 0
    for group in free.groups(need.kind):
        starts |= compute_group_starts(group, pool, free.pinned, need.cells)
    return _from_start(need, starts)


def compute_span_starts(need: ResourceNeed, cells: int) -> int:
    """Return the starts whose time of this need lies wholly in `cells`."""
    return _from_start(need, run_starts(cells, need.cells))


def _from_start(need: ResourceNeed, begins: int) -> int:
    """Return the starts of appointments whose need begins at these cells."""
    offset = need.offset_cells
    return begins >> offset if offset >= 0 else begins << -offset


def compute_prescriber_starts(demand: ResourceDemand, prescriber: int) -> int:
    """Return the starts with a prescriber on site throughout; `prescriber` are the cells with one."""
    return run_starts(prescriber, demand.minutes // CELL_MINUTES)
