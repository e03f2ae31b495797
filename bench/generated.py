"""Generated planning instances: clinics with chairs and nurses filled to a share, and treatments to plan.

Run `python -m bench.generated` to write bench/instances/ anew: the same seeds, the same files. A clinic has 8
chairs and 3 nurses who watch 4 patients each and are alone with one in setup, and starts every 15 minutes.
The chemotherapy-like ones follow the description of public generators: cycles of three or four weeks with
treatments on fixed days of each, a day or two of tolerance, and long infusions.
"""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.instance_rules import InstanceRules, find_optimum

FOLDER = Path(__file__).parent / "instances"
MONDAY = date(2026, 11, 30)
CHAIRS, NURSES, WATCHED = 8, 3, 4
OPENS, CLOSES, STEP = 8 * 60, 18 * 60, 15  # minutes
THINNED = (
    3  # one free start in so many is in the file: smaller, and solved by the plain recursion, too
)
KETAMINE, CHEMOTHERAPY = (15, 45, 30), (30, 150, 0)  # minutes of setup, infusion, recovery
Phase = dict[str, Any]


class FilledDay:
    """One day of a clinic: what its chairs and nurses are doing, in steps of 15 minutes."""

    def __init__(self) -> None:
        steps = (CLOSES - OPENS) // STEP
        self.chairs = [[False] * steps for _ in range(CHAIRS)]
        self.seats = [NURSES * WATCHED] * steps

    def starts(self, minutes: tuple[int, int, int]) -> list[int]:
        """Return the steps at which a treatment could start."""
        setup, needed = minutes[0] // STEP, sum(minutes) // STEP
        return [
            first
            for first in range(len(self.seats) - needed + 1)
            if self._chair(first, needed) is not None
            and all(self.seats[at] >= WATCHED for at in range(first, first + setup))
            and all(self.seats[at] >= 1 for at in range(first + setup, first + needed))
        ]

    def treat(self, first: int, minutes: tuple[int, int, int]) -> None:
        """Let somebody be treated from a step on."""
        setup, needed = minutes[0] // STEP, sum(minutes) // STEP
        chair = self._chair(first, needed)
        if chair is not None:
            for at in range(first, first + needed):
                self.chairs[chair][at] = True
                self.seats[at] -= WATCHED if at < first + setup else 1

    def _chair(self, first: int, needed: int) -> int | None:
        free = (n for n, taken in enumerate(self.chairs) if not any(taken[first : first + needed]))
        return next(free, None)


def free_starts(
    rng: random.Random, days: int, load: float, minutes: tuple[int, int, int], weekdays: int = 5
) -> list[str]:
    """Return the local starts that are free on `days` days of a clinic filled to a share at random."""
    starts = []
    for day in (MONDAY + timedelta(days=n) for n in range(days)):
        if day.weekday() < weekdays and rng.random() > 1 / 60:  # a holiday now and then
            filled = _fill(rng, load)
            starts += [f"{day}T{_clock(step)}" for step in filled.starts(minutes)[::THINNED]]
    return starts


def _fill(rng: random.Random, load: float) -> FilledDay:
    """Return a day filled to a share of what it takes when people book as it comes."""
    full, treated = FilledDay(), []
    while starts := full.starts(KETAMINE):
        treated.append(rng.choice(starts))
        full.treat(treated[-1], KETAMINE)
    day = FilledDay()
    for first in sorted(rng.sample(treated, round(load * len(treated)))):
        day.treat(first, KETAMINE)
    return day


def _clock(step: int) -> str:
    minute = OPENS + step * STEP
    return f"{minute // 60:02}:{minute % 60:02}"


def a_phase(name: str, sessions: int, gap: list[int], minutes: tuple[int, int, int]) -> Phase:
    """Return a phase as instances have it."""
    return {"name": name, "sessions": sessions, "gap": gap, "minutes": list(minutes)}


def ketamine(rng: random.Random, sessions: int) -> list[Phase]:
    """Return a series of so many sessions: twice or three times a week, then weekly or rarer."""
    dense = rng.choice([[2, 3, 4, 5], [2, 2, 3, 4]])
    first = min(sessions, rng.randint(4, 8))
    phases = [a_phase("First weeks", first, dense, KETAMINE)]
    weekly = min(sessions - first, rng.randint(2, 12))
    if weekly:
        phases.append(a_phase("Weekly", weekly, [5, 7, 7, 9], KETAMINE))
    if rest := sessions - first - weekly:
        gap = [5, 7, 7, 9] if rest > 9 else [11, 14, 14, 17]
        phases.append(a_phase("Ongoing", rest, gap, KETAMINE))
    return phases


def chemotherapy(rng: random.Random, cycles: int) -> list[Phase]:
    """Return cycles of three or four weeks, treated on day 1, on days 1 and 8, or on days 1, 8 and 15."""
    length, treated = rng.choice([(21, 1), (21, 2), (28, 3)])
    rest, slack = length - 7 * (treated - 1), rng.randint(1, 2)
    phases = [a_phase("Day 1", 1, [1, 1, 1, 1], CHEMOTHERAPY)]
    for cycle in range(cycles):
        if cycle:
            gap = [rest, rest, rest, rest + slack]
            phases.append(a_phase(f"Cycle {cycle + 1}", 1, gap, CHEMOTHERAPY))
        if treated > 1:
            gap = [7 - slack, 7, 7, 7 + slack]
            phases.append(a_phase(f"Days 8 on, {cycle + 1}", treated - 1, gap, CHEMOTHERAPY))
    return phases


def an_instance(seed: int) -> dict[str, Any]:
    """Return the instance of a seed: its kind, size, load and wishes vary with it."""
    rng = random.Random(seed)  # noqa: S311 - invented clinics
    is_chemotherapy = seed % 3 == 2
    phases = (
        chemotherapy(rng, rng.randint(3, 5))
        if is_chemotherapy
        else ketamine(rng, rng.randint(6, 20))
    )
    minutes = CHEMOTHERAPY if is_chemotherapy else KETAMINE
    days = sum(phase["gap"][2] * phase["sessions"] for phase in phases) + 21
    load = rng.choice([0.3, 0.5, 0.7, 0.8, 0.9])
    places = ["ahwatukee", "scottsdale"][: rng.randint(1, 2)]
    instance: dict[str, Any] = {
        "time_zone": "America/Phoenix",
        "first_day": MONDAY.isoformat(),
        "phases": phases,
        "free": {place: free_starts(rng, days, load, minutes) for place in places},
    }
    return instance | dict(_wishes(rng))


def _wishes(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Yield some of what may be asked for."""
    weekdays = rng.choice([[0, 3], [1, 4], [0, 2, 4], [1, 2, 3]])
    if rng.random() < 0.4:
        yield "rather", {"weekdays": weekdays, "from": "09:00", "to": "12:00"}
    elif rng.random() < 0.3:
        yield "only", {"weekdays": weekdays}
    if rng.random() < 0.5:
        yield "location", "ahwatukee"
    if rng.random() < 0.3:
        yield "other_infusions", [(MONDAY + timedelta(days=rng.randint(-3, 9))).isoformat()]


def main(count: int = 60) -> None:
    """Write the instances, and what the best plan of each costs: found by the rules' own recursion."""
    optima = {}
    for seed in range(count):
        name, instance = f"{seed + 1:02}.json", an_instance(seed)
        (FOLDER / name).write_text(json.dumps(instance, separators=(",", ":")) + "\n")
        optima[name] = find_optimum(InstanceRules(instance))
    (FOLDER / "optima.json").write_text(json.dumps(optima, indent=1) + "\n")


if __name__ == "__main__":
    main()
