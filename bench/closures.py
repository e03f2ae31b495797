"""What a closure costs: 12 invented clinics, one after another against all at once.

`make bench BENCH=closures`. The plans are made by the code that makes them at the desk, and are checked by
the checker. "One by one" has both locations to choose among, too.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from time import perf_counter

from bench.invented_clinics import (
    DEMAND,
    ZONE,
    BookedSession,
    Event,
    InventedClinic,
    a_location,
    an_invented_clinic,
)
from booking.outages.gap_windows import list_move_days, list_spacings
from booking.outages.planning.checker import find_plan_errors
from booking.outages.planning.joint import plan_jointly
from booking.outages.planning.options import DisplacedAppointment, LocationDay, build_problem
from booking.outages.planning.problem import MovePlan, MoveProblem, Spacing
from booking.outages.planning.sequential import plan_one_by_one
from booking.series.gap_rules import StandingSession

AIM, SECONDS = 35, 30
PATIENTS = (96, 80)  # at each location
TUESDAY = datetime(2026, 12, 15, 8)  # noqa: DTZ001 - local to the clinic
NOTICE = timedelta(hours=12)
EVENTS = (
    Event("two days closed", TUESDAY, 34),
    Event("two nurses ill for two days", TUESDAY, 34, nurses_away=2),
    Event("three days closed", TUESDAY, 58),
    Event("a day closed", TUESDAY, 10),
)
CLINICS = 12


def closure_problem(
    clinic: InventedClinic, event: Event, location_ids: Sequence[int] = (1, 2)
) -> MoveProblem:
    """Return the problem that an event makes, with new times at these locations."""
    begins, ends = event.span
    displaced = [
        session
        for session in sorted(clinic.sessions, key=lambda each: each.starts_at)
        if session.location_id == 1
        and session.starts_at < ends
        and begins < session.starts_at + timedelta(minutes=DEMAND.minutes)
    ]
    first = begins.astimezone(ZONE).date()
    days = [first + timedelta(days=n) for n in range(-14, 22)]
    locations = {**clinic.locations, 1: a_location(1, event)}
    return build_problem(
        [
            DisplacedAppointment(
                number, 1, session.starts_at, DEMAND, _move_days(clinic, session, displaced, days),
                frozenset(location_ids), begins - NOTICE, may_stay=event.is_partial,
            )
            for number, session in enumerate(displaced)
        ],
        [
            LocationDay(key, clinic.free_day(locations[key], day, displaced))
            for key in location_ids
            for day in days
            if locations[key].is_open_on(day)
        ],
        [*_list_spacings(clinic, displaced)],
    )  # fmt: skip


def _list_standing(clinic: InventedClinic, patient: int) -> list[StandingSession]:
    sessions = (session for session in clinic.sessions if session.patient == patient)
    return [StandingSession(session.number, 0, session.day) for session in sessions]


def _move_days(
    clinic: InventedClinic,
    session: BookedSession,
    displaced: Sequence[BookedSession],
    days: Sequence[date],
) -> dict[date, int]:
    numbers = {each.number for each in displaced if each.patient == session.patient}
    standing, phases = _list_standing(clinic, session.patient), [clinic.phases[session.patient]]
    return list_move_days(phases, standing, session.number, numbers, days)


def _list_spacings(clinic: InventedClinic, displaced: Sequence[BookedSession]) -> Iterator[Spacing]:
    for patient in sorted({session.patient for session in displaced}):
        own = {each.number: key for key, each in enumerate(displaced) if each.patient == patient}
        standing = _list_standing(clinic, patient)
        for pair in list_spacings([clinic.phases[patient]], standing, own.keys()):
            yield Spacing(own[pair.earlier], own[pair.later], pair.gap.min_days, pair.gap.max_days)


def require_valid(problem: MoveProblem, plan: MovePlan) -> MovePlan:
    """Return a plan that the checker finds right; a wrong one ends the benchmark."""
    if errors := find_plan_errors(problem, plan):
        raise RuntimeError(f"a wrong plan: {errors}")
    return plan


def main() -> None:
    """Print who is left without a time at each clinic, and all together."""
    totals = [0, 0, 0, 0]
    for number in range(CLINICS):
        event = EVENTS[number % len(EVENTS)]
        problem = closure_problem(an_invented_clinic(number, PATIENTS), event)
        alone = require_valid(problem, plan_one_by_one(problem))
        began = perf_counter()
        plan = require_valid(problem, plan_jointly(problem, alone, SECONDS))
        seconds = perf_counter() - began
        counts = [len(problem.appointments), len(alone.unplaced_ids), len(plan.unplaced_ids)]
        counts.append(plan.least_unplaced)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        print(
            f"clinic {number + 1}, {event.name}: {_describe(counts)} ({seconds:.1f} s)", flush=True
        )
    print(f"all {CLINICS}: {_describe(totals)} (aim {AIM})", flush=True)


def _describe(counts: Sequence[int]) -> str:
    affected, alone, together, least = counts
    return (
        f"{affected} affected, without a time one by one {alone}, "
        f"all at once {together}, at best {least}"
    )
