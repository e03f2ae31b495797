"""How many visits move for each patient who is healed: 12 invented clinics, three kinds of event.

`make bench BENCH=healing`. One patient after another misses a session, is away for four days, or finds a day
closed, planned by the code that plans at the desk; what each takes is gone for the next. Beside it: the rest
of the series planned afresh, as a first try did, with no regard for where sessions stand. In four days some
lose two visits: what moves for each visit lost is printed, too.

Two bounds stand beside it, by a plain count of days that shares no code with the planner: the fewest that can
move with every gap within its limits, and the fewest if a practitioner lets gaps over the limit stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from bench.invented_clinics import (
    DEMAND,
    MONDAY,
    ZONE,
    BookedSession,
    InventedClinic,
    an_invented_clinic,
)
from booking.calendars.local_days import iter_bits
from booking.calendars.rules import compute_start_cells
from booking.series.planning.checker import PlanRule, check_plan
from booking.series.planning.healing import HealedPlan, plan_fewest_moves, plan_healing
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.rules import Phase

AIM = 1.1  # visits moved for each patient placed, the lost one included
CLINICS, PATIENTS, PER_CLINIC = 12, (96, 80), 12
TODAY = MONDAY + timedelta(days=14)
DAYS = 7 * 6
EVENTS = ("a missed session", "four days away", "a day closed")


@dataclass(frozen=True, slots=True)
class Case:
    """One patient's sessions to come, what is lost of them, and where none may be."""

    patient: int
    phase: Phase
    coming: tuple[BookedSession, ...]
    lost: BookedSession
    previous: PlanSlot | None
    closed_days: frozenset[date]


def _slot(session: BookedSession) -> PlanSlot:
    local = session.starts_at.astimezone(ZONE)
    return PlanSlot(str(session.location_id), local.date(), local.hour * 60 + local.minute)


def _cases(clinic: InventedClinic, random: Random, event: str) -> list[Case]:
    """Return patients to whom an event happens, in random order."""
    patients = random.sample(range(len(clinic.phases)), len(clinic.phases))
    cases = [case for each in patients if (case := _case(clinic, each, event))]
    return cases[:PER_CLINIC]


def _case(clinic: InventedClinic, patient: int, event: str) -> Case | None:
    sessions = sorted(
        (each for each in clinic.sessions if each.patient == patient),
        key=lambda each: each.starts_at,
    )
    before = [each for each in sessions if each.day < TODAY]
    coming = tuple(each for each in sessions if each.day >= TODAY)
    if len(coming) < 3 or not before:
        return None
    lost = coming[0] if event == EVENTS[0] else coming[1]
    days = 4 if event == EVENTS[1] else 1
    closed = frozenset(lost.day + timedelta(days=n) for n in range(days))
    return Case(patient, clinic.phases[patient], coming, lost, _slot(before[-1]), closed)


def _request(clinic: InventedClinic, case: Case) -> PlanRequest:
    """Return what is asked for a patient: each session where it stands, or anywhere free."""
    days = [TODAY + timedelta(days=n) for n in range(DAYS)]
    location = clinic.locations[case.coming[0].location_id]
    cells = {
        day: compute_start_cells(DEMAND, clinic.free_day(location, day, case.coming))
        for day in days
        if location.is_open_on(day)
    }
    free = {day: [cell * 5 for cell in iter_bits(starts)] for day, starts in cells.items()}
    blocked = dict.fromkeys(case.closed_days, "closed")
    held = frozenset(_slot(each) for each in case.coming if each.day not in case.closed_days)
    phase = replace(case.phase, sessions=len(case.coming))
    return PlanRequest(
        (phase,), tuple(range(1, len(case.coming) + 1)), TODAY, days[-1],
        {0: {str(location.id): free}}, blocked={0: blocked}, previous=case.previous, held=held,
    )  # fmt: skip


def count_least_moved(request: PlanRequest) -> int | None:
    """Return how few sessions can be where none stands, every gap within its limits; None if no plan is.

    Each session has a day on which one stands, or another on which something is free: times do not count.
    """
    gap, held = request.phases[0].gap, {slot.day for slot in request.held}
    days = {
        day
        for by_day in request.free[0].values()
        for day, minutes in by_day.items()
        if minutes and day not in request.blocked[0]
    } | held
    least = {request.previous.day: 0} if request.previous else dict.fromkeys(days, 0)
    for _ in request.numbers:
        least = {
            day: moved + (day not in held)
            for day in days
            if day >= request.first_day
            and (moved := _least_before(least, day, gap.min_days, gap.max_days)) is not None
        }
    return min(least.values(), default=None)


def _least_before(least: dict[date, int], day: date, fewest: int, most: int) -> int | None:
    before = [day - timedelta(days=days) for days in range(fewest, most + 1)]
    return min((least[each] for each in before if each in least), default=None)


def _require_sound(request: PlanRequest, plan: HealedPlan) -> None:
    """Raise `RuntimeError` where the checker finds more than gaps said to be too long."""
    placed = replace(request, numbers=request.numbers[: len(plan.sessions)])
    too_long = {gap.number for gap in plan.long_gaps}
    wrong = [each for each in check_plan(placed, plan.sessions)
             if not (each.rule is PlanRule.GAP and each.number in too_long)]  # fmt: skip
    if wrong:
        raise RuntimeError(f"a wrong plan: {wrong}")


def _move(clinic: InventedClinic, case: Case, sessions: Sequence[PlannedSession]) -> None:
    """Free what the patient has, and book the plan."""
    for each in case.coming:
        rows = clinic.rows_by_day[each.location_id, each.day]
        rows[:] = [row for row in rows if all(row is not own for own in each.rows)]
        clinic.sessions.remove(each)
    for planned in sessions:
        location_id = int(planned.slot.location)
        clinic.book(case.patient, planned.number, location_id, planned.day, planned.minute)


@dataclass(slots=True)
class Tally:
    """Patients healed, visits moved and gaps too long; and what a plan made afresh would have moved."""

    placed: int = 0
    moved: int = 0
    long_gaps: int = 0
    afresh: int = 0
    lost: int = 0
    least: int = 0  # with every limit kept, where any plan keeps them
    over_limit: int = (
        0  # visits moved where a practitioner lets a gap over the limit stand for fewer
    )

    @property
    def ratio(self) -> float:
        """Visits moved for each patient placed."""
        return self.moved / self.placed

    def __str__(self) -> str:
        counts = (self.least, self.over_limit, self.lost, self.afresh)
        least, over_limit, lost, afresh = (count / self.placed for count in counts)
        return (
            f"{self.placed} patients, {self.ratio:.2f} visits moved for each "
            f"({self.moved / self.lost:.2f} for each visit lost; at least {least:.2f}), "
            f"{over_limit:.2f} with gaps over the limit let stand (at least {lost:.2f}); "
            f"planned afresh {afresh:.2f}; {self.long_gaps} with a gap that no plan keeps"
        )


def _count_moved(request: PlanRequest, sessions: Sequence[PlannedSession]) -> int:
    return sum(session.slot not in request.held for session in sessions)


def heal_all(clinic: InventedClinic, random: Random, event: str, tally: Tally) -> None:
    """Heal one patient after another, and count."""
    for case in _cases(clinic, random, event):
        request = _request(clinic, case)
        plan = plan_healing(request)
        _require_sound(request, plan)
        if plan.unplaced:
            continue
        afresh = plan_healing(replace(request, held=frozenset()))
        tally.placed += 1
        tally.moved += _count_moved(request, plan.sessions)
        tally.afresh += _count_moved(request, afresh.sessions)
        tally.over_limit += _count_moved(request, plan_fewest_moves(request).sessions)
        tally.long_gaps += bool(plan.long_gaps)
        lost = len(case.coming) - len(request.held)
        tally.lost += lost
        tally.least += lost if plan.long_gaps else (count_least_moved(request) or lost)
        _move(clinic, case, plan.sessions)


def main() -> None:
    """Print what each event moves, and all together."""
    total = Tally()
    for event in EVENTS:
        tally = Tally()
        for seed in range(CLINICS):
            random = Random(seed)  # noqa: S311 - the same patients each time
            heal_all(an_invented_clinic(seed, PATIENTS), random, event, tally)
        print(f"{event}: {tally}", flush=True)
        for name in ("placed", "moved", "long_gaps", "afresh", "lost", "least", "over_limit"):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    print(f"all: {total} (aim {AIM})", flush=True)
