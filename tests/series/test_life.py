"""When a series waits for a person, what is noted of one that was stopped, and when it is over."""

from datetime import date, timedelta

import pytest

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import get_phases, get_progress, list_sessions
from booking.series.refusals import SeriesNotPending
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, doctor, tasks_of

S = SessionState


def take_place(appointment: Appointment, outcome: Outcome = Outcome.TREATED) -> None:
    attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
    attendance.fulfil(appointment.id, outcome, appointment.ends_at, "staff:1")


def states(series: InfusionSeries) -> list[SessionState]:
    return [session.session.state for session in list_sessions(series.id)]


def status(series: InfusionSeries) -> SeriesStatus:
    return db.session.get_one(InfusionSeries, series.id).status


def days_booked(series: InfusionSeries) -> list[date]:
    return [
        appointment.local_date
        for appointment in appointments(series)
        if appointment.status is Status.BOOKED
    ]


def finish(kind: TaskKind, clinic: Clinic) -> None:
    for task in tasks_of(kind):
        tasks.finish_task(task.id, clinic.practitioner.id, "Talked", NOW, is_practitioner=True)


def test_invariant_6_what_the_patient_cancelled_is_not_booked_again_before_a_decision(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    cancelled = appointments(series)[-3:]
    for appointment in cancelled:
        appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    before = days_booked(series)
    book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL)
    assert days_booked(series) == before
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 3

    finish(TaskKind.DECIDE_AFTER_MISS, clinic)
    book_sessions_ahead(NOW + 3 * BOOK_AHEAD_INTERVAL)
    again = set(days_booked(series)) - set(before)
    assert len(again) >= 3
    assert not again & {appointment.local_date for appointment in cancelled}


def test_what_the_clinic_cancelled_at_the_end_is_placed_by_a_person(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    last = appointments(series)[-1]
    appointment_operations.cancel(last.id, NOW, doctor(clinic), by_patient=False, reason="Closed")
    book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL)
    assert states(series)[-1] is S.UNPLACED
    assert last.local_date not in days_booked(series)


def test_a_treatment_under_way_when_its_series_is_stopped_counts(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    first = appointments(series)[0]
    attendance.check_in(first.id, first.starts_at, "staff:1")
    soon = first.starts_at + timedelta(minutes=10)
    endings.stop_series(series.id, soon, doctor(clinic), reason="Adverse reaction")
    attendance.fulfil(first.id, Outcome.TREATED, soon, "staff:1")
    assert states(series) == [S.DONE] + [S.CANCELLED] * 5
    assert get_progress(series).treated == 1


@pytest.mark.parametrize("outcome", [None, Outcome.STOPPED_EARLY])
def test_a_miss_under_way_when_its_series_is_stopped_is_noted_and_asks_nobody(
    clinic: Clinic, outcome: Outcome | None
) -> None:
    series = a_booked_series(clinic)
    first = appointments(series)[0]
    soon = first.starts_at + timedelta(minutes=10)
    endings.stop_series(series.id, soon, doctor(clinic), reason="Patient's wish")
    if outcome:
        take_place(first, outcome)
    else:
        attendance.mark_no_show(first.id, soon, "staff:1")
    assert states(series)[0] is S.MISSED
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []


def test_a_series_is_stopped_once_and_one_that_is_over_stays_as_it_ended(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    endings.stop_series(series.id, NOW, doctor(clinic), reason="Moved away")
    with pytest.raises(SeriesNotPending):
        endings.stop_series(series.id, NOW, doctor(clinic), reason="Once more")
    assert db.session.get_one(InfusionSeries, series.id).note == "Moved away"


def test_nothing_is_placed_in_a_stopped_series_and_nobody_is_asked_to(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, NOW, "online", by_patient=True)
    session = list_sessions(series.id)[2].session
    endings.stop_series(series.id, NOW, doctor(clinic), reason="Adverse reaction")
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    with pytest.raises(SeriesNotPending):
        series_operations.place_session(session.id, third.starts_at, NOW, doctor(clinic))


def test_a_series_is_over_when_its_last_miss_is_decided(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    *first, last = appointments(series)
    for appointment in first:
        take_place(appointment)
    attendance.mark_no_show(last.id, last.ends_at, "staff:1")
    book_sessions_ahead(last.ends_at)
    assert status(series) is SeriesStatus.ACTIVE
    finish(TaskKind.DECIDE_AFTER_MISS, clinic)
    book_sessions_ahead(last.ends_at + BOOK_AHEAD_INTERVAL)
    assert status(series) is SeriesStatus.COMPLETED


def test_a_series_is_not_over_while_a_session_waits_for_a_time(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    *first, last = appointments(series)
    appointment_operations.cancel(last.id, NOW, doctor(clinic), by_patient=False, reason="Closed")
    for appointment in first:
        take_place(appointment)
    assert status(series) is SeriesStatus.ACTIVE


def test_a_session_placed_after_the_end_makes_the_series_go_on(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    *first, last = appointments(series)
    appointment_operations.cancel(last.id, NOW, "online", by_patient=True)
    finish(TaskKind.DECIDE_AFTER_MISS, clinic)
    for appointment in first:
        take_place(appointment)
    assert status(series) is SeriesStatus.COMPLETED
    session, now = list_sessions(series.id)[-1].session, first[-1].ends_at
    series_operations.place_session(session.id, last.starts_at, now, doctor(clinic))
    assert status(series) is SeriesStatus.ACTIVE


def test_a_series_is_booked_to_the_end_of_the_clearance_and_then_asked_about(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    patient = db.session.get_one(Patient, series.patient_id)
    now, last = appointments(series)[7].starts_at, appointments(series)[-1].local_date
    until = last + timedelta(days=16)
    screening.record_finding(
        patient, Finding.SUITABLE, clinic.practitioner.id, NOW, valid_until=until
    )
    book_sessions_ahead(now)
    assert last < days_booked(series)[-1] <= until
    (task,) = tasks_of(TaskKind.REVIEW_SERIES)
    assert task.details == {"why": "not_cleared"}


def test_an_appointment_that_came_to_no_treatment_begins_no_gap(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    first, second, *others = appointments(series)
    take_place(first)
    take_place(second, Outcome.NO_RIDE)
    for appointment in others:
        appointment_operations.cancel(appointment.id, second.ends_at, "online", by_patient=True)
    finish(TaskKind.DECIDE_AFTER_MISS, clinic)
    book_sessions_ahead(second.ends_at + BOOK_AHEAD_INTERVAL)
    gap = get_phases(series)[-1].gap
    assert gap.allows((days_booked(series)[0] - first.local_date).days)


def test_a_move_that_makes_a_gap_better_needs_no_reason(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    eighth, ninth = appointments(series)[7:9]
    appointment_operations.cancel(eighth.id, NOW, "online", by_patient=True)
    earlier = ninth.starts_at - timedelta(days=1)
    moved = appointment_operations.move(ninth.id, earlier, NOW, f"staff:{clinic.front_desk.id}")
    assert moved.starts_at == earlier


def test_a_session_is_put_back_at_its_own_time_between_two_that_were_missed(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    for appointment in appointments(series)[2:4]:
        appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    third = list_sessions(series.id)[2]
    assert third.appointment
    desk = f"staff:{clinic.front_desk.id}"
    series_operations.place_session(third.session.id, third.appointment.starts_at, NOW, desk)
    assert states(series)[2] is S.BOOKED


def test_one_series_that_fails_holds_up_no_other(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    with transaction():
        db.session.get_one(InfusionSeries, series.id).phases = [{"name": "broken"}]
    assert book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL) == 1
    assert book_sessions_ahead(NOW + BOOK_AHEAD_INTERVAL) == 0
