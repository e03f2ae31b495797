"""What a closure costs: 12 invented clinics, one after another, all at once, and whole series at once.

`make bench BENCH=closures`; a part of `make bench BENCH=planner`, too. The plans are made by the code that
makes them at the desk, and are checked by the checker. "One by one" has both locations to choose among, too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
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
from booking.outages.gap_windows import list_session_move_days, list_spacings
from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.joint import plan_jointly
from booking.outages.planning.options import (
    DEFAULT_PRICES,
    DisplacedAppointment,
    LocationDay,
    build_problem,
)
from booking.outages.planning.problem import MovePlan, MoveProblem, Spacing
from booking.outages.planning.sequential import plan_one_by_one, repeat_plan
from booking.outages.planning.series_plan import plan_series
from booking.series.gap_rules import StandingSession

AIM, SECONDS, SERIES_SECONDS = 35, 30, 60
PATIENTS = (96, 80)  # at each location
TUESDAY = datetime(2026, 12, 15, 8)  # noqa: DTZ001 - local to the clinic
NOTICE = timedelta(hours=12)
REACH, COMPANION_REACH, COMPANIONS_UNTIL = (timedelta(days=n) for n in (21, 5, 14))
EVENTS = (
    Event("two days closed", TUESDAY, 34),
    Event("two nurses ill for two days", TUESDAY, 34, nurses_away=2),
    Event("three days closed", TUESDAY, 58),
    Event("a day closed", TUESDAY, 10),
)
CLINICS = 12


@dataclass(slots=True)
class ClosureTally:
    """How many lose their times, how many of them get none by each way of planning, and what else moves."""

    affected: int = 0
    one_by_one: int = 0
    at_once: int = 0
    at_once_least: int = 0
    whole_series: int = 0
    whole_series_least: int = 0
    moved_besides: int = 0

    def add(self, other: "ClosureTally") -> None:
        """Count another in."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def __str__(self) -> str:
        return (
            f"{self.affected} affected; without a time one by one {self.one_by_one}, all at once "
            f"{self.at_once} (at best {self.at_once_least}), whole series {self.whole_series} "
            f"(at best {self.whole_series_least}; {self.moved_besides} other visits move)"
        )


class Closure:
    """One event at one clinic: who loses their times, and the other visits to come of their series."""

    def __init__(self, clinic: InventedClinic, event: Event) -> None:
        self.clinic, self.event = clinic, event
        self.begins, ends = event.span
        in_order = sorted(clinic.sessions, key=lambda each: each.starts_at)
        self.keys = {id(session): key for key, session in enumerate(in_order)}
        self.hit = [each for each in in_order if self._is_hit(each, ends)]
        last = max(each.day for each in self.hit) + COMPANIONS_UNTIL
        patients, hit_ids = {each.patient for each in self.hit}, {id(each) for each in self.hit}
        self.companions = [
            each
            for each in in_order
            if each.patient in patients
            and id(each) not in hit_ids
            and each.starts_at >= self.begins - NOTICE
            and each.day <= last
        ]

    def _is_hit(self, session: BookedSession, ends: datetime) -> bool:
        session_ends = session.starts_at + timedelta(minutes=DEMAND.minutes)
        return session.location_id == 1 and session.starts_at < ends and self.begins < session_ends

    def build_problem(self, *, whole_series: bool) -> MoveProblem:
        """Return the problem of new times for those hit, or for them and the others of their series."""
        companions = self.companions if whole_series else []
        displaced = sorted((*self.hit, *companions), key=lambda each: each.starts_at)
        companion_ids = {id(each) for each in companions}
        locations = {**self.clinic.locations, 1: a_location(1, self.event)}
        first = self.begins.astimezone(ZONE).date()
        days = [first + timedelta(days=n) for n in range(-14, 28)]
        return build_problem(
            [
                self._displace(each, displaced, days, is_companion=id(each) in companion_ids)
                for each in displaced
            ],
            [
                LocationDay(key, self.clinic.free_day(location, day, displaced))
                for key, location in locations.items()
                for day in days
                if location.is_open_on(day)
            ],
            [*self._list_spacings(displaced, DEFAULT_PRICES.gap_day if whole_series else 0)],
        )

    def _displace(
        self,
        session: BookedSession,
        displaced: Sequence[BookedSession],
        days: Sequence[date],
        *,
        is_companion: bool,
    ) -> DisplacedAppointment:
        reach = COMPANION_REACH if is_companion else REACH
        near = [day for day in days if abs(day - session.day) <= reach]
        return DisplacedAppointment(
            self.keys[id(session)], session.location_id, session.starts_at, DEMAND,
            self._list_move_days(session, displaced, near),
            frozenset(self.clinic.locations), self.begins - NOTICE,
            may_stay=is_companion or self.event.is_partial, is_hit=not is_companion,
            is_companion=is_companion, own_day=session.day,
        )  # fmt: skip

    def _list_standing(self, patient: int) -> list[StandingSession]:
        sessions = (each for each in self.clinic.sessions if each.patient == patient)
        return [StandingSession(each.number, 0, each.day) for each in sessions]

    def _list_move_days(
        self, session: BookedSession, displaced: Sequence[BookedSession], days: Sequence[date]
    ) -> dict[date, int]:
        numbers = {each.number for each in displaced if each.patient == session.patient}
        phases, standing = (
            [self.clinic.phases[session.patient]],
            self._list_standing(session.patient),
        )
        return list_session_move_days(phases, standing, session.number, numbers, days)

    def _list_spacings(self, displaced: Sequence[BookedSession], price: int) -> Iterator[Spacing]:
        for patient in sorted({session.patient for session in displaced}):
            own = {
                each.number: self.keys[id(each)] for each in displaced if each.patient == patient
            }
            standing = self._list_standing(patient)
            for pair in list_spacings([self.clinic.phases[patient]], standing, own.keys()):
                yield Spacing(
                    own[pair.earlier], own[pair.later], pair.min_days, pair.max_days,
                    ideal_days=(pair.gap.ideal_min_days, pair.gap.ideal_max_days), price=price,
                )  # fmt: skip


def require_valid(problem: MoveProblem, plan: MovePlan) -> MovePlan:
    """Return a plan that the checker finds right; a wrong one ends the benchmark."""
    if errors := list_plan_errors(problem, plan):
        raise RuntimeError(f"a wrong plan: {errors}")
    return plan


def measure(number: int) -> ClosureTally:
    """Plan what an event does to one clinic, in each way; whole series where somebody is left over."""
    closure = Closure(an_invented_clinic(number, PATIENTS), EVENTS[number % len(EVENTS)])
    problem = closure.build_problem(whole_series=False)
    in_turn = require_valid(problem, plan_one_by_one(problem))
    at_once = require_valid(problem, plan_jointly(problem, in_turn, SECONDS))
    tally = ClosureTally(
        len(closure.hit), len(in_turn.unplaced_ids), len(at_once.unplaced_ids),
        at_once.least_unplaced, len(at_once.unplaced_ids),
    )  # fmt: skip
    if at_once.unplaced_ids:
        _measure_whole_series(closure, at_once, tally)
    return tally


def _measure_whole_series(closure: Closure, at_once: MovePlan, tally: ClosureTally) -> None:
    problem = closure.build_problem(whole_series=True)
    first = require_valid(problem, repeat_plan(problem, at_once))
    plan = require_valid(problem, plan_series(problem, first, SERIES_SECONDS))
    tally.whole_series = min(len(plan.unplaced_ids), tally.at_once)
    tally.whole_series_least = plan.least_unplaced
    tally.moved_besides = sum(
        each.is_required and not plan.choices[each.appointment_id].is_own
        for each in problem.appointments
    )


def main() -> None:
    """Print who is left without a time at each clinic, and all together."""
    total = ClosureTally()
    for number in range(CLINICS):
        began = perf_counter()
        tally = measure(number)
        total.add(tally)
        seconds, event = perf_counter() - began, EVENTS[number % len(EVENTS)]
        print(
            f"closure of clinic {number + 1}, {event.name}: {tally} ({seconds:.0f} s)", flush=True
        )
    print(f"closures of all {CLINICS}: {total} (aim {AIM})", flush=True)
