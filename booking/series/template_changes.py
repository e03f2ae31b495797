"""What one version of a schedule says differently from another: its phases, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from booking.series.personal_phases import rest_of_phases
from booking.series.rules import Phase
from booking.series.templates import Template


class ChangeKind(StrEnum):
    """What differs."""

    NAME = "name"
    TALK_THERAPY = "talk_therapy"
    PHASE_ADDED = "phase_added"
    PHASE_REMOVED = "phase_removed"
    PHASE_RENAMED = "phase_renamed"
    ORDER = "order"
    SESSIONS = "sessions"
    GAP = "gap"
    MINUTES = "minutes"
    REVIEW = "review"
    AFTER_MISS = "after_miss"
    OTHER = "other"  # of a phase: what has no words of its own


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """One difference: of the phase named, or of the whole; `before` and `after` as its kind has them."""

    kind: ChangeKind
    phase: str = ""
    before: Any = None
    after: Any = None


def compare_templates(before: Template, after: Template) -> list[ScheduleChange]:
    """Return what `after` says differently; who approved it is no difference."""
    names = [
        ScheduleChange(
            ChangeKind.NAME, before=before.names.get(language), after=after.names.get(language)
        )
        for language in sorted({*before.names, *after.names})
        if before.names.get(language) != after.names.get(language)
    ]
    weeks = (before.talk_therapy_weeks, after.talk_therapy_weeks)
    talks = [ScheduleChange(ChangeKind.TALK_THERAPY, "", *weeks)] if weeks[0] != weeks[1] else []
    return [*names, *compare_phases(before.phases, after.phases), *talks]


def compare_phases(before: Sequence[Phase], after: Sequence[Phase]) -> list[ScheduleChange]:
    """Return what phases say differently, in their new order; what is gone stands last.

    A phase is the same where it has its name, or else its number in order.
    """
    pairs = _match(before, after)
    old_of_new = {new: old for old, new in pairs}
    changes: list[ScheduleChange] = []
    for new, phase in enumerate(after):
        if new in old_of_new:
            changes += _compare(before[old_of_new[new]], phase)
        else:
            changes.append(ScheduleChange(ChangeKind.PHASE_ADDED, phase.name, after=phase))
    matched = {old for old, _ in pairs}
    changes += [
        ScheduleChange(ChangeKind.PHASE_REMOVED, phase.name, before=phase)
        for old, phase in enumerate(before)
        if old not in matched
    ]
    return [*_order(after, old_of_new), *changes]


def compare_phases_from(
    before: Sequence[Phase], after: Sequence[Phase], first_number: int
) -> list[ScheduleChange]:
    """Return what phases say differently of session `first_number` and those after it."""
    return compare_phases(rest_of_phases(before, first_number), rest_of_phases(after, first_number))


def _match(before: Sequence[Phase], after: Sequence[Phase]) -> list[tuple[int, int]]:
    """Return which phase (by index) became which: by name, first to first, then by their order."""
    rest = dict(enumerate(after))
    pairs: dict[int, int] = {}
    for is_same in (
        lambda old, new: before[old].name == after[new].name,
        lambda old, new: old == new,
    ):
        for old in range(len(before)):
            new = next((index for index in rest if old not in pairs and is_same(old, index)), None)
            if new is not None:
                pairs[old] = new
                del rest[new]
    return sorted(pairs.items())


def _order(after: Sequence[Phase], old_of_new: dict[int, int]) -> list[ScheduleChange]:
    old_places = [old_of_new[new] for new in sorted(old_of_new)]
    if old_places == sorted(old_places):
        return []
    return [ScheduleChange(ChangeKind.ORDER, after=[phase.name for phase in after])]


def _compare(before: Phase, after: Phase) -> list[ScheduleChange]:
    values = {
        ChangeKind.PHASE_RENAMED: (before.name, after.name),
        ChangeKind.SESSIONS: (before.sessions, after.sessions),
        ChangeKind.GAP: (before.gap, after.gap),
        ChangeKind.MINUTES: (before.parts, after.parts),
        ChangeKind.REVIEW: (before.review_every, after.review_every),
        ChangeKind.AFTER_MISS: (before.after_miss, after.after_miss),
        ChangeKind.OTHER: (_others(before), _others(after)),
    }
    return [
        ScheduleChange(kind, after.name, old, new)
        for kind, (old, new) in values.items()
        if old != new
    ]


def _others(phase: Phase) -> dict[str, Any]:
    """Return what a phase holds beside what is compared by itself."""
    named = {"name", "sessions", "gap", "minutes", "review_every", "after_miss"}
    return {key: value for key, value in phase.to_dict().items() if key not in named}
