"""Once a series is booked: planned changes keep its gaps, facts are accepted, it can be stopped."""

from datetime import timedelta

import pytest

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status
from booking.calendars.models import Claim
from booking.extensions import db
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import get_progress, list_sessions
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic
from tests.series.prescribed import (
    a_booked_series,
    appointments,
    count,
    doctor,
    tasks_of,
)


def test_invariant_6_a_move_keeps_the_gaps(clinic: Clinic) -> None:
    third = appointments(a_booked_series(clinic))[2]
    with pytest.raises(ChangeRefused) as refusal:
        appointment_operations.move(
            third.id, third.starts_at + timedelta(days=7), NOW, doctor(clinic)
        )
    assert refusal.value.accepts_reason
    assert db.session.get_one(Appointment, third.id).sequence == 0


def test_a_reason_lets_a_permitted_person_past_the_gaps(clinic: Clinic) -> None:
    last = appointments(a_booked_series(clinic))[-1]
    later = last.starts_at + timedelta(days=7)
    moved = appointment_operations.move(last.id, later, NOW, doctor(clinic), reason="Travelling")
    assert (moved.starts_at, moved.note) == (later, "Travelling")


def test_a_reason_does_not_let_the_front_desk_past_the_gaps(clinic: Clinic) -> None:
    last = appointments(a_booked_series(clinic))[-1]
    later, actor = last.starts_at + timedelta(days=7), f"staff:{clinic.front_desk.id}"
    with pytest.raises(ChangeRefused) as refusal:
        appointment_operations.move(last.id, later, NOW, actor, reason="Travelling")
    assert not refusal.value.accepts_reason


def test_a_gap_let_stand_stays_so_when_the_desk_makes_it_smaller(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    before, last = appointments(series)[-2:]
    later = last.starts_at + timedelta(days=7)
    appointment_operations.move(last.id, later, NOW, doctor(clinic), reason="Travelling")
    sooner, actor = later - timedelta(days=1), f"staff:{clinic.front_desk.id}"
    moved = appointment_operations.move(last.id, sooner, NOW, actor)
    allowed_gap = list_sessions(series.id)[-1].session.allowed_gap
    assert allowed_gap == (moved.local_date - before.local_date).days


def test_a_move_within_the_gaps_needs_no_reason(clinic: Clinic) -> None:
    first = appointments(a_booked_series(clinic))[0]
    moved = appointment_operations.move(
        first.id, first.starts_at + timedelta(minutes=15), NOW, "staff:1"
    )
    assert moved.sequence == 1


def test_the_clinics_cancellation_is_asked_for_a_reason_and_leaves_the_session_unplaced(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    with pytest.raises(ChangeRefused):
        appointment_operations.cancel(third.id, NOW, doctor(clinic), by_patient=False)
    appointment = appointment_operations.cancel(
        third.id, NOW, doctor(clinic), by_patient=False, reason="Fewer chairs"
    )
    assert appointment.note == "Fewer chairs"
    assert list_sessions(series.id)[2].session.state is SessionState.UNPLACED
    assert len(tasks_of(TaskKind.PLACE_SESSION)) == 1


def test_invariant_6_a_patients_cancellation_is_a_fact(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, NOW, "online", by_patient=True)
    assert list_sessions(series.id)[2].session.state is SessionState.MISSED
    assert [v.status for v in appointments(series)].count(Status.BOOKED) == 5
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1


def test_a_no_show_is_recorded_and_makes_a_task_for_the_same_day(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    first = appointments(series)[0]
    after = first.starts_at + timedelta(minutes=30)
    attendance.mark_no_show(first.id, after, "staff:1")
    assert list_sessions(series.id)[0].session.state is SessionState.MISSED
    task = tasks_of(TaskKind.DECIDE_AFTER_MISS)[0]
    assert task.due_at - after < timedelta(hours=8)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.TREATED, SessionState.DONE), (Outcome.HAD_EATEN, SessionState.MISSED)],
)
def test_only_treated_counts_as_done(clinic: Clinic, outcome: Outcome, state: SessionState) -> None:
    series = a_booked_series(clinic)
    first = appointments(series)[0]
    attendance.check_in(first.id, first.starts_at, "staff:1")
    attendance.fulfil(first.id, outcome, first.starts_at + timedelta(hours=1), "staff:1")
    assert list_sessions(series.id)[0].session.state is state


def test_a_missed_session_is_placed_again_within_the_gaps(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    last = appointments(series)[-1]
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    session = list_sessions(series.id)[-1].session
    with pytest.raises(ChangeRefused):
        series_operations.place_session(
            session.id, last.starts_at + timedelta(days=14), NOW, doctor(clinic)
        )
    series_operations.place_session(session.id, last.starts_at, NOW, doctor(clinic))
    assert list_sessions(series.id)[-1].session.state is SessionState.BOOKED
    assert not tasks_of(TaskKind.DECIDE_AFTER_MISS)


def test_a_missed_session_is_placed_past_the_gaps_for_a_reason_that_is_kept(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    last = appointments(series)[-1]
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    later = last.starts_at + timedelta(days=14)
    session = list_sessions(series.id)[-1].session
    series_operations.place_session(session.id, later, NOW, doctor(clinic), reason="Was ill")
    appointment = list_sessions(series.id)[-1].appointment
    assert appointment is not None
    assert (appointment.starts_at, appointment.note) == (later, "Was ill")


def test_a_finished_series_is_completed_and_its_progress_is_known(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    for appointment in appointments(series):
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    assert db.session.get_one(InfusionSeries, series.id).status is SeriesStatus.COMPLETED
    progress = get_progress(series)
    assert (progress.treated, progress.gaps_due, progress.gaps_kept) == (6, 5, 5)


def test_a_stopped_series_frees_what_was_to_come(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    endings.stop_series(series.id, NOW, "staff:1", reason="Patient's wish")
    assert series.note == "Patient's wish"
    assert {v.status for v in appointments(series)} == {Status.CANCELLED}
    assert count(Claim) == 0
