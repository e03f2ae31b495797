"""The work list's groups, the most pressing first: each kind of task is in one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from booking.tasks.models import Task, TaskKind


class WorkGroup(StrEnum):
    """What tasks of a group ask for."""

    CRISIS = "crisis"
    OVERDUE = "overdue"  # whatever else it is
    CALLS = "calls"
    TEXTS = "texts"
    SESSIONS = "sessions"  # without a time, or with a gap about to break
    CLOSURES = "closures"
    CONTACTS = "contacts"  # numbers and addresses that fail, records that differ
    DECISIONS = "decisions"


GROUPS: Mapping[WorkGroup, frozenset[TaskKind]] = {
    WorkGroup.CRISIS: frozenset({TaskKind.CRISIS}),
    WorkGroup.CALLS: frozenset({TaskKind.CALL_BACK, TaskKind.CALL_FIRST, TaskKind.CHANGE_WANTED}),
    WorkGroup.TEXTS: frozenset({TaskKind.READ_TEXT}),
    WorkGroup.SESSIONS: frozenset(
        {TaskKind.PLACE_SESSION, TaskKind.GAP_LIMIT, TaskKind.GAP_EXCEEDED}
    ),
    WorkGroup.CLOSURES: frozenset(
        {
            *(TaskKind.MOVE_APPOINTMENT, TaskKind.DECIDE_OUTAGE),
            *(TaskKind.CALENDAR_CONFLICT, TaskKind.CALENDAR_UNREAD),
        }
    ),
    WorkGroup.CONTACTS: frozenset({TaskKind.MEND_CONTACT, TaskKind.CHECK_RECORD}),
    WorkGroup.DECISIONS: frozenset(
        {
            *(TaskKind.DECIDE_AFTER_MISS, TaskKind.REVIEW_SERIES, TaskKind.DECIDE_SUSPENDED),
            *(TaskKind.REVIEW_REPORT, TaskKind.DECIDE_PAUSED, TaskKind.DECIDE_SPACING),
            TaskKind.ASK_TALK_THERAPY,
        }
    ),
}


def group_of(kind: TaskKind) -> WorkGroup:
    """Return the group of a kind of task."""
    return next(group for group, kinds in GROUPS.items() if kind in kinds)


def arrange_work(tasks: Sequence[Task], now: datetime) -> dict[WorkGroup, list[Task]]:
    """Return the tasks by group, each by its deadline: crises, then all that is overdue, then the others."""
    by_deadline = sorted(tasks, key=lambda task: (task.due_at, task.id))
    members: dict[WorkGroup, list[Task]] = {group: [] for group in WorkGroup}
    for task in by_deadline:
        group = group_of(task.kind)
        is_overdue = task.due_at < now and group is not WorkGroup.CRISIS
        members[WorkGroup.OVERDUE if is_overdue else group].append(task)
    return {group: listed for group, listed in members.items() if listed}
