"""May this change be made? `appointments` asks whoever obeys more rules than it knows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from flask import Flask, current_app

from booking.appointments.models import Appointment
from booking.appointments.rules import Action
from booking.calendars.ruled_days import Blocker
from booking.extensions import Model


class ChangeRefused(Exception):
    """A planned change breaks a rule. `rule` is a code, `facts` fill the sentence a page makes of it.

    `accepts_reason` tells whether a permitted person may go on by giving a reason.
    """

    def __init__(self, rule: str, *, accepts_reason: bool, **facts: Any) -> None:
        super().__init__(f"{rule} {facts}")
        self.rule, self.accepts_reason, self.facts = rule, accepts_reason, facts


@dataclass(frozen=True, slots=True)
class Change:
    """A change about to be made to a booked appointment; `new_start` in UTC when it moves.

    A *fact* (a no-show, the patient's own cancellation, a broken chair) has happened and can't be
    refused; anything else is *planned*, and a permitted person's `reason` is kept when it breaks a rule.
    `together` are other appointments (by id) that move in the same transaction, each with its new local date.
    """

    appointment: Appointment
    step: Action
    actor: str
    at: datetime
    is_fact: bool
    reason: str = ""
    new_start: datetime | None = None
    new_date: date | None = None  # local, where it moves to
    together: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandaloneInfusion:
    """An infusion about to be booked by itself, on a local date."""

    patient_id: int
    local_date: date
    actor: str
    at: datetime


class ChangeGuard(Protocol):
    """Someone whom every move, cancellation, no-show and outcome passes, and lone infusions."""

    def check_standalone_infusion(self, infusion: StandaloneInfusion) -> None:
        """Raise `ChangeRefused` to stop an infusion that no series books, in the booking's transaction."""

    def check_change(self, change: Change) -> None:
        """Raise `ChangeRefused` to stop a planned change; of a fact, take note.

        Runs in the change's own transaction, before the appointment is changed.
        """

    def list_move_blockers(
        self, appointment: Appointment, dates: Sequence[date]
    ) -> Mapping[date, Sequence[Blocker]]:
        """Return all for which `check_change` refuses to move an appointment to some local dates; reads only.

        Dates to which it may move have nothing, or are left out.
        """

    def lock_rows(self, appointment: Appointment) -> Sequence[Model]:
        """Return, locked to the transaction's end, the guard's own rows that a change may write to."""

    def read_change_basis(self, appointment: Appointment) -> Mapping[str, str]:
        """Return what a planned change of an appointment is judged by, besides itself; reads only."""


def register_guard(app: Flask, guard: ChangeGuard) -> None:
    """Let `guard` review every change made in `app`."""
    app.extensions.setdefault("change_guards", []).append(guard)


def check_change(change: Change) -> None:
    """Ask every guard; the first refusal is raised."""
    for guard in _guards():
        guard.check_change(change)


def filter_move_dates(appointment: Appointment, dates: Sequence[date]) -> Sequence[date]:
    """Return those of some local dates to which every guard lets a patient move an appointment."""
    blockers = list_move_blockers(appointment, dates)
    return [day for day in dates if not blockers[day]]


def list_move_blockers(
    appointment: Appointment, dates: Sequence[date]
) -> dict[date, list[Blocker]]:
    """Return, for each of some local dates, all for which a guard refuses to move an appointment there."""
    by_guard = [guard.list_move_blockers(appointment, dates) for guard in _guards()]
    return {
        day: [blocker for blockers in by_guard for blocker in blockers.get(day, ())]
        for day in dates
    }


def lock_guarded_rows(appointment: Appointment) -> list[Model]:
    """Return, locked, the rows of every guard that a change of an appointment may write to."""
    return [row for guard in _guards() for row in guard.lock_rows(appointment)]


def read_change_basis(appointment: Appointment) -> dict[str, str]:
    """Return what every guard judges a planned change of an appointment by, besides itself."""
    return {
        key: value
        for guard in _guards()
        for key, value in guard.read_change_basis(appointment).items()
    }


def check_standalone_infusion(infusion: StandaloneInfusion) -> None:
    """Ask every guard about an infusion booked by itself; the first refusal is raised."""
    for guard in _guards():
        guard.check_standalone_infusion(infusion)


class CallSubstitute(Protocol):
    """Someone who sees to appointments that can't take place, so that nobody else need call about them."""

    def filter_handled(self, appointment_ids: Collection[int]) -> Collection[int]:
        """Return those of these appointments that are seen to: reads only."""


def register_call_substitute(app: Flask, substitute: CallSubstitute) -> None:
    """Let `substitute` say of which appointments nobody is asked to call in `app`."""
    app.extensions.setdefault("call_substitutes", []).append(substitute)


def filter_handled(appointment_ids: Collection[int]) -> set[int]:
    """Return those of these appointments that somebody sees to who is no task's owner."""
    substitutes: list[CallSubstitute] = current_app.extensions.get("call_substitutes", [])
    return {key for each in substitutes for key in each.filter_handled(appointment_ids)}


def _guards() -> list[ChangeGuard]:
    guards: list[ChangeGuard] = current_app.extensions.get("change_guards", [])
    return guards
