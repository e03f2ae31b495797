"""What the calendar and the clock say of a day's starts, rule by rule: nothing else decides what is free."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, reduce
from operator import and_

from booking.calendars.booking_windows import MICROSECOND, BookingWindow
from booking.calendars.local_days import (
    CELL_MINUTES,
    LocalDay,
    in_at_least,
    iter_bits,
    iter_runs,
)
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import OVERRIDES, CalendarRule, OverriddenBy
from booking.calendars.ruled_days import Facts, StartRule, constant_facts
from booking.calendars.rules import (
    FreeCells,
    ResourceDemand,
    ResourceNeed,
    compute_need_starts,
    compute_prescriber_starts,
    compute_span_starts,
)
from booking.locations.rules import ResourceKind


def _rule(
    rule: CalendarRule,
    starts: int,
    facts_at: Callable[[int], Facts],
    overridable: int | None = None,
) -> StartRule:
    """Return a rule of the calendar with who may book against it, and at which cells (None: at all)."""
    override = OVERRIDES.get(rule, OverriddenBy.NOBODY)
    is_grid = rule is CalendarRule.GRID
    return StartRule(rule, starts, facts_at, override, is_grid, overridable)


def past_rule(day: LocalDay, now: datetime) -> StartRule:
    """Return the rule that an appointment starts after `now`."""
    return StartRule(CalendarRule.PAST, day.cells_beginning(now + MICROSECOND, day.ends_at))


def list_online_rules(day: LocalDay, window: BookingWindow) -> list[StartRule]:
    """Return what binds those alone who book online: no start is too soon for a service, or too far."""
    announced = day.cells_beginning(window.opens_at, day.ends_at)
    within = day.cells_beginning(day.starts_at, window.closes_at)
    opens_at = partial(constant_facts, {"opens_at": window.opens_at})
    last_day = partial(constant_facts, {"last_day": window.last_day(day.zone)})
    return [
        _rule(CalendarRule.NOTICE, announced, opens_at),
        _rule(CalendarRule.HORIZON, within, last_day),
    ]


def list_calendar_rules(
    location: LocationCalendar, demand: ResourceDemand, free: FreeCells, called_in: FreeCells
) -> list[StartRule]:
    """Return what the calendar says of a day's starts, rule by rule: together, `compute_start_cells`.

    `free` is what claims leave of `location.day_if_open`: hours and closures are rules by themselves; and
    `called_in` what they leave if everybody came in who isn't away. A need that would not lie within the day
    is against the hours, and nothing else is said of it.
    """
    day, opened = free.day, location.day_if_open(free.day.local_date)
    closures = (
        _rule(CalendarRule.CLOSED, 0, partial(constant_facts, closed_days._asdict()))
        for closed_days in location.closures_on(day.local_date)
    )
    of_needs = (
        rule
        for need in demand.needs
        for rule in _list_need_rules(need, demand, opened, free, called_in)
    )
    return [
        _rule(CalendarRule.GRID, day.grid_cells(demand.step), partial(_grid_facts, day, demand)),
        *closures,
        *_list_outage_rules(location, demand, day),
        _hours_rule(location, demand, day),
        *of_needs,
        *([_prescriber_rule(demand, free)] if demand.prescriber else []),
    ]


def _grid_facts(day: LocalDay, demand: ResourceDemand, cell: int) -> Facts:
    starts = [*iter_bits(day.grid_cells(demand.step))]
    before = max((start for start in starts if start <= cell), default=None)
    after = min((start for start in starts if start > cell), default=None)
    nearest = (None if start is None else day.cell_start(start) for start in (before, after))
    return dict(zip(("before", "after"), nearest, strict=True)) | {"step": demand.step}


def _list_outage_rules(
    location: LocationCalendar, demand: ResourceDemand, day: LocalDay
) -> list[StartRule]:
    """Return one rule for each time of the day at which the location is closed for once."""
    rules = []
    for begins, ends in location.outages:
        if closed := day.cells_touching(begins, ends) & day.all_cells:
            starts = _compute_starts_within(demand, day, day.all_cells & ~closed)
            beyond = day.all_cells & ~_compute_starts_within(demand, day, day.all_cells)
            facts = {"begins": begins, "ends": ends}
            rules.append(
                _rule(CalendarRule.OUTAGE, starts | beyond, partial(constant_facts, facts))
            )
    return rules


def _compute_starts_within(demand: ResourceDemand, day: LocalDay, cells: int) -> int:
    """Return the starts of which all that an appointment occupies lies in `cells` of a day."""
    spans = [compute_span_starts(need, cells) for need in demand.needs]
    if demand.prescriber:
        spans.append(compute_prescriber_starts(demand, cells))
    return reduce(and_, spans, day.all_cells)


def _hours_rule(location: LocationCalendar, demand: ResourceDemand, day: LocalDay) -> StartRule:
    """Return the rule that all an appointment occupies lies within the opening hours, and within its day."""
    within_day = _compute_starts_within(demand, day, day.all_cells)
    hours = location.hours_cells(day)
    opening = [(day.cell_start(first), day.cell_start(end)) for first, end in iter_runs(hours)]

    def facts_at(cell: int) -> Facts:
        begins, ends = demand.occupied_span(day.cell_start(cell))
        own = {"begins": begins, "ends": ends, "is_infusion": demand.prescriber}
        return own | {"opening": opening}

    within_hours = _compute_starts_within(demand, day, hours)
    return _rule(CalendarRule.HOURS, within_hours, facts_at, within_day)


def _list_need_rules(
    need: ResourceNeed,
    demand: ResourceDemand,
    opened: FreeCells,
    free: FreeCells,
    called_in: FreeCells,
) -> list[StartRule]:
    """Return the rules about one need of an appointment."""
    all_day, left = opened.by_kind(need.kind), free.by_kind(need.kind)
    if need.kind is ResourceKind.SEAT:
        return [_nurse_rule(need, demand, opened, free, called_in)]
    if need.kind is ResourceKind.PRACTITIONER and demand.practitioner_id is not None:
        return _chosen_practitioner_rules(need, demand.practitioner_id, opened, free, called_in)
    rule = CalendarRule(need.kind.value)

    def facts_at(cell: int) -> Facts:
        span = _cells_of(need, cell)
        outages = sum(bool(span & ~cells) for cells in all_day.values())
        full_at = _first_start(free.day, span & ~in_at_least(left.values(), 1))
        return {"count": len(all_day), "outages": outages, "full_at": full_at}

    starts, overridable = (compute_need_starts(need, cells) for cells in (free, called_in))
    return [_rule(rule, starts | _beyond(need, free.day), facts_at, overridable)]


def _chosen_practitioner_rules(
    need: ResourceNeed,
    resource_id: int,
    opened: FreeCells,
    free: FreeCells,
    called_in: FreeCells,
) -> list[StartRule]:
    """Return the rules that whoever was chosen is on shift, and not taken."""
    on_shift, left, could_come = (
        cells.by_kind(need.kind).get(resource_id, 0) for cells in (opened, free, called_in)
    )
    untaken = left | (free.day.all_cells & ~on_shift)

    def facts_of(cells: int, cell: int) -> Facts:
        at = _first_start(free.day, _cells_of(need, cell) & ~cells)
        return {"resource_id": resource_id, "at": at}

    away, busy = CalendarRule.PRACTITIONER_AWAY, CalendarRule.PRACTITIONER_BUSY
    return [
        _rule(
            rule,
            compute_span_starts(need, cells) | _beyond(need, free.day),
            partial(facts_of, cells),
            compute_span_starts(need, could_come),
        )
        for rule, cells in ((away, on_shift), (busy, untaken))
    ]


def _nurse_rule(
    need: ResourceNeed,
    demand: ResourceDemand,
    opened: FreeCells,
    free: FreeCells,
    called_in: FreeCells,
) -> StartRule:
    """Return the rule that nurses have a hand free: alone with the patient at setup, watching after it."""
    seats, on_shift = (cells.by_kind(ResourceKind.SEAT).values() for cells in (free, opened))
    is_setup = need.offset == 0 and need.minutes < demand.minutes

    def facts_at(cell: int) -> Facts:
        short = _cells_of(need, cell) & ~in_at_least(seats, need.count)
        at = next(iter_bits(short))
        free_then, there = (sum(own >> at & 1 for own in sets) for sets in (seats, on_shift))
        when = free.day.cell_start(at)
        return {"at": when, "needed": need.count, "free": free_then, "on_shift": there}

    rule = CalendarRule.SETUP_NURSE if is_setup else CalendarRule.NURSE_LOAD
    starts = compute_need_starts(need, free) | _beyond(need, free.day)
    return _rule(rule, starts, facts_at, compute_need_starts(need, called_in))


def _prescriber_rule(demand: ResourceDemand, free: FreeCells) -> StartRule:
    """Return the rule that somebody who may prescribe is on site throughout."""

    def facts_at(cell: int) -> Facts:
        span = ((1 << demand.minutes // CELL_MINUTES) - 1) << cell
        first, end = next(iter_runs(span & ~free.prescriber))
        return {"begins": free.day.cell_start(first), "ends": free.day.cell_start(end)}

    all_day = free.day.all_cells
    beyond = all_day & ~compute_prescriber_starts(demand, all_day)
    starts = compute_prescriber_starts(demand, free.prescriber) | beyond
    return _rule(CalendarRule.PRESCRIBER, starts, facts_at)


def _beyond(need: ResourceNeed, day: LocalDay) -> int:
    """Return the starts of a day from which a need would not lie within it."""
    return day.all_cells & ~compute_span_starts(need, day.all_cells)


def _cells_of(need: ResourceNeed, cell: int) -> int:
    """Return the cells that one need takes of an appointment starting at `cell`."""
    cells, first = (1 << need.cells) - 1, cell + need.offset_cells
    return cells << first if first >= 0 else cells >> -first


def _first_start(day: LocalDay, cells: int) -> datetime | None:
    """Return when the first of some cells begins, UTC; None of none."""
    return day.cell_start(next(iter_bits(cells))) if cells else None
