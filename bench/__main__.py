"""`make bench`: each benchmark in turn, or the ones named (`make bench BENCH=planner`)."""

import sys
from collections.abc import Callable

from bench import (
    capacity,
    closures,
    cohort,
    cp_sat,
    demo_plans,
    desk_calendar,
    exact,
    growth,
    healing,
    memory,
    messages,
    outbox_memory,
    planner,
    slow_network,
    web,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "web": web.main,
    "desk_calendar": desk_calendar.main,
    "slow_network": slow_network.main,
    "memory": memory.main,
    "planner": planner.main,
    "exact": exact.main,
    "cp_sat": cp_sat.main,
    "demo_plans": demo_plans.main,
    "closures": closures.main,
    "capacity": capacity.main,
    "healing": healing.main,
    "messages": messages.main,
    "outbox_memory": outbox_memory.main,
    "cohort": cohort.main,
    "growth": growth.main,
}


PARTS = {
    "planner": ("closures", "capacity")
}  # tables that are of another benchmark, too, on the same seeds


def list_names(asked: list[str]) -> list[str]:
    """Return what is asked for, or all, each once and followed by its parts."""
    return [
        *dict.fromkeys(
            each for name in asked or BENCHMARKS for each in (name, *PARTS.get(name, ()))
        )
    ]


def main(asked: list[str]) -> int:
    """Run what is asked for, or all; an unknown name runs nothing."""
    if unknown := [name for name in asked if name not in BENCHMARKS]:
        sys.stderr.write(f"no benchmark {unknown[0]!r}: choose from {', '.join(BENCHMARKS)}\n")
        return 2
    for name in list_names(asked):
        print(f"# {name}", flush=True)
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
