"""Phases that a form's buttons add, take away or move; what is typed in the others stays."""

import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from booking.desk.series.phase_form import GAPS, PARTS

FIELD = re.compile(r"phases-(\d{1,4})-(\w+)")
STEP = re.compile(r"(remove|up|down)-(\d{1,4})")
ADD = "add"
MAX_PHASES = 12
NEW_GAP = ("5", "7", "7", "9")  # days: weekly, the most common phase
NEW_MINUTES = ("15", "45", "30")
Fields = MultiDict[str, str]
PhaseFields = dict[str, str]


def is_rearrangement(step: str) -> bool:
    """Tell whether a button's value asks for phases in another order, more of them or fewer."""
    return step == ADD or STEP.fullmatch(step) is not None


def rearrange_phases(fields: Fields, step: str) -> tuple[Fields, int]:
    """Return what was typed with its phases as a button wants them, and which of them to look at next.

    What can't be done (the last phase removed, the first one moved up) changes nothing.
    """
    phases = _parse_phases(fields)
    others = [(name, text) for name, text in fields.items(multi=True) if not FIELD.fullmatch(name)]
    index = _add(phases) if step == ADD else _rearrange(phases, step)
    numbered = [
        (f"phases-{number}-{name}", text)
        for number, phase in enumerate(phases)
        for name, text in phase.items()
    ]
    return MultiDict([*others, *numbered]), max(0, min(index, len(phases) - 1))


def _parse_phases(fields: Mapping[str, str]) -> list[PhaseFields]:
    """Return the fields of each phase by name, in the order of their numbers."""
    phases: dict[int, PhaseFields] = {}
    for name, text in fields.items():
        if match := FIELD.fullmatch(name):
            phases.setdefault(int(match[1]), {})[match[2]] = text
    return [phases[number] for number in sorted(phases)][:MAX_PHASES]


def _add(phases: list[PhaseFields]) -> int:
    """Add a phase like a weekly one at the end, before a last one that has none; return its index."""
    last = phases[-1] if phases else {}
    index = len(phases) - 1 if phases and not last.get("sessions", "").strip() else len(phases)
    if len(phases) < MAX_PHASES:
        minutes = [last.get(name) or text for name, text in zip(PARTS, NEW_MINUTES, strict=True)]
        numbers = dict(zip((*GAPS, *PARTS), (*NEW_GAP, *minutes), strict=True))
        phases.insert(index, {"name": "", "sessions": "4", **numbers})
    return index


def _rearrange(phases: list[PhaseFields], step: str) -> int:
    match = STEP.fullmatch(step)
    if match is None:
        return 0
    index = int(match[2])
    if match[1] == "remove":
        if len(phases) > 1 and index < len(phases):
            del phases[index]
        return index
    other = index + (1 if match[1] == "down" else -1)
    if not (0 <= other < len(phases) and index < len(phases)):
        return index
    phases[index], phases[other] = phases[other], phases[index]
    return other
