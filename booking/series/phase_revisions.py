"""What a series' phases become: at another frequency, with an end, or with a phase once more. Pure.

Phases are counted by sessions: what was, up to a session, stays; what follows is laid out anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from booking.series.frequencies import FREQUENCIES, nearest_frequency_days
from booking.series.phase_groups import first_maintenance_index
from booking.series.rules import InvalidSchedule, Phase, last_session_number, require_ordered_phases

FREQUENCY_NAMES = {
    7: "Weekly",
    14: "Every two weeks",
    21: "Every three weeks",
    28: "Every four weeks",
}


def first_number_of(phases: Sequence[Phase], index: int) -> int:
    """Return the number of a phase's first session; all before it end."""
    return 1 + sum(phase.sessions or 0 for phase in phases[:index])


def truncate_phases(phases: Sequence[Phase], last_number: int) -> tuple[Phase, ...]:
    """Return the phases up to session `last_number`; the last of them ends with it."""
    shorter: list[Phase] = []
    left = last_number
    for phase in phases:
        if left <= 0:
            break
        count = left if phase.sessions is None else min(phase.sessions, left)
        shorter.append(replace(phase, sessions=count))
        left -= count
    return tuple(shorter)


def with_frequency(phases: Sequence[Phase], first_number: int, days: int) -> tuple[Phase, ...]:
    """Return the phases with an open end of so many days (of `FREQUENCIES`) from session `first_number` on.

    Where the series had that frequency before, with limits of its own, it gets those again.
    Raises `InvalidSchedule` without an open end.
    """
    last = phases[-1]
    if last.sessions is not None:
        raise InvalidSchedule("phases: expected the last to be open-ended")
    same = [phase for phase in phases if _is_maintenance(phase, last, days)]
    name, gap = (
        (same[-1].name, same[-1].gap) if same else (FREQUENCY_NAMES[days], FREQUENCIES[days])
    )
    changed = replace(last, name=name, gap=gap)
    return require_ordered_phases([*truncate_phases(phases, first_number - 1), changed])


def _is_maintenance(phase: Phase, last: Phase, days: int) -> bool:
    """Tell whether a phase is as the last one but for its gap, and has this frequency exactly."""
    is_alike = replace(phase, name=last.name, gap=last.gap, sessions=None) == last
    return (
        is_alike
        and phase.gap.days_from_ideal(days) == 0
        and nearest_frequency_days(phase.gap) == days
    )


def with_end(phases: Sequence[Phase], last_number: int) -> tuple[Phase, ...]:
    """Return the phases with session `last_number` as the last: shorter, or with a longer last phase.

    Raises `InvalidSchedule` for an end before the first session.
    """
    if last_number < 1:
        raise InvalidSchedule("phases: expected one session at least")
    end = last_session_number(phases)
    if end is not None and last_number > end:
        longer = replace(phases[-1], sessions=(phases[-1].sessions or 0) + last_number - end)
        return (*phases[:-1], longer)
    return truncate_phases(phases, last_number)


def without_end(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases with the last one open-ended."""
    return (*phases[:-1], replace(phases[-1], sessions=None))


def with_repeat(
    phases: Sequence[Phase], last_number: int, index: int, once_open: Collection[int]
) -> tuple[Phase, ...]:
    """Return the phases up to session `last_number`, then phase `index` once more and all that follows it.

    Frequencies that the open-ended phase had before are not repeated: it goes on as it was last, to the end
    it was given.
    """
    maintenance = first_maintenance_index(phases, once_open)
    following = [
        phase
        for number, phase in enumerate(phases)
        if index <= number < maintenance or number == len(phases) - 1
    ]
    end = last_session_number(phases)
    if end is not None and len(phases) - 1 in once_open:  # it was given an end: as many are left
        following[-1] = replace(following[-1], sessions=max(end - last_number, 1))
    return require_ordered_phases([*truncate_phases(phases, last_number), *following])
