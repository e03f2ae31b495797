"""Check an answer of `flask series solve` by its certificate: python -m bench.certificate INSTANCE ANSWER."""

import json
import sys
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from bench.instance_rules import (
    FAR,
    InstanceRules,
    Slot,
    Wrong,
    compute_earliest_start,
    require,
)

Potentials = list[dict[Slot, int]]  # of each session, what it costs at least to reach each slot


def check_answer(rules: InstanceRules, answer: dict[str, Any]) -> None:
    """Raise `Wrong` unless the plan keeps the rules and no plan of any pattern of weekdays costs less."""
    certificate, plan = answer["certificate"], rules.read_plan(answer["plans"][0]["sessions"])
    earliest = date.fromisoformat(certificate["earliest_start"])
    require(earliest == compute_earliest_start(rules), "the earliest start")
    points = min(rules.plan_points(plan, pattern, earliest) for pattern in rules.patterns)
    require(points == certificate["points"] < FAR, f"the plan costs {points}")
    proofs = {tuple(proof["weekdays"]): proof for proof in certificate["patterns"]}
    require(set(proofs) == set(rules.patterns), "a pattern is missing")
    for pattern, proof in proofs.items():
        check_potentials(rules, pattern, read_potentials(rules, proof, points), earliest, points)


def read_potentials(rules: InstanceRules, proof: dict[str, Any], points: int) -> Potentials:
    """Return each slot's potential: as stated, or the plan's points less what remains after its day."""
    stated = {(number - 1, place, at): least for number, place, at, least in proof["reached"]}
    return [
        {
            slot: stated.get((k, *slot.written), points - after.get(slot.day.isoformat(), FAR))
            for slot in rules.slots[k]
        }
        for k, after in enumerate(proof["remaining"])
    ]


def check_potentials(
    rules: InstanceRules,
    pattern: tuple[int, ...],
    potentials: Potentials,
    earliest: date,
    points: int,
) -> None:
    """Raise `Wrong` unless no start, step or end costs less than the potentials say."""
    for slot, least in potentials[0].items():
        require(least <= rules.slot_points(0, slot, pattern, earliest), f"a start: {slot}")
    require(min(potentials[-1].values()) >= points, "an end")
    for k, before in enumerate(potentials[:-1], 1):
        costs = {slot: rules.slot_points(k, slot, pattern, earliest) for slot in potentials[k]}
        in_order = groupby(sorted(costs), key=lambda slot: slot.day)
        days = {day: [*slots] for day, slots in in_order}
        spare = {
            day: max(potentials[k][s] - costs[s] for s in slots) for day, slots in days.items()
        }
        for earlier, potential in before.items():
            for gap in rules.gaps(k):
                day = earlier.day + timedelta(days=gap)
                if spare.get(day, -FAR) <= potential + rules.gap_points(k, gap):
                    continue  # whatever the slot: a change of time or place only adds to the gap
                for slot in days[day]:
                    step = rules.step_points(k, earlier, slot)
                    require(
                        potentials[k][slot] <= potential + step + costs[slot], f"a step: {slot}"
                    )


if __name__ == "__main__":
    instance, answer = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    try:
        check_answer(InstanceRules(instance), answer)
    except Wrong as error:
        sys.exit(f"not proven: {error}")
    sys.stdout.write("the plan is the best there is\n")
