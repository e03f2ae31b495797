"""Reviews are asked for once each, and what is closed by hand comes back while its reason stands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Clearance, Finding
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.reopening import reopen_series_tasks
from booking.series.revisions import revise_phases
from booking.series.rules import Gap, Phase
from booking.staff.models import Role
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_patient
from tests.series.prescribed import (
    SIX,
    TWICE,
    a_booked_series,
    a_series,
    appointments,
    doctor,
    starts,
    tasks_of,
)

REVIEW, PLACE = TaskKind.REVIEW_SERIES, TaskKind.PLACE_SESSION
AFTER_THREE = Phase("At first", 3, TWICE, 15, 45, 30)
EVERY_TWO = Phase("Then", 4, Gap(2, 3, 4, 5), 15, 45, 30, 2)
AT_THE_END = (Phase("All", 3, TWICE, 15, 45, 30, 3),)


def take_place(appointment: Appointment, outcome: Outcome = Outcome.TREATED) -> None:
    attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
    attendance.fulfil(appointment.id, outcome, appointment.ends_at, "staff:1")


def test_reviews_count_the_sessions_of_their_own_phase(clinic: Clinic) -> None:
    counts = []
    for appointment in appointments(a_booked_series(clinic, (AFTER_THREE, EVERY_TWO))):
        take_place(appointment)
        counts.append(len(tasks_of(REVIEW)))
    assert counts == [0, 0, 0, 0, 1, 1, 2]


def test_a_phase_that_a_change_has_split_is_reviewed_as_one(clinic: Clinic) -> None:
    series = a_booked_series(clinic, (AFTER_THREE, EVERY_TWO))
    split = (
        AFTER_THREE,
        replace(EVERY_TWO, sessions=1),
        replace(EVERY_TWO, sessions=3, recovery=45),
    )
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        revise_phases(row, split, 5, clinic.practitioner.id, "Dizzy", NOW)
    counts = []
    for appointment in appointments(series):
        take_place(appointment)
        counts.append(len(tasks_of(REVIEW)))
    assert counts == [0, 0, 0, 0, 1, 1, 2]


def test_a_series_that_a_miss_cut_short_is_reviewed_once_at_its_end(clinic: Clinic) -> None:
    series = a_booked_series(clinic, AT_THE_END)
    *first, last = appointments(series)
    for appointment in first:
        take_place(appointment)
    attendance.mark_no_show(last.id, last.ends_at, "staff:1")
    assert tasks_of(REVIEW) == []
    session = list_sessions(series.id)[-1].session
    series_operations.give_up_session(
        session.id, clinic.practitioner.id, last.ends_at, reason="Moved away"
    )
    book_sessions_ahead(last.ends_at + BOOK_AHEAD_INTERVAL)
    assert db.session.get_one(InfusionSeries, series.id).status is SeriesStatus.COMPLETED
    assert [task.details["why"] for task in tasks_of(REVIEW)] == ["cut_short"]


def unplaced(clinic: Clinic) -> InfusionSeries:
    series = a_booked_series(clinic)
    appointment_operations.cancel(
        appointments(series)[2].id, NOW, doctor(clinic), by_patient=False, reason="Closed"
    )
    return series


@pytest.mark.parametrize("who", ["front_desk", "practitioner"])
def test_a_session_closed_by_hand_without_a_time_comes_back_with_a_new_deadline(
    clinic: Clinic, who: str
) -> None:
    unplaced(clinic)
    (task,) = tasks_of(PLACE)
    tasks.finish_task(
        task.id, getattr(clinic, who).id, "Called", NOW, is_practitioner=who == "practitioner"
    )
    later = NOW + timedelta(days=3)
    reopen_series_tasks(later)
    reopen_series_tasks(later)
    (again,) = tasks_of(PLACE)
    assert again.due_at > later


def test_a_session_given_up_is_decided_with_its_reason(clinic: Clinic) -> None:
    series = unplaced(clinic)
    (task,) = tasks_of(PLACE)
    session = list_sessions(series.id)[2].session
    series_operations.give_up_session(
        session.id, clinic.practitioner.id, NOW, reason="Five are enough"
    )
    reopen_series_tasks(NOW + BOOK_AHEAD_INTERVAL)
    assert tasks_of(PLACE) == []
    assert task.note == "Five are enough"
    assert list_sessions(series.id)[2].session.state is SessionState.CANCELLED


def test_what_a_practitioner_decides_nobody_else_closes(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    appointment_operations.cancel(appointments(series)[2].id, NOW, "online", by_patient=True)
    (task,) = tasks_of(TaskKind.DECIDE_AFTER_MISS)
    with pytest.raises(tasks.TaskNotYours):
        tasks.finish_task(task.id, clinic.front_desk.id, "Fine", NOW, is_practitioner=False)
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == [task]


def test_what_a_practitioner_decided_stands_whatever_they_work_as_later(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    appointment_operations.cancel(appointments(series)[2].id, NOW, "online", by_patient=True)
    (task,) = tasks_of(TaskKind.DECIDE_AFTER_MISS)
    tasks.finish_task(task.id, clinic.practitioner.id, "Goes on", NOW, is_practitioner=True)
    clinic.practitioner.role = Role.MANAGER
    db.session.commit()
    reopen_series_tasks(NOW)
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []


def test_a_plan_ends_with_the_clearance_and_goes_on_when_it_is_renewed(clinic: Clinic) -> None:
    series = a_series(clinic, SIX)
    patient = db.session.get_one(Patient, series.patient_id)
    whole = propose_plans(series, NOW).plans[0].sessions
    until = whole[2].planned.day
    by = clinic.practitioner.id
    screening.record_finding(patient, Finding.SUITABLE, by, NOW, valid_until=until)
    proposal = propose_plans(series, NOW)
    assert proposal.clearance is Clearance.EXPIRED
    assert proposal.cleared_until == until
    assert 0 < len(proposal.plans[0].sessions) < 6
    series_operations.book_plan(series.id, starts(proposal), NOW, "staff:1")
    book_sessions_ahead(NOW)
    assert [session.session.number for session in list_sessions(series.id)] == [1, 2, 3, 4, 5, 6]
    assert len(tasks_of(REVIEW)) == 1
    screening.record_finding(patient, Finding.SUITABLE, by, NOW)
    book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL)
    assert {session.session.state for session in list_sessions(series.id)} == {SessionState.BOOKED}


def test_nothing_is_planned_for_a_minor(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    series = a_series(clinic, patient=patient)
    patient.birth_date = NOW.date() - timedelta(days=17 * 365)
    db.session.flush()
    proposal = propose_plans(series, NOW)
    assert proposal.plans == ()
    assert proposal.clearance is Clearance.MINOR
