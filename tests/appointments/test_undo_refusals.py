"""What can't be undone is refused, says why, and leaves all as it is; what was done is kept a while."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.appointments import attendance, operations
from booking.appointments.changes import (
    delete_old_changes,
    keep_told_change,
    list_standing_changes,
)
from booking.appointments.models import Appointment, AppointmentChange
from booking.appointments.reverting import UndoProblem, UndoRefused
from booking.appointments.rules import Action, Outcome, Status
from booking.appointments.undoing import find_undoable_change, undo_change
from booking.audit.models import AuditEntry
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.series.models import Session
from booking.series.operations import place_session
from tests.appointments.compared_tables import read_tables
from tests.builders import TOMORROW, Clinic, a_booking, a_clinic, a_patient, an_infusion, local
from tests.series.prescribed import a_booked_series, appointments

EIGHT, TEN = local(8), local(10)
MINUTE = timedelta(minutes=1)
ACTOR = "staff:1"


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(rooms=1)


def cancel(appointment: Appointment, now: datetime = EIGHT, *, is_fact: bool = True) -> int:
    def change() -> None:
        operations.cancel(
            appointment.id, now, ACTOR, by_patient=False, is_fact=is_fact, reason="Ill"
        )

    return keep(appointment, Action.CANCEL, now, change)


def move(appointment: Appointment, to: datetime, now: datetime = EIGHT) -> int:
    return keep(
        appointment, Action.MOVE, now, lambda: operations.move(appointment.id, to, now, ACTOR)
    )


def keep(appointment: Appointment, action: Action, now: datetime, change: object) -> int:
    keep_told_change(appointment.id, action, now, ACTOR, change)  # type: ignore[arg-type]
    return latest(appointment)


def latest(appointment: Appointment) -> int:
    return list_standing_changes(appointment.id)[0].id


def undo(appointment: Appointment, change_id: int, now: datetime = EIGHT + MINUTE) -> None:
    undo_change(appointment.id, change_id, now, ACTOR)


def assert_refused(
    appointment: Appointment,
    change_id: int,
    problem: UndoProblem,
    now: datetime = EIGHT + MINUTE,
) -> None:
    before = read_tables()
    with pytest.raises(UndoRefused) as refusal:
        undo(appointment, change_id, now)
    assert refusal.value.problem is problem
    assert read_tables() == before


def test_a_time_that_was_given_away_is_not_reverted_changes(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    change_id = cancel(appointment)
    a_booking(TEN, EIGHT - timedelta(hours=2))
    assert_refused(appointment, change_id, UndoProblem.TAKEN)


def test_who_has_another_appointment_by_then_does_not_get_the_first_back(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    appointment = an_infusion(clinic, TEN, patient)
    change_id = cancel(appointment)
    an_infusion(clinic, local(14), patient)
    assert_refused(appointment, change_id, UndoProblem.BUSY)


def test_what_changed_after_it_stays(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    change_id = move(appointment, local(14))
    operations.move(appointment.id, local(15), EIGHT, "online")
    assert_refused(appointment, change_id, UndoProblem.CHANGED)


def test_only_the_latest_is_undone_and_once(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    first, second = move(appointment, local(14)), move(appointment, local(15))
    assert_refused(appointment, first, UndoProblem.NOT_LATEST)
    undo(appointment, second)
    assert_refused(appointment, second, UndoProblem.NOT_LATEST)
    undo(appointment, first)
    assert db.session.get_one(Appointment, appointment.id).starts_at == TEN


def test_a_day_later_it_stays(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    change_id = cancel(appointment)
    assert find_undoable_change(appointment, local(23, 59)) is not None
    midnight = local(0, day=TOMORROW + timedelta(days=1))
    assert find_undoable_change(appointment, midnight) is None
    assert_refused(appointment, change_id, UndoProblem.DAY_OVER, midnight)


def test_an_outdated_page_undoes_nothing(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    change_id = cancel(appointment)
    with pytest.raises(StaleVersion):
        undo_change(appointment.id, change_id, EIGHT + MINUTE, ACTOR, expected_version=0)


def test_a_series_that_was_changed_since_keeps_its_gaps(clinic: Clinic) -> None:
    third, fourth = appointments(a_booked_series(clinic))[2:4]
    now = third.starts_at - timedelta(hours=2)
    change_id = cancel(third, now)
    operations.move(fourth.id, fourth.starts_at + timedelta(minutes=15), now, "online")
    assert_refused(third, change_id, UndoProblem.CHANGED, now + MINUTE)


def test_a_miss_that_got_another_time_since_is_not_reverted_changes(clinic: Clinic) -> None:
    last = appointments(a_booked_series(clinic))[-1]
    attendance.mark_no_show(last.id, last.starts_at, ACTOR)
    session = db.session.scalars(select(Session).filter_by(appointment_id=last.id)).one()
    place_session(session.id, last.starts_at + timedelta(days=1), last.ends_at, ACTOR)
    assert_refused(last, latest(last), UndoProblem.CHANGED, last.ends_at)
    with pytest.raises(UndoRefused):
        attendance.check_in(last.id, last.ends_at, ACTOR)


def test_the_trail_says_what_was_undone(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    undo(appointment, move(appointment, local(14)))
    entry = db.session.scalars(select(AuditEntry).filter_by(action="undo")).one()
    assert entry.facts == {
        "undone": "move",
        "from": local(14).isoformat(),
        "to": TEN.isoformat(),
    }


def test_changes_are_kept_for_two_days_and_go_then(clinic: Clinic) -> None:
    cancel(a_booking(TEN))
    delete_old_changes(EIGHT + timedelta(days=2))
    assert len(db.session.scalars(select(AppointmentChange)).all()) == 1
    delete_old_changes(EIGHT + timedelta(days=2) + MINUTE)
    assert db.session.scalars(select(AppointmentChange)).all() == []


def test_a_hold_that_has_expired_does_not_stop_an_undo(clinic: Clinic) -> None:
    appointment = a_booking(TEN)
    attendance.check_in(appointment.id, TEN, ACTOR)
    attendance.fulfil(appointment.id, Outcome.SEEN, TEN + 20 * MINUTE, ACTOR)
    other = a_booking(TEN + 60 * MINUTE)
    with transaction():
        moved = update(Claim).where(Claim.appointment_id == other.id)
        db.session.execute(moved.values(starts_at=TEN + 30 * MINUTE, expires_at=TEN + 40 * MINUTE))
    change_id = latest(appointment)
    assert_refused(appointment, change_id, UndoProblem.TAKEN, TEN + 35 * MINUTE)
    undo(appointment, change_id, TEN + 41 * MINUTE)
    assert db.session.get_one(Appointment, appointment.id).status is Status.ARRIVED
