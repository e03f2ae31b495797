"""What is to come of a series, laid out anew: which visits stay, which are cancelled, and which are new.

Planned first, shown, and applied as shown, in one transaction. Nothing that stays moves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from booking.appointments.models import Appointment
from booking.audit.rules import staff_actor
from booking.extensions import db
from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadPlan
from booking.series.booking import book_sessions, get_or_create_session
from booking.series.completion import open_clearance_task
from booking.series.models import InfusionSeries, Session
from booking.series.planning.requests import PlannedSession
from booking.series.progress import SessionState
from booking.series.queries import STANDING, ScheduledSession, get_phases, list_sessions
from booking.series.refusals import PlanChanged
from booking.series.revisions import revise_phases
from booking.series.rules import Phase, find_phase
from booking.series.session_changes import cancel_sessions, give_up_sessions
from booking.series.work_list import open_missing_tasks


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be booked, with the plan that it is part of; `starts_at` in UTC."""

    planned: PlannedSession
    plan: AheadPlan

    @property
    def starts_at(self) -> datetime:
        """When it begins, in UTC."""
        return self.plan.calendar.starts_at(self.planned.slot)


@dataclass(frozen=True, slots=True)
class Tail:
    """What becomes of the sessions to come, from `first_number` on, under new phases: `numbers` by day.

    `holes` are days after which one more has no place: a person looks for it. What waits for a time and is
    not needed any more is `given_up`.
    """

    phases: tuple[Phase, ...]
    first_number: int
    numbers: Sequence[int]
    remaining: Sequence[ScheduledSession]
    cancelled: Sequence[ScheduledSession]
    added: Sequence[NewSession]
    holes: Sequence[date]
    given_up: Sequence[Session]
    clearance: Clearance = Clearance.CLEARED

    @property
    def key(self) -> str:
        """What was shown: the visits that stay, those cancelled, and the starts of the new ones."""
        parts = [
            *(f"k{_id(each)}" for each in self.remaining),
            *(f"c{_id(each)}" for each in self.cancelled),
            *(f"n{each.starts_at.isoformat()}@{each.planned.slot.location}" for each in self.added),
            *(f"h{day.isoformat()}" for day in self.holes),
        ]
        return ",".join(parts)


def _id(scheduled: ScheduledSession) -> int:
    return scheduled.appointment.id if scheduled.appointment else 0


@dataclass(frozen=True, slots=True)
class TailEntry:
    """One session of a tail in order of day: an appointment that stays, one to be booked, or neither yet."""

    day: date
    appointment: Appointment | None = None
    added: NewSession | None = None

    @property
    def is_hole(self) -> bool:
        """Whether it has no place yet: a person looks for one."""
        return self.appointment is None and self.added is None


def list_entries(tail: Tail) -> list[TailEntry]:
    """Return the sessions of a tail by day; one without a place comes after the day it would follow."""
    entries = [
        *(TailEntry(each.appointment.local_date, each.appointment)
          for each in tail.remaining if each.appointment),
        *(TailEntry(each.planned.day, added=each) for each in tail.added),
        *(TailEntry(day) for day in tail.holes),
    ]  # fmt: skip
    return sorted(entries, key=lambda entry: (entry.day, entry.is_hole))


def require_shown(tail: Tail, key: str) -> None:
    """Raise `PlanChanged` unless a tail is as it was shown."""
    if tail.key != key:
        raise PlanChanged


def apply_tail(
    series: InfusionSeries,
    tail: Tail,
    staff_id: int,
    now: datetime,
    *,
    reason: str,
    first_day: date | None = None,
) -> None:
    """Make a tail true, in the caller's transaction, which holds the series' row: phases, visits, tasks.

    Sessions are numbered by day: those that stay keep their times, and get the numbers there are in order.
    """
    actor, entries = staff_actor(staff_id), list_entries(tail)
    cancel_sessions(tail.cancelled, SessionState.CANCELLED, actor, reason, now)
    give_up_sessions(tail.given_up, now)
    rows = [
        get_or_create_session(series, number, find_phase(tail.phases, number) or 0)
        for number in tail.numbers
    ]
    if tail.phases != get_phases(series):
        revise_phases(
            series, tail.phases, tail.first_number, staff_id, reason, now, first_day=first_day
        )
    _link(series, rows, entries)
    _book(series, rows, entries, now, actor)
    _keep_allowed_gaps(series, tail, rows, entries)
    if tail.clearance is Clearance.CLEARED:
        open_missing_tasks(series.id, now)
    else:
        open_clearance_task(series, now)
    series.next_look_at = now


def compute_session_numbers(
    sessions: Sequence[ScheduledSession],
    first_number: int,
    remaining: Sequence[ScheduledSession],
    count: int,
) -> list[int]:
    """Return `count` session numbers: of sessions that stay, of those that wait, then new ones."""
    kept_numbers = [each.session.number for each in remaining]
    waiting = [session.number for session in list_waiting(sessions, first_number)]
    needed = max(count - len(kept_numbers), 0)
    new = range(len(sessions) + 1, len(sessions) + 1 + max(needed - len(waiting), 0))
    return sorted([*kept_numbers, *waiting[:needed], *new])


def list_needless(
    sessions: Sequence[ScheduledSession], first_number: int, numbers: Collection[int]
) -> list[Session]:
    """Return what waits for a time from a number on and is not among those that get one."""
    return [
        session for session in list_waiting(sessions, first_number) if session.number not in numbers
    ]


def list_waiting(sessions: Sequence[ScheduledSession], first_number: int) -> list[Session]:
    """Return the sessions from a number on that have no time yet."""
    return [
        each.session
        for each in sessions
        if each.session.state is SessionState.UNPLACED and each.session.number >= first_number
    ]


def _link(series: InfusionSeries, rows: Sequence[Session], entries: Sequence[TailEntry]) -> None:
    """Give the sessions, by number, the appointments that stay, by day.

    Cancelled ones whose number is used again stay on record as sessions given up, after all others.
    """
    stays = {entry.appointment.id for entry in entries if entry.appointment}
    missed_slots = {row.appointment_id: row.missed_slot for row in rows}
    displaced = [id_ for row in rows if (id_ := row.appointment_id) and id_ not in stays]
    for row in rows:
        row.appointment_id, row.missed_slot, row.state = None, None, SessionState.UNPLACED
    _unlink_others(series, rows, stays)
    db.session.flush()  # an appointment is one session's at a time
    for row, entry in zip(rows, entries, strict=True):
        if entry.appointment is not None:
            row.state, row.appointment_id = SessionState.BOOKED, entry.appointment.id
            row.missed_slot = missed_slots.get(entry.appointment.id)
    last_number = list_sessions(series.id)[-1].session.number
    for number, appointment_id in enumerate(displaced, last_number + 1):
        given_up = get_or_create_session(series, number, len(get_phases(series)) - 1)
        given_up.state, given_up.appointment_id = SessionState.CANCELLED, appointment_id
    db.session.flush()


def _keep_allowed_gaps(
    series: InfusionSeries, tail: Tail, rows: Sequence[Session], entries: Sequence[TailEntry]
) -> None:
    """Keep, with its session, each gap against the limits that a practitioner has decided to let stand."""
    before = [
        each.appointment.local_date
        for each in list_sessions(series.id)
        if each.appointment and each.session.state in STANDING and each.session not in rows
    ]
    previous_day = max((day for day in before if entries and day < entries[0].day), default=None)
    for row, entry in zip(rows, entries, strict=True):
        row.allowed_gap = None
        if entry.is_hole:
            continue
        if previous_day is not None:
            days = (entry.day - previous_day).days
            row.allowed_gap = None if tail.phases[row.phase].gap.allows(days) else days
        previous_day = entry.day


def _unlink_others(
    series: InfusionSeries, rows: Sequence[Session], appointment_ids: Collection[int]
) -> None:
    """Give up sessions past the tail whose appointments stay: as sessions of the tail, with lower numbers."""
    for each in list_sessions(series.id):
        session = each.session
        if session.appointment_id in appointment_ids and session not in rows:
            session.appointment_id, session.missed_slot = None, None
            session.state = SessionState.CANCELLED


def _book(
    series: InfusionSeries,
    rows: Sequence[Session],
    entries: Sequence[TailEntry],
    now: datetime,
    actor: str,
) -> None:
    pairs = [(row, entry.added) for row, entry in zip(rows, entries, strict=True) if entry.added]
    plans = {id(added.plan): added.plan for _, added in pairs}
    for key, plan in plans.items():
        of_plan = [(row, added) for row, added in pairs if id(added.plan) == key]
        sessions = [replace(added.planned, number=row.number) for row, added in of_plan]
        book_sessions(series, plan.calendar, sessions, now, actor)
        for row, added in of_plan:
            missed_slot = plan.missed_slots.get(added.planned.number)
            row.missed_slot = missed_slot.to_dict() if missed_slot else None
