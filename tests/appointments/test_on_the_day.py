"""What turns out on the day: late arrivals, outcomes and their corrections, what did not begin."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import attendance, operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Action, ActionNotAllowed, Outcome
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import Session
from booking.series.progress import SessionState
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind
from tests.builders import TOMORROW, Clinic, a_booking, a_clinic, a_patient, an_infusion, local
from tests.series.prescribed import a_booked_series, appointments, tasks_of

EIGHT, TEN = local(8), local(10)
MINUTE = timedelta(minutes=1)
ACTOR = "staff:1"


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def test_who_comes_late_after_a_no_show_is_checked_in_and_nobody_decides(clinic: Clinic) -> None:
    first = appointments(a_booked_series(clinic))[0]
    attendance.mark_no_show(first.id, first.starts_at + 15 * MINUTE, ACTOR)
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1
    attendance.check_in(first.id, first.starts_at + 20 * MINUTE, ACTOR)
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    session = db.session.scalars(select(Session).filter_by(appointment_id=first.id)).one()
    assert session.state is SessionState.BOOKED
    claims = db.session.scalars(select(Claim).filter_by(appointment_id=first.id)).all()
    assert {claim.pinned for claim in claims} == {True}
    assert max(claim.ends_at for claim in claims) == first.ends_at
    with pytest.raises(ActionNotAllowed):
        attendance.mark_no_show(first.id, first.ends_at, ACTOR)


def test_what_somebody_did_about_a_miss_stays_on_record(clinic: Clinic) -> None:
    first = appointments(a_booked_series(clinic))[0]
    attendance.mark_no_show(first.id, first.starts_at, ACTOR)
    (task,) = tasks_of(TaskKind.DECIDE_AFTER_MISS)
    tasks.finish_task(
        task.id, clinic.practitioner.id, "Called her", first.starts_at, is_practitioner=True
    )
    attendance.check_in(first.id, first.starts_at + MINUTE, ACTOR)
    done = db.session.scalars(select(Task).filter_by(kind=TaskKind.DECIDE_AFTER_MISS)).one()
    assert done.note == "Called her"


def test_a_late_arrival_whose_chair_is_gone_takes_another(clinic: Clinic) -> None:
    first = an_infusion(clinic, TEN, a_patient(clinic))
    chair = chairs_of(first)
    attendance.mark_no_show(first.id, TEN + 15 * MINUTE, ACTOR)
    other = an_infusion(clinic, TEN + 45 * MINUTE, a_patient(clinic))
    with transaction():
        theirs = db.session.scalars(select(Claim).filter_by(appointment_id=other.id)).all()
        of_chairs = next(claim for claim in theirs if claim.resource_id in ALL_CHAIRS)
        of_chairs.resource_id = chair
    attendance.check_in(first.id, TEN + 20 * MINUTE, ACTOR)
    assert chairs_of(first) != chair


ALL_CHAIRS = range(2, 6)  # of `a_clinic`: a room, then four chairs


def chairs_of(appointment: Appointment) -> int:
    taken = select(Claim.resource_id).filter_by(appointment_id=appointment.id)
    (chair,) = set(db.session.scalars(taken)) & set(ALL_CHAIRS)
    return chair


def test_a_no_show_of_yesterday_is_not_checked_in(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    attendance.mark_no_show(appointment.id, TEN, ACTOR)
    with pytest.raises(ActionNotAllowed) as refusal:
        attendance.check_in(appointment.id, local(0, day=TOMORROW + timedelta(days=1)), ACTOR)
    assert refusal.value.reason == "is_noshow"


def test_that_it_took_place_is_recorded_from_the_start_on(clinic: Clinic) -> None:
    appointment = an_infusion(clinic, TEN, a_patient(clinic))
    attendance.check_in(appointment.id, TEN - 20 * MINUTE, ACTOR)
    with pytest.raises(ActionNotAllowed) as refusal:
        attendance.fulfil(appointment.id, Outcome.TREATED, TEN - MINUTE, ACTOR)
    assert refusal.value.reason == "treated_too_early"
    attendance.fulfil(appointment.id, Outcome.NO_RIDE, TEN - MINUTE, ACTOR)


def test_a_corrected_outcome_is_what_its_series_goes_by(clinic: Clinic) -> None:
    first = appointments(a_booked_series(clinic))[0]
    attendance.check_in(first.id, first.starts_at, ACTOR)
    attendance.fulfil(first.id, Outcome.HAD_EATEN, first.ends_at, ACTOR)
    attendance.fulfil(first.id, Outcome.TREATED, first.ends_at + MINUTE, ACTOR)
    session = db.session.scalars(select(Session).filter_by(appointment_id=first.id)).one()
    assert (session.state, tasks_of(TaskKind.DECIDE_AFTER_MISS)) == (SessionState.DONE, [])
    assert db.session.get_one(Appointment, first.id).ended_at == first.ends_at
    attendance.fulfil(first.id, Outcome.DECLINED, first.ends_at + 2 * MINUTE, ACTOR)
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1


def test_an_outcome_is_not_corrected_once_its_day_is_over(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    attendance.check_in(appointment.id, TEN, ACTOR)
    attendance.fulfil(appointment.id, Outcome.SEEN, TEN + 30 * MINUTE, ACTOR)
    tomorrow = local(9, day=TOMORROW + timedelta(days=1))
    with pytest.raises(ActionNotAllowed) as refusal:
        attendance.fulfil(appointment.id, Outcome.DECLINED, tomorrow, ACTOR)
    assert refusal.value.reason == "is_fulfilled"


@pytest.mark.parametrize("action", [Action.MOVE, Action.CANCEL])
def test_after_the_start_it_is_moved_or_cancelled_with_a_reason(
    clinic: Clinic, action: Action
) -> None:
    appointment, now = a_booking(TEN), TEN + 10 * MINUTE

    def change(reason: str) -> None:
        if action is Action.MOVE:
            operations.move(appointment.id, local(14), now, ACTOR, reason=reason)
        else:
            operations.cancel(appointment.id, now, ACTOR, by_patient=False, reason=reason)

    with pytest.raises(ActionNotAllowed) as refusal:
        change("")
    assert refusal.value.reason == "has_started"
    change("The doctor is late")
    assert db.session.get_one(Appointment, appointment.id).note == "The doctor is late"


def test_invariant_6_a_nurse_who_is_ill_is_a_fact_whoever_says_so(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    desk = f"staff:{clinic.front_desk.id}"
    operations.cancel(
        third.id, EIGHT, desk, by_patient=False, is_fact=True, reason="The nurse is ill"
    )
    session = db.session.scalars(select(Session).filter_by(appointment_id=third.id)).one()
    assert session.state is SessionState.MISSED
    assert [task.owner for task in tasks_of(TaskKind.DECIDE_AFTER_MISS)] == ["practitioner"]
