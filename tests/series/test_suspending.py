"""Infusions to come of someone no longer cleared are suspended until a person decides (CLINICAL §2)."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared
from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus as Sent
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders import operations as reminders
from booking.reminders.models import ReminderPolicy
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import Flag, FlagKind
from booking.screening.rules import ClearanceBasis, Finding
from booking.series import endings
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.suspensions import (
    list_suspended_appointments,
    resume_treatment,
    update_suspensions,
)
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, an_infusion, local
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, doctor, tasks_of

DECIDE = TaskKind.DECIDE_SUSPENDED
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return a_booked_series(clinic)


def a_flag(series: InfusionSeries, kind: FlagKind = FlagKind.SEEN_AT_APPOINTMENT) -> Flag:
    born = db.session.get_one(Patient, series.patient_id).birth_date
    return flags.raise_flag(kind, ("pregnancy",), born, SOON, "test", patient_id=series.patient_id)


def find(
    series: InfusionSeries | Appointment,
    clinic: Clinic,
    finding: Finding,
    until: date | None = None,
) -> None:
    patient = db.session.get_one(Patient, series.patient_id)
    screening.record_finding(patient, finding, clinic.practitioner.id, SOON, valid_until=until)


def suspended(series: InfusionSeries | Appointment, now: datetime = SOON) -> int:
    return len(list_suspended_appointments(series.patient_id or 0, now))


def test_a_flag_suspends_all_that_is_to_come_with_one_task(series: InfusionSeries) -> None:
    a_flag(series)
    for _ in range(3):
        update_suspensions(SOON)
    assert suspended(series) == 6
    (task,) = tasks_of(DECIDE)
    assert (task.owner, task.subject_id) == (Owner.PRACTITIONER, series.patient_id)
    assert SOON < task.due_at < appointments(series)[0].starts_at
    assert {appointment.status for appointment in appointments(series)} == {Status.BOOKED}


def test_one_patient_who_fails_holds_up_nobody_else(
    series: InfusionSeries, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, of_all = an_infusion(clinic, local(14)), screening.get_standing

    def fail_for_the_first(patient_id: int) -> ClearanceBasis:
        if patient_id == series.patient_id:
            raise LookupError
        return of_all(patient_id)

    for each in (series, other):
        find(each, clinic, Finding.DEFERRED)
    monkeypatch.setattr(screening, "get_standing", fail_for_the_first)
    update_suspensions(SOON)
    assert (suspended(series), suspended(other)) == (0, 1)


def test_a_flag_cleared_again_ends_it_and_settles_the_task(
    series: InfusionSeries, clinic: Clinic
) -> None:
    flag = a_flag(series)
    update_suspensions(SOON)
    flags.clear_flag(flag.id, clinic.practitioner.id, SOON)
    update_suspensions(SOON)
    assert suspended(series) == 0
    assert tasks_of(DECIDE) == []


def test_a_finding_withdrawn_suspends(series: InfusionSeries, clinic: Clinic) -> None:
    find(series, clinic, Finding.NOT_SUITABLE)
    update_suspensions(SOON)
    assert suspended(series) == 6


def test_a_clearance_that_ends_suspends_only_what_is_after_it(
    series: InfusionSeries, clinic: Clinic
) -> None:
    find(series, clinic, Finding.SUITABLE, appointments(series)[2].local_date)
    update_suspensions(SOON)
    assert suspended(series) == 3


def test_a_practitioner_decides_that_it_goes_on(series: InfusionSeries, clinic: Clinic) -> None:
    a_flag(series, FlagKind.CALL_FIRST)
    update_suspensions(SOON)
    resume_treatment(
        series.patient_id, clinic.practitioner.id, SOON, reason="Talked to the patient"
    )
    assert suspended(series) == 0
    assert tasks_of(DECIDE) == []
    update_suspensions(SOON)
    assert suspended(series) == 0


def test_a_decision_closed_by_hand_comes_back(series: InfusionSeries, clinic: Clinic) -> None:
    a_flag(series)
    update_suspensions(SOON)
    (task,) = tasks_of(DECIDE)
    tasks.finish_task(task.id, clinic.practitioner.id, "Seen", SOON, is_practitioner=True)
    update_suspensions(SOON)
    assert len(tasks_of(DECIDE)) == 1


def test_past_the_deadline_the_desk_is_told_and_the_times_are_kept(series: InfusionSeries) -> None:
    a_flag(series)
    update_suspensions(SOON)
    (task,) = tasks_of(DECIDE)
    update_suspensions(task.due_at)
    (call,) = tasks_of(TaskKind.CALL_BACK)
    assert (call.owner, call.subject_id) == (Owner.FRONT_DESK, series.patient_id)
    assert {appointment.status for appointment in appointments(series)} == {Status.BOOKED}


def test_stopping_the_series_ends_it(series: InfusionSeries, clinic: Clinic) -> None:
    a_flag(series)
    update_suspensions(SOON)
    endings.stop_series(series.id, SOON, doctor(clinic), reason="Pregnant")
    update_suspensions(SOON)
    assert tasks_of(DECIDE) == []


def test_nothing_more_is_booked_while_it_is_suspended(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    later = appointments(series)[6].starts_at
    find(series, clinic, Finding.SUITABLE, appointments(series)[7].local_date)
    update_suspensions(later)
    before = len(appointments(series))
    book_sessions_ahead(later + BOOK_AHEAD_INTERVAL)
    assert len(appointments(series)) == before
    assert tasks_of(TaskKind.REVIEW_SERIES) == []


def test_invariant_7_an_infusion_is_given_to_the_uncleared_only_for_a_practitioners_reason(
    series: InfusionSeries, clinic: Clinic
) -> None:
    a_flag(series)
    first = appointments(series)[0]
    desk = f"staff:{clinic.front_desk.id}"
    for actor, reason in ((desk, ""), (desk, "Asked"), (doctor(clinic), "")):
        with pytest.raises(NotCleared):
            attendance.check_in(first.id, first.starts_at, actor, reason=reason)
    attendance.check_in(first.id, first.starts_at, doctor(clinic), reason="Examined her")
    assert appointments(series)[0].status is Status.ARRIVED
    assert appointments(series)[0].note == "Examined her"


def planned(series: InfusionSeries) -> list[Message]:
    ids = [f"appointment:{appointment.id}" for appointment in appointments(series)]
    of_appointments = select(Message).where(Message.topic.in_(ids), Message.status == Sent.PLANNED)
    return list(db.session.scalars(of_appointments))


@pytest.fixture
def reminded(series: InfusionSeries) -> InfusionSeries:
    with transaction():
        rule = {"kind": "day_before", "channel": "email", "minutes_before": 1440, "only": None}
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=[rule], created_at=NOW))
    reminders.derive_messages(NOW)
    return series


def test_no_reminder_goes_for_what_is_suspended_and_those_due_go_once_it_goes_on(
    reminded: InfusionSeries, clinic: Clinic
) -> None:
    before = {message.topic for message in planned(reminded)}
    assert len(before) >= 5
    flag = a_flag(reminded)
    update_suspensions(SOON)
    reminders.derive_messages(SOON)
    assert planned(reminded) == []
    flags.clear_flag(flag.id, clinic.practitioner.id, SOON)
    update_suspensions(SOON)
    reminders.derive_messages(SOON)
    assert {message.topic for message in planned(reminded)} == before


def test_what_a_merged_record_says_counts(series: InfusionSeries, clinic: Clinic) -> None:
    patient = db.session.get_one(Patient, series.patient_id)
    other = patients.create_patient(patient.contact, patient.birth_date, NOW, "test")
    with transaction():
        db.session.get_one(Patient, other.id).merged_into_id = patient.id
    screening.record_finding(other, Finding.NOT_SUITABLE, clinic.practitioner.id, SOON)
    update_suspensions(SOON)
    assert suspended(series) == 6
