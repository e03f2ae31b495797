"""What plans are worth on the demo clinic: 672 of them, 2 locations × 8 templates × 6 wishes × 7 first days.

`make bench BENCH=demo_plans`. For each: does the best plan start a week or more after another of equal gaps,
miss days or times asked for that equal gaps would allow without a week's wait, or have more than a third of
its sessions off its weekdays where a pattern of equal gaps ends at most two days later? And what proposing
takes, alternatives, reading and checking included.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import process_time

from flask_migrate import upgrade

from booking import clock, create_app
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.demo import operations as demo
from booking.demo.patients import SUITS
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series.models import InfusionSeries
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus
from booking.series.proposals import build_plan_request, propose_plans
from booking.series.queries import list_templates
from booking.staff.models import Role
from booking.staff.operations import list_active_staff

FIRST_DAYS, LATE, LATER_END = range(1, 8), 7, 2  # days
MOST_MS = 30
LATE_AIM = 0.03


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a best plan, judged by plans of equal gaps."""

    is_late: bool
    misses_wishes: bool
    breaks_pattern: bool


def find_faults(request: PlanRequest, best: Plan) -> Faults:
    """Compare a best plan with what equal gaps allow."""
    gap = request.rates.gap_days
    soonest = _best(replace(request, rates=replace(request.rates, start_delay_days=gap // 1000)))
    wished = _best(replace(request, rates=replace(request.rates, unwanted=gap // 3000)))
    delay = (best.sessions[0].day - soonest.sessions[0].day).days
    return Faults(
        is_late=_is_equal(best, soonest) and delay >= LATE,
        misses_wishes=_is_equal(best, wished)
        and wished.cost.unwanted < best.cost.unwanted
        and (wished.sessions[0].day - soonest.sessions[0].day).days < LATE,
        breaks_pattern=_is_off_pattern(best) and any(_patterned(request, best)),
    )


def _best(request: PlanRequest) -> Plan:
    return PlanSearch(request).find_best()


def _is_equal(plan: Plan, other: Plan) -> bool:
    return plan.cost.gap_days == other.cost.gap_days


def _is_off_pattern(plan: Plan) -> bool:
    return plan.cost.exceptions * 3 > len(plan.sessions)


def _patterned(request: PlanRequest, best: Plan) -> Iterator[Plan]:
    """Yield plans of equal gaps that keep to a pattern and end little later."""
    search, last = PlanSearch(request), best.sessions[-1].day + timedelta(days=LATER_END)
    for pattern in range(len(search.patterns)):
        plan = search.find_best_of(pattern)
        if _is_equal(plan, best) and not _is_off_pattern(plan) and plan.sessions[-1].day <= last:
            yield plan


@transaction()
def a_cleared_patient(now: datetime) -> Patient:
    """Make somebody without any appointment whom a practitioner has found suitable."""
    contact = Contact("Sam", "Sample", "+16025550123", None)
    patient = patients.create_patient(contact, now.date().replace(year=1980), now, "bench")
    prescriber = next(p for p in list_active_staff() if p.role is Role.PRACTITIONER)
    screening.record_finding(patient, Finding.SUITABLE, prescriber.id, now)
    return patient


def prescriptions(patient: Patient, now: datetime) -> Iterator[InfusionSeries]:
    """Yield each prescription; none is written to the database."""
    for location in availability.current_catalogue().locations.values():
        today = now.astimezone(location.zone).date()
        for template in list_templates():
            for window in SUITS:
                for days in FIRST_DAYS:
                    yield InfusionSeries(
                        id=0, patient_id=patient.id, template_id=template.id,
                        location_id=location.id, status=SeriesStatus.PROPOSED,
                        phases=template.data["phases"], prescribed_at=now, note="",
                        preferences=Preferences(rather=window).to_dict(),
                        first_day=today + timedelta(days=days), next_look_at=now,
                    )  # fmt: skip


def main() -> None:
    """Print how many plans have which fault, and what proposing takes."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"})
        with app.app_context():
            upgrade()
            demo.prepare(clock.now())
            _measure(clock.now())


def _measure(now: datetime) -> None:
    counts: Counter[str] = Counter()
    times = []
    for series in prescriptions(a_cleared_patient(now), now):
        request, _ = build_plan_request(series, now)
        counts["plans"] += 1
        try:
            best = _best(request)
        except PlanInfeasible:
            counts["dead ends"] += 1
            continue
        started = process_time()
        propose_plans(series, now)
        times.append(1000 * (process_time() - started))
        faults = find_faults(request, best)
        counts["late"] += faults.is_late
        counts["wishes missed"] += faults.misses_wishes
        counts["pattern broken"] += faults.breaks_pattern
    _print(counts, times)


def _print(counts: Counter[str], times: list[float]) -> None:
    planned = counts["plans"] - counts["dead ends"]
    share = counts["late"] / planned
    print(
        f"{counts['plans']} prescriptions on the demo clinic, {counts['dead ends']} without a plan: "
        f"{share:.1%} start a week or more late at equal gaps (limit {LATE_AIM:.0%}), "
        f"{counts['wishes missed']} miss days or times that equal gaps allow within a week (limit 0), "
        f"{counts['pattern broken']} have more than a third of exceptions where a pattern of equal gaps "
        f"ends {LATER_END} days later at most (limit 0)\n"
        f"proposing: {median(times):.0f} ms at the median, {quantiles(times, n=20)[-1]:.0f} ms at the 95th "
        f"percentile (limit {MOST_MS} ms at the median)",
        flush=True,
    )
