"""Choosing what an appointment takes of a day, by the rules that offer it: read only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.calendars.allocation import Allocation, StartNotFree, allocate
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import Claim
from booking.calendars.overrides import NO_RULES, Rules, exempt_demand
from booking.calendars.queries import CurrentClaims, read_claims_between
from booking.calendars.reseating import SeatedClaim, list_movable, reseat
from booking.calendars.rules import FreeCells, ResourceDemand
from booking.extensions import db


@dataclass(frozen=True, slots=True)
class ResourceChoice:
    """What an appointment would take of a day, and the ids of expired claims in its way.

    `moves` are claims of others (id → new resource's id) that have to be moved first.
    """

    allocations: Sequence[Allocation]
    free: FreeCells
    expired: Sequence[int]
    moves: Mapping[int, int]


def choose_resources(
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    preferred_ids: Sequence[int] = (),
    *,
    own_claims: Mapping[int, int] | None = None,
    exempt: Rules = NO_RULES,
) -> ResourceChoice:
    """Choose what is free; to an appointment with claims of `own_claims` (claim id to resource) those are.

    Its practitioner is, too, whatever their own calendar says: what is booked stays so.
    Rules that are `exempt` don't bind it; what others claim it never gets. The claims are read to the
    day's end: whoever begins later may have to move. Raises `StartNotFree`.
    """
    free_cells = location.free_day(starts_at.astimezone(location.zone).date(), exempt)
    begins, ends = demand.occupied_span(starts_at)
    ends = max(ends, free_cells.day.ends_at)
    claims = read_claims_between([location], begins, ends, now)
    if own_claims is not None:
        claims, free_cells = (
            claims.besides(own_claims),
            free_cells.with_practitioners(own_claims.values()).without_busy(),
        )
    free, _ = claims.subtract_from(free_cells)
    cell = free.day.cell_at(starts_at)
    if cell is None:
        raise StartNotFree
    allocations = allocate(exempt_demand(demand, exempt), free, cell, preferred_ids)
    return ResourceChoice(
        allocations, free, claims.expired, compute_claim_moves(allocations, free, claims)
    )


def choose_instead(
    appointment_id: int,
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    exempt: Rules = NO_RULES,
) -> ResourceChoice:
    """Choose for an appointment as if it claimed nothing; what it has is preferred. Raises `StartNotFree`."""
    rows = db.session.execute(
        select(Claim.id, Claim.resource_id).where(Claim.appointment_id == appointment_id)
    )
    resource_by_claim = {row.id: row.resource_id for row in rows}
    return choose_resources(
        *(location, demand, starts_at, now),
        preferred_ids=tuple(resource_by_claim.values()),
        own_claims=resource_by_claim,
        exempt=exempt,
    )


def compute_claim_moves(
    allocations: Iterable[Allocation], free: FreeCells, claims: CurrentClaims
) -> dict[int, int]:
    """Return the new resource of each claim that is in the way of what is allocated."""
    moves: dict[int, int] = {}
    for kind, groups in free.alike.items():
        for allocation in allocations:
            group = next((group for group in groups if allocation.resource_id in group), None)
            if group and not _is_free(free.by_kind(kind)[allocation.resource_id], allocation):
                moves |= _make_room(allocation, group, free, claims)
    return moves


def _is_free(cells: int, allocation: Allocation) -> bool:
    needed = (1 << allocation.end) - (1 << allocation.first)
    return cells & needed == needed


def _make_room(
    allocation: Allocation, group: Sequence[int], free: FreeCells, claims: CurrentClaims
) -> dict[int, int]:
    movable = list_movable(group, free.pinned, allocation.first)
    seated = []
    for row in claims.rows:
        if row.resource_id in movable:
            cells = free.day.cells_touching(row.starts_at, row.ends_at)
            if cells.bit_length() > allocation.first:
                first = (cells & -cells).bit_length() - 1
                seated.append(SeatedClaim(row.id, row.resource_id, first, cells.bit_length()))
    return reseat(allocation.resource_id, allocation.first, allocation.end, movable, seated)
