"""Generated clinics with an appointment somebody would like, and how the cause of one blocker goes away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from booking.calendars.allocation import allocate
from booking.calendars.local_days import CELL, iter_bits
from booking.calendars.location_calendars import LocationCalendar, ShiftWorker, Span, WeeklyHours
from booking.calendars.overrides import (
    ALL_SHIFTS,
    NO_RULES,
    CalendarRule,
    Rules,
    exempt_demand,
)
from booking.calendars.queries import STARTS_AT, CurrentClaims
from booking.calendars.ruled_days import Blocker, RuledDay
from booking.calendars.rules import (
    FreeCells,
    ResourceDemand,
    ResourceNeed,
    compute_start_cells,
    infusion_needs,
)
from booking.calendars.start_rules import list_calendar_rules
from booking.locations.rules import END_OF_DAY, ResourceKind
from tests.calendars.reference import ReferenceClinic
from tests.calendars.test_reference import (
    DAYS,
    SINCE,
    ClaimRow,
    as_place,
    clinics,
    with_appointment,
)

PLAIN = DAYS[0]
ROOMS, CHOSEN, NEW = (10, 11), 50, 900  # ids of resources


@dataclass(frozen=True)
class Case:
    """A place with what is claimed there, and an appointment somebody would like."""

    location: LocationCalendar
    demand: ResourceDemand
    claims: tuple[ClaimRow, ...]

    def free(self, opened: FreeCells) -> FreeCells:
        rows = sorted(self.claims, key=STARTS_AT)
        return CurrentClaims(rows).subtract_from(opened)[0]  # type: ignore[arg-type]

    def ruled(self, day: date) -> RuledDay:
        free, called_in = (
            self.free(self.location.day_if_open(day, exempt)) for exempt in (NO_RULES, ALL_SHIFTS)
        )
        rules = list_calendar_rules(self.location, self.demand, free, called_in)
        return RuledDay(self.location, free.day, tuple(rules))

    def starts(self, day: date, exempt: Rules = NO_RULES) -> int:
        free = self.free(self.location.free_day(day, exempt))
        return compute_start_cells(exempt_demand(self.demand, exempt), free)


def an_infusion(watches: int, setup: int, total: int, step: int) -> ResourceDemand:
    return ResourceDemand(infusion_needs(setup, total - setup, 0, watches), total, step, True)


def a_consultation(step: int, practitioner_id: int | None) -> ResourceDemand:
    room = ResourceNeed(ResourceKind.ROOM, -10, 50)
    practitioner = ResourceNeed(ResourceKind.PRACTITIONER, 0, 40)
    return ResourceDemand((room, practitioner), 40, step, practitioner_id=practitioner_id)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, date]:
    """Generate clinics with up to five appointments in them."""
    clinic, day = draw(clinics())
    step = draw(st.sampled_from([5, 15, 30]))
    setup = draw(st.sampled_from([0, 5, 15]))
    infusion = an_infusion(clinic.watches, setup, setup + draw(st.sampled_from([30, 75])), step)
    seen = a_consultation(step, draw(st.sampled_from([None, CHOSEN, 51, NEW])))
    location = with_busy(with_rooms(clinic), draw(st.sampled_from([(), busy_on(clinic, day)])))
    case = Case(location, draw(st.sampled_from([infusion, seen])), ())
    for _ in range(draw(st.integers(0, 5))):
        case = draw(
            st.sampled_from([booked(case, day, demand, draw) for demand in (infusion, seen)])
        )
    return case, day


def with_rooms(clinic: ReferenceClinic) -> LocationCalendar:
    location = as_place(clinic)
    return replace(location, resources={**location.resources, ResourceKind.ROOM: ROOMS})


def busy_on(clinic: ReferenceClinic, day: date) -> tuple[Span, ...]:
    """An event over noon in the own calendar of whoever is chosen, off the grid at both ends."""
    noon = datetime.combine(day, time(12), clinic.zone).astimezone(UTC)
    return ((noon - timedelta(minutes=47), noon + timedelta(minutes=31)),)


def with_busy(location: LocationCalendar, busy: tuple[Span, ...]) -> LocationCalendar:
    workers = tuple(
        replace(worker, busy=busy) if worker.resource_id == CHOSEN else worker
        for worker in location.practitioners
    )
    return replace(location, practitioners=workers)


def booked(case: Case, day: date, demand: ResourceDemand, draw: st.DrawFn) -> Case:
    """Return the case with one appointment more, where there is room for it."""
    free = case.free(case.location.free_day(day))
    starts = [*iter_bits(compute_start_cells(demand, free))]
    if not starts:
        return case
    chosen = allocate(demand, free, draw(st.sampled_from(starts)))
    claims = CurrentClaims(sorted(case.claims, key=STARTS_AT))  # type: ignore[arg-type]
    return replace(case, claims=tuple(with_appointment(case.claims, chosen, claims, free)))


def all_day(day: date, begins: time = time(), ends: time = END_OF_DAY) -> tuple[WeeklyHours, ...]:
    return (WeeklyHours(day.weekday(), begins, ends, SINCE, None),)


def without(case: Case, blocker: Blocker, day: date, start: datetime) -> Case:
    """Return the case with the cause of one blocker gone, and nothing else."""
    location, demand, facts = case.location, case.demand, blocker.facts
    changes: dict[str, Callable[[], Case]] = {
        CalendarRule.GRID: lambda: replace(case, demand=replace(demand, step=5)),
        CalendarRule.CLOSED: lambda: at(case, closures=()),
        CalendarRule.OUTAGE: lambda: without_outage(case, (facts["begins"], facts["ends"])),
        CalendarRule.HOURS: lambda: at(case, hours=all_day(day)),
        CalendarRule.CHAIR: lambda: furnished(case, ResourceKind.CHAIR),
        CalendarRule.ROOM: lambda: furnished(case, ResourceKind.ROOM),
        CalendarRule.SETUP_NURSE: lambda: with_nurse(case, start, day, demand.needs[1]),
        CalendarRule.NURSE_LOAD: lambda: with_nurse(case, start, day, demand.needs[-1]),
        CalendarRule.PRESCRIBER: lambda: with_practitioner(case, day, NEW + 1),
        CalendarRule.PRACTITIONER: lambda: with_practitioner(case, day, NEW + 1),
        CalendarRule.PRACTITIONER_AWAY: lambda: with_practitioner(case, day, facts["resource_id"]),
        CalendarRule.PRACTITIONER_BUSY: lambda: replace(
            at(case, practitioners=with_busy(location, ()).practitioners),
            claims=tuple(row for row in case.claims if row[1] != facts["resource_id"]),
        ),
    }
    assert location.is_closed_on(day) is (CalendarRule.CLOSED in rules_of(case, day, start))
    return changes[blocker.rule]()


def without_outage(case: Case, span: Span) -> Case:
    outages = [*case.location.outages]
    outages.remove(span)
    return at(case, outages=tuple(outages))


def at(case: Case, **changes: object) -> Case:
    return replace(case, location=replace(case.location, _free_days={}, **changes))  # type: ignore[arg-type]


def furnished(case: Case, kind: ResourceKind) -> Case:
    resources = case.location.resources
    return at(case, resources={**resources, kind: (*resources.get(kind, ()), NEW)})


def with_nurse(case: Case, start: datetime, day: date, need: ResourceNeed) -> Case:
    """One nurse more, for the time of one need."""
    location = case.location
    begins = start + timedelta(minutes=need.offset)
    times = [at.astimezone(location.zone).time() for at in (begins, begins + need.cells * CELL)]
    shift = all_day(day, times[0], END_OF_DAY if times[1] == time() else times[1])
    nurse = ShiftWorker(None, location.setup_seats, shift)
    seats = location.resources[ResourceKind.SEAT]
    more = tuple(range(NEW + len(seats), NEW + len(seats) + location.setup_seats))
    return at(
        case,
        nurses=(*location.nurses, nurse),
        resources={**location.resources, ResourceKind.SEAT: (*seats, *more)},
    )


def with_practitioner(case: Case, day: date, resource_id: int) -> Case:
    workers = case.location.practitioners
    others = [worker for worker in workers if worker.resource_id != resource_id]
    busy = next((worker.busy for worker in workers if worker.resource_id == resource_id), ())
    newcomer = ShiftWorker(resource_id, 0, all_day(day), busy=busy)
    return at(case, practitioners=(*others, newcomer))


def rules_of(case: Case, day: date, start: datetime) -> list[str]:
    return [blocker.rule for blocker in case.ruled(day).blockers_at(start)]
