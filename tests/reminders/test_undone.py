"""What was undone in time was never told: all of a scheduler's jobs at work, on either database."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking import clock
from booking.appointments import operations
from booking.appointments.changes import keep_told_change, list_standing_changes
from booking.appointments.models import Appointment
from booking.appointments.reverting import UndoProblem, UndoRefused
from booking.appointments.rules import Action
from booking.appointments.undoing import find_undoable_change, undo_change
from booking.messaging.rules import MessageStatus
from booking.messaging.senders import SendFailed
from booking.scheduler import list_jobs, run_job
from booking.waitlist.queries import find_waiting_entry
from tests.builders import NOW, TOMORROW, Clinic, a_patient, an_infusion, local
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import (
    EMAIL,
    NEXT_WEEK,
    Pass,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
)
from tests.series.prescribed import a_booked_series, appointments
from tests.waitlist.waiting import somebody_waiting

MINUTE = timedelta(minutes=1)
ACTOR = "staff:1"


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


def move(appointment: Appointment, to: datetime) -> int:
    now = clock.now()
    return keep(appointment, Action.MOVE, lambda: operations.move(appointment.id, to, now, ACTOR))


def cancel(appointment: Appointment) -> int:
    now = clock.now()
    return keep(
        appointment,
        Action.CANCEL,
        lambda: operations.cancel(appointment.id, now, ACTOR, by_patient=True),
    )


def keep(appointment: Appointment, action: Action, change: Callable[[], object]) -> int:
    keep_told_change(appointment.id, action, clock.now(), ACTOR, change)
    return list_standing_changes(appointment.id)[0].id


def undo(appointment: Appointment, change_id: int) -> None:
    undo_change(appointment.id, change_id, clock.now(), ACTOR)


def in_two_hours(appointment: Appointment) -> int:
    return move(appointment, appointment.starts_at + timedelta(hours=1))


CHANGES = {"moved": in_two_hours, "cancelled": cancel}


def planned() -> set[tuple[object, ...]]:
    """Return what is still to go, and when."""
    rows = on_record(status=MessageStatus.PLANNED)
    return {(m.topic, m.revision, m.kind, m.channel, m.send_at, m.body) for m in rows}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_done_and_undone_nothing_is_sent_and_the_reminders_are_as_before(
    clinic: Clinic, pass_time: Pass, change: Callable[[Appointment], int]
) -> None:
    appointment = an_appointment()
    assert kinds(pass_time(MINUTE)) == [("confirmation", "email"), ("confirmation", "sms")]
    to_go = planned()
    for _ in range(2):
        change_id = change(appointment)
        assert pass_time(4 * MINUTE) == []
        undo(appointment, change_id)
        assert pass_time(10 * MINUTE) == []
    assert planned() == to_go


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_of_a_session_undone_nothing_is_sent(
    clinic: Clinic, pass_time: Pass, change: Callable[[Appointment], int]
) -> None:
    series = a_booked_series(clinic)
    assert len(pass_time(MINUTE)) > 0
    session = appointments(series)[2]
    to_go = planned()
    change_id = change(session)
    assert pass_time(4 * MINUTE) == []
    undo(session, change_id)
    assert pass_time(10 * MINUTE) == []
    assert planned() == to_go


@pytest.mark.parametrize("name", CHANGES)
def test_left_as_it_is_it_is_told_once_the_wait_is_over(
    clinic: Clinic, pass_time: Pass, name: str
) -> None:
    appointment = an_appointment()
    pass_time(MINUTE)
    change_id = CHANGES[name](appointment)
    assert pass_time(4 * MINUTE) == []
    assert find_undoable_change(appointment, clock.now()) is not None
    kind = {"moved": "moved", "cancelled": "cancellation"}[name]
    assert kinds(pass_time(MINUTE)) == [(kind, "email"), (kind, "sms")]
    assert find_undoable_change(appointment, clock.now()) is None
    with pytest.raises(UndoRefused) as refusal:
        undo(appointment, change_id)
    assert refusal.value.problem is UndoProblem.TOLD


def test_what_came_after_an_undo_is_told(clinic: Clinic, pass_time: Pass) -> None:
    appointment = an_appointment()
    pass_time(MINUTE)
    undo(appointment, in_two_hours(appointment))
    pass_time(MINUTE)
    move(appointment, local(9, 30, day=NEXT_WEEK))
    messages = pass_time(6 * MINUTE)
    assert kinds(messages) == [("moved", "email"), ("moved", "sms")]
    assert all("9:30 AM" in message.body for message in messages)


def test_a_move_that_no_provider_took_is_undone_and_another_is_told(
    clinic: Clinic, pass_time: Pass, sender: ObedientSender, app: Flask
) -> None:
    appointment = an_appointment()
    pass_time(MINUTE)
    app.config["NOTICE_DELAY_MINUTES"] = 0
    change_id = in_two_hours(appointment)
    run_job(app, "send", list_jobs(app, {})["send"][1])  # by no channel anything can be sent
    assert on_record(kind="moved", status=MessageStatus.PLANNED)
    undo(appointment, change_id)
    assert pass_time(2 * MINUTE) == []
    move(appointment, local(9, 30, day=NEXT_WEEK))
    assert kinds(pass_time(MINUTE)) == [("moved", "email"), ("moved", "sms")]


def test_an_interrupted_notice_counts_as_told(
    clinic: Clinic, pass_time: Pass, sender: ObedientSender
) -> None:
    appointment = an_appointment()
    pass_time(MINUTE)
    change_id = cancel(appointment)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    pass_time(6 * MINUTE)
    with pytest.raises(UndoRefused) as refusal:
        undo(appointment, change_id)
    assert refusal.value.problem is UndoProblem.TOLD


def test_what_the_patient_does_meanwhile_is_answered_at_once(
    clinic: Clinic, pass_time: Pass
) -> None:
    appointment = an_appointment()
    pass_time(MINUTE)
    in_two_hours(appointment)
    operations.cancel(appointment.id, clock.now(), "online", by_patient=True)
    assert kinds(pass_time(MINUTE)) == [("cancellation", "email"), ("cancellation", "sms")]


def test_near_its_start_a_change_is_told_at_once(clinic: Clinic, pass_time: Pass) -> None:
    patient = a_patient(clinic, phone=None, email=EMAIL)
    appointment = an_infusion(clinic, local(9, day=NOW.date()), patient)
    pass_time(timedelta(minutes=50))
    cancel(appointment)  # ten minutes before
    assert pass_time(4 * MINUTE) == []
    assert kinds(pass_time(MINUTE)) == [("cancellation", "email")]


def test_reminders_of_the_old_time_wait_with_the_notice(clinic: Clinic, pass_time: Pass) -> None:
    appointment = an_appointment(local(14, day=TOMORROW))
    pass_time(MINUTE)
    reminder = min(m.send_at for m in on_record(status=MessageStatus.PLANNED))
    pass_time(reminder - clock.now() - 2 * MINUTE)
    in_two_hours(appointment)
    assert pass_time(4 * MINUTE) == []


def test_who_waits_for_something_sooner_waits_on_after_an_undo(
    clinic: Clinic, pass_time: Pass
) -> None:
    appointment = somebody_waiting(clinic, local(14, day=NEXT_WEEK))
    change_id = cancel(appointment)
    pass_time(MINUTE)
    undo(appointment, change_id)
    pass_time(6 * MINUTE)
    assert find_waiting_entry(appointment.id) is not None
    cancel(appointment)
    pass_time(6 * MINUTE)
    assert find_waiting_entry(appointment.id) is None
