"""Undo: done and undone, all is as it was before; what has moved on since is left as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.appointments import attendance, operations
from booking.appointments.changes import keep_told_change, list_standing_changes
from booking.appointments.lengths import set_extra_minutes
from booking.appointments.models import Appointment
from booking.appointments.rules import TOLD_ACTIONS, Action, Outcome
from booking.appointments.undoing import undo_change
from tests.appointments.compared_tables import read_tables
from tests.builders import Clinic, a_booking, a_clinic, a_patient, an_infusion, local
from tests.series.prescribed import a_booked_series, appointments

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@dataclass(frozen=True)
class Step:
    """Something done at the desk, so long after the start of the appointment."""

    action: Action
    after_start: timedelta
    change: Callable[[Appointment, datetime, str], object]


def _move(hours: int) -> Callable[[Appointment, datetime, str], object]:
    def change(appointment: Appointment, now: datetime, actor: str) -> None:
        later = appointment.starts_at + timedelta(hours=hours)
        operations.move(appointment.id, later, now, actor, reason="Asked for")

    return change


def _cancel(*, by_patient: bool, is_fact: bool = False) -> Callable[..., object]:
    def change(appointment: Appointment, now: datetime, actor: str) -> None:
        operations.cancel(
            appointment.id, now, actor, by_patient=by_patient, is_fact=is_fact, reason="Rang"
        )

    return change


def _fulfil(outcome: Outcome) -> Callable[[Appointment, datetime, str], object]:
    def change(appointment: Appointment, now: datetime, actor: str) -> None:
        spoken = Outcome.SEEN if outcome is Outcome.TREATED else Outcome.DECLINED
        attendance.fulfil(
            appointment.id, outcome if appointment.is_infusion else spoken, now, actor
        )

    return change


def _check_in(appointment: Appointment, now: datetime, actor: str) -> None:
    attendance.check_in(appointment.id, now, actor)


def _mark_no_show(appointment: Appointment, now: datetime, actor: str) -> None:
    attendance.mark_no_show(appointment.id, now, actor)


def _lengthen(appointment: Appointment, now: datetime, actor: str) -> None:
    set_extra_minutes(appointment.id, appointment.extra_minutes + 15, now, actor)


BEFORE, DURING = -2 * HOUR, 20 * MINUTE
CHECK_IN = Step(Action.CHECK_IN, -10 * MINUTE, _check_in)
TREATED = Step(Action.FULFIL, DURING, _fulfil(Outcome.TREATED))
NO_SHOW = Step(Action.MARK_NO_SHOW, DURING, _mark_no_show)
LATE_ARRIVAL = Step(Action.CHECK_IN, 30 * MINUTE, _check_in)
LONGER = Step(Action.CHANGE_LENGTH, BEFORE, _lengthen)
LONGER_IN_CHAIR = Step(Action.CHANGE_LENGTH, DURING, _lengthen)
CANCEL = Step(Action.CANCEL, BEFORE, _cancel(by_patient=True))
STEPS = {
    "check in": [CHECK_IN],
    "check in, then treated": [CHECK_IN, TREATED],
    "check in, then stopped early": [CHECK_IN, Step(Action.FULFIL, DURING, _fulfil(Outcome.STOPPED_EARLY))],
    "treated, then corrected": [CHECK_IN, TREATED, Step(Action.FULFIL, HOUR, _fulfil(Outcome.NO_RIDE))],
    "longer": [LONGER],
    "longer, then longer in the chair": [LONGER, CHECK_IN, LONGER_IN_CHAIR],
    "moved, then longer": [Step(Action.MOVE, BEFORE, _move(1)), LONGER],
    "no-show": [NO_SHOW],
    "no-show, then late": [NO_SHOW, LATE_ARRIVAL],
    "no-show, late, treated": [NO_SHOW, LATE_ARRIVAL, Step(Action.FULFIL, HOUR, _fulfil(Outcome.TREATED))],
    "moved": [Step(Action.MOVE, BEFORE, _move(1))],
    "moved to another day": [Step(Action.MOVE, BEFORE, _move(24))],
    "moved after the start": [Step(Action.MOVE, DURING, _move(2))],
    "moved, then cancelled": [Step(Action.MOVE, BEFORE, _move(1)), CANCEL],
    "cancelled by the patient": [CANCEL],
    "cancelled by the clinic": [Step(Action.CANCEL, BEFORE, _cancel(by_patient=False))],
    "cancelled as a nurse is ill": [Step(Action.CANCEL, BEFORE, _cancel(by_patient=False, is_fact=True))],
    "cancelled after the start": [Step(Action.CANCEL, DURING, _cancel(by_patient=True))],
}  # fmt: skip


def take(step: Step, appointment: Appointment, now: datetime, actor: str) -> int:
    """Take a step as the desk does; return what names the change."""

    def change() -> object:
        return step.change(appointment, now, actor)

    if step.action in TOLD_ACTIONS:
        keep_told_change(appointment.id, step.action, now, actor, change)
    else:
        change()
    return list_standing_changes(appointment.id)[0].id


def a_consultation(_clinic: Clinic) -> Appointment:
    return a_booking(local(10))


def a_lone_infusion(clinic: Clinic) -> Appointment:
    return an_infusion(clinic, local(10), a_patient(clinic))


def a_first_session(clinic: Clinic) -> Appointment:
    return appointments(a_booked_series(clinic))[0]


def a_last_session(clinic: Clinic) -> Appointment:
    return appointments(a_booked_series(clinic))[-1]


KINDS = (a_consultation, a_lone_infusion, a_first_session, a_last_session)


@pytest.mark.parametrize("kind", KINDS)
def test_done_and_undone_all_is_as_before(
    clinic: Clinic, kind: Callable[[Clinic], Appointment]
) -> None:
    appointment = kind(clinic)
    starts_at, actor = appointment.starts_at, f"staff:{clinic.practitioner.id}"
    for name, steps in STEPS.items():
        tables, changes = [read_tables()], []
        for step in steps:
            changes.append(take(step, appointment, starts_at + step.after_start, actor))
            tables.append(read_tables())
            assert tables[-1] != tables[-2], name
        undone_at = starts_at + steps[-1].after_start + MINUTE
        for change_id in reversed(changes):
            assert read_tables() == tables.pop(), name
            undo_change(appointment.id, change_id, undone_at, actor)
        assert read_tables() == tables.pop(), name
