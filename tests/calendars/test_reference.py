"""Slots equal a slow, obvious reference implementation, over 1,000 generated clinics."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.allocation import Allocation, allocate
from booking.calendars.choosing import compute_claim_moves
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import (
    ClosedDays,
    LocationCalendar,
    ShiftWorker,
    Span,
    WeeklyHours,
)
from booking.calendars.queries import STARTS_AT, CurrentClaims
from booking.calendars.rules import FreeCells, ResourceDemand, compute_start_cells, infusion_needs
from booking.locations.rules import END_OF_DAY, ResourceKind
from tests.calendars.reference import Appointment, Hours, Outage, ReferenceClinic
from tests.examples import examples

# Plain; clocks forward; clocks back
DAYS = [date(2026, 12, 1), date(2026, 3, 8), date(2026, 11, 1)]
ZONES = ["America/Phoenix", "America/Denver"]
STEPS = [5, 15, 30, 90, 240]
SINCE = date(2026, 1, 1)


class ClaimRow(NamedTuple):
    """A claim as it is read."""

    id: int
    resource_id: int
    starts_at: datetime
    ends_at: datetime
    expires_at: None = None
    pinned: bool = False


def with_appointment(
    rows: Sequence[ClaimRow],
    allocations: Sequence[Allocation],
    claims: CurrentClaims,
    free: FreeCells,
) -> list[ClaimRow]:
    """Return the claims after an appointment was made, those in its way moved."""
    moves = compute_claim_moves(allocations, free, claims)
    added = [
        ClaimRow(
            len(rows) + number, allocation.resource_id, free.day.cell_start(allocation.first),
            free.day.cell_start(allocation.end),
        )
        for number, allocation in enumerate(allocations)
    ]  # fmt: skip
    moved = [row._replace(resource_id=moves.get(row.id, row.resource_id)) for row in rows]
    return [*moved, *added]


@st.composite
def hours_on(draw: st.DrawFn, weekday: int) -> Hours:
    begins = draw(st.integers(0, 20))
    length = draw(st.integers(1, 23 - begins))
    minute = draw(st.sampled_from([0, 15, 30]))
    ends = begins + length
    return Hours(weekday, time(begins, minute), time(ends, minute) if ends < 23 else END_OF_DAY)


WHATS: list[str | tuple[str, int]] = [
    "place",
    *((kind, n) for kind in ("chair", "nurse", "prescriber") for n in range(2)),
]


@st.composite
def outages_on(draw: st.DrawFn, day: date) -> Outage:
    midnight = datetime.combine(day, time(), UTC)
    begins = midnight + timedelta(minutes=draw(st.integers(0, 30 * 60)))
    minutes = draw(st.sampled_from([1, 60, 61, 300, 3000]))
    return Outage(draw(st.sampled_from(WHATS)), begins, begins + timedelta(minutes=minutes))


@st.composite
def clinics(draw: st.DrawFn) -> tuple[ReferenceClinic, date]:
    day = draw(st.sampled_from(DAYS))
    some_hours = st.lists(hours_on(day.weekday()), min_size=1, max_size=2)
    watches = draw(st.integers(1, 4))
    return ReferenceClinic(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        hours=draw(some_hours),
        closed=draw(st.sampled_from([[], [], [], [day], [day + timedelta(days=1)]])),
        chairs=draw(st.integers(1, 3)),
        watches=watches,
        nurses=draw(st.lists(some_hours, min_size=1, max_size=3)),
        prescribers=draw(st.lists(some_hours, min_size=1, max_size=2)),
        outages=draw(st.lists(outages_on(day), max_size=2)),
    ), day


def as_place(clinic: ReferenceClinic) -> LocationCalendar:
    def weekly(hours: list[Hours]) -> tuple[WeeklyHours, ...]:
        return tuple(WeeklyHours(h.weekday, h.begins, h.ends, SINCE, None) for h in hours)

    def spans(what: str | tuple[str, int]) -> tuple[Span, ...]:
        return tuple((o.starts_at, o.ends_at) for o in clinic.outages if o.what == what)

    chairs = tuple(range(clinic.chairs))
    seats = tuple(range(100, 100 + clinic.watches * len(clinic.nurses)))
    return LocationCalendar(
        id=1,
        slug="here",
        name="Here",
        neutral_name="Here",
        phone="+16025550100",
        zone=clinic.zone,
        hours=weekly(clinic.hours),
        closures=tuple(ClosedDays(day, day) for day in clinic.closed),
        resources={ResourceKind.CHAIR: chairs, ResourceKind.SEAT: seats},
        practitioners=tuple(
            ShiftWorker(50 + n, 0, weekly(p), spans(("prescriber", n)))
            for n, p in enumerate(clinic.prescribers)
        ),
        nurses=tuple(
            ShiftWorker(None, clinic.watches, weekly(person), spans(("nurse", n)))
            for n, person in enumerate(clinic.nurses)
        ),
        resource_ids=(),
        outages=spans("place"),
        resource_outages={chair: spans(("chair", chair)) for chair in chairs},
    )


@examples(250)
@given(clinics(), st.sampled_from(STEPS), st.sampled_from([0, 5, 15]), st.data())
def test_slots_equal_the_reference(
    found: tuple[ReferenceClinic, date], step: int, setup: int, data: st.DataObject
) -> None:
    clinic, day = found
    location = as_place(clinic)
    total = setup + data.draw(st.sampled_from([30, 75]))
    needs = infusion_needs(setup, total - setup, 0, clinic.watches)
    demand = ResourceDemand(needs, total, step, prescriber=True)
    appointments: list[Appointment] = []
    rows: list[ClaimRow] = []
    for _ in range(4):
        claims = CurrentClaims(sorted(rows, key=STARTS_AT))  # type: ignore[arg-type]
        free, _ = claims.subtract_from(location.free_day(day))
        offered = [
            free.day.cell_start(cell) for cell in iter_bits(compute_start_cells(demand, free))
        ]
        assert offered == clinic.infusion_starts(day, step, setup, total, appointments)
        if not offered:
            break
        start = data.draw(st.sampled_from(offered))
        cell = free.day.cell_at(start)
        assert cell is not None
        allocations = allocate(demand, free, cell)
        rows = with_appointment(rows, allocations, claims, free)
        appointments = [
            Appointment(row.resource_id, row.starts_at, setup, total)
            for row in rows
            if row.resource_id in location.resources[ResourceKind.CHAIR]
        ]
        assert start in [appointment.starts_at for appointment in appointments]
