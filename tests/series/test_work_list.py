"""No session without a time, and no series that can't be booked on, waits without somebody's task."""

from datetime import date, timedelta

from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.progress import SessionState
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.reopening import reopen_series_tasks
from booking.series.reviews import ReviewReason
from booking.series.work_list import list_unattended_sessions
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_closure
from tests.series.prescribed import (
    RECOMMENDED,
    SIX,
    a_booked_series,
    a_series,
    appointments,
    doctor,
    starts,
    tasks_of,
)

REVIEW, PLACE = TaskKind.REVIEW_SERIES, TaskKind.PLACE_SESSION
LATER = NOW + BOOK_AHEAD_INTERVAL


def suit(series: InfusionSeries, clinic: Clinic, until: date | None = None) -> None:
    patient = db.session.get_one(Patient, series.patient_id)
    screening.record_finding(
        patient, Finding.SUITABLE, clinic.practitioner.id, NOW, valid_until=until
    )


def cleared_for_three(clinic: Clinic) -> InfusionSeries:
    """Book three of six: the clearance ends after them."""
    series = a_series(clinic, SIX)
    suit(series, clinic, propose_plans(series, NOW).plans[0].sessions[2].planned.day)
    series_operations.book_plan(series.id, starts(propose_plans(series, NOW)), NOW, "staff:1")
    return series


def unplaced(series: InfusionSeries) -> set[int]:
    return {
        scheduled.session.id
        for scheduled in list_sessions(series.id)
        if scheduled.session.state is SessionState.UNPLACED
    }


def test_sessions_that_wait_for_a_clearance_are_on_a_list_as_one(clinic: Clinic) -> None:
    series = cleared_for_three(clinic)
    assert len(unplaced(series)) == 3
    (task,) = tasks_of(REVIEW)
    assert list_unattended_sessions() == []
    tasks.finish_task(task.id, clinic.practitioner.id, "Later", NOW, is_practitioner=True)
    assert {session.id for session in list_unattended_sessions()} == unplaced(series)


def test_a_clearance_closed_by_hand_with_nothing_cleared_is_asked_for_again(
    clinic: Clinic,
) -> None:
    cleared_for_three(clinic)
    (task,) = tasks_of(REVIEW)
    tasks.finish_task(task.id, clinic.practitioner.id, "Later", NOW, is_practitioner=True)
    reopen_series_tasks(NOW)
    (again,) = tasks_of(REVIEW)
    assert again.details == {"why": ReviewReason.NOT_CLEARED}
    assert list_unattended_sessions() == []
    assert tasks_of(PLACE) == []


def test_what_a_clearance_held_up_is_settled_once_it_is_booked(clinic: Clinic) -> None:
    series = cleared_for_three(clinic)
    suit(series, clinic)
    book_sessions_ahead(LATER)
    assert unplaced(series) == set()
    assert tasks_of(REVIEW) == []


def test_each_session_is_on_the_list_where_only_the_first_of_them_finds_no_time(
    clinic: Clinic,
) -> None:
    series = cleared_for_three(clinic)
    for number in range(1, 6):
        a_closure(clinic.location, appointments(series)[-1].local_date + timedelta(days=number))
    suit(series, clinic)
    book_sessions_ahead(LATER)
    assert len(unplaced(series)) == 3
    assert list_unattended_sessions() == []
    assert tasks_of(REVIEW) == []
    assert {task.subject_id for task in tasks_of(PLACE)} == unplaced(series)


def test_a_series_whose_location_is_given_up_is_somebodys_to_look_at(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    with transaction():
        db.session.get_one(Location, clinic.location.id).active = False
        db.session.get_one(CatalogueVersion, 1).version += 1
    later = appointments(series)[7].starts_at
    book_sessions_ahead(later)
    (task,) = tasks_of(REVIEW)
    assert (task.subject_id, task.details["why"]) == (series.id, ReviewReason.NOT_OFFERED)


def test_a_series_that_fails_is_somebodys_to_look_at(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    with transaction():
        db.session.get_one(InfusionSeries, series.id).phases = [{"name": "broken"}]
    book_sessions_ahead(LATER)
    (task,) = tasks_of(REVIEW)
    assert (task.subject_id, task.details["why"]) == (series.id, ReviewReason.NOT_BOOKED)


def test_a_series_that_is_stopped_is_nobodys_to_look_at(clinic: Clinic) -> None:
    series = cleared_for_three(clinic)
    endings.stop_series(series.id, NOW, doctor(clinic), reason="Moved away")
    reopen_series_tasks(NOW)
    assert tasks_of(REVIEW) == tasks_of(PLACE) == []
    assert list_unattended_sessions() == []
