"""What time does to those who are asked: late answers, calls, moves made otherwise, and open again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.impossible import filter_impossible
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import operations as calendars
from booking.calendars.outages import end_outage
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.rendering import Draft
from booking.messaging.rules import MessageStatus
from booking.outages.answers import (
    ChoiceOver,
    accept_times,
    decline_times,
)
from booking.outages.messages import withhold_answered
from booking.outages.models import AffectedPatient
from booking.outages.operations import end_case
from booking.outages.rules import AnswerStatus, CaseStatus
from booking.series.progress import SessionState
from booking.series.queries import list_sessions
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_booking, local
from tests.outages.cases import (
    HOUR,
    applied,
    case_now,
    closing,
    current,
    questions,
    record_of,
    status_of,
    tick,
)
from tests.series.prescribed import a_booked_series, appointments, tasks_of

ONLINE = "online"


def test_whoever_has_not_answered_in_time_is_called_and_can_still_answer(
    affected: AffectedPatient, hit: Appointment
) -> None:
    assert affected.answer_by is not None
    late = affected.answer_by + timedelta(minutes=1)
    for _ in range(2):
        tick(late)
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == hit.id
    assert status_of(affected) is AnswerStatus.ASKED
    accept_times(affected.id, late, ONLINE)
    assert current(hit).sequence == 1
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_a_call_that_was_made_is_not_asked_for_again(affected: AffectedPatient) -> None:
    assert affected.answer_by is not None
    tick(affected.answer_by)
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    with transaction():
        db.session.get_one(type(task), task.id).done_at = affected.answer_by + HOUR
    tick(affected.answer_by + 2 * HOUR)
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_an_answer_after_the_hold_is_told_that_it_is_late(
    affected: AffectedPatient, hit: Appointment
) -> None:
    assert affected.held_until is not None
    with pytest.raises(ChoiceOver):
        accept_times(affected.id, affected.held_until, ONLINE)
    tick(affected.held_until)
    assert status_of(affected) is AnswerStatus.EXPIRED
    assert record_of(affected).affected.hold_id is None
    with pytest.raises(ChoiceOver):
        accept_times(affected.id, affected.held_until, ONLINE)
    assert current(hit).sequence == 0
    assert len(tasks_of(TaskKind.MOVE_APPOINTMENT)) == 1


def test_a_patient_who_moved_meanwhile_is_not_moved_again(
    affected: AffectedPatient, hit: Appointment
) -> None:
    held_id = record_of(affected).affected.hold_id
    appointment_operations.move(hit.id, local(15), NOW, ONLINE)
    with pytest.raises(ChoiceOver):
        accept_times(affected.id, NOW, ONLINE)
    tick(NOW)
    assert current(hit).starts_at == local(15)
    assert status_of(affected) is AnswerStatus.SETTLED
    assert db.session.get(Appointment, held_id) is None
    assert questions()[0].status is MessageStatus.RETIRED


def test_a_patient_who_cancelled_is_seen_to(affected: AffectedPatient, hit: Appointment) -> None:
    appointment_operations.cancel(hit.id, NOW, ONLINE, by_patient=True)
    tick(NOW)
    assert status_of(affected) is AnswerStatus.SETTLED
    assert case_now().status is CaseStatus.ENDED


def test_a_question_that_did_not_arrive_makes_a_call(
    affected: AffectedPatient, hit: Appointment
) -> None:
    with transaction():
        questions()[0].status = MessageStatus.FAILED
    tick(NOW + HOUR)
    assert status_of(affected) is AnswerStatus.TO_CALL
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == hit.id
    accept_times(affected.id, NOW + HOUR, "staff:1")
    assert current(hit).sequence == 1


def test_a_question_that_is_answered_is_not_sent(affected: AffectedPatient) -> None:
    (message,) = questions()
    drafts = cast(Sequence[Draft], [message])
    assert withhold_answered(drafts, NOW) == {}
    accept_times(affected.id, NOW, "staff:1")
    assert withhold_answered(drafts, NOW) == {message.id: None}


def test_a_session_nobody_found_a_time_for_is_the_practitioners_once_its_time_has_come(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    hit = appointments(series)[1]
    outage = closing(clinic)
    outage.starts_at, outage.ends_at = hit.starts_at - HOUR, hit.ends_at
    (affected,) = applied(outage, clinic)
    decline_times(affected.id, NOW, ONLINE)
    tick(hit.starts_at - HOUR)
    assert current(hit).status is Status.BOOKED
    tick(hit.starts_at)
    assert current(hit).status is Status.CANCELLED
    assert list_sessions(series.id)[1].session.state is SessionState.MISSED
    assert len(tasks_of(TaskKind.DECIDE_AFTER_MISS)) == 1
    assert status_of(affected) is AnswerStatus.SETTLED


def test_open_again_everybody_who_has_not_answered_has_their_time_back(
    affected: AffectedPatient, hit: Appointment
) -> None:
    case = case_now()
    end_case(case.id, NOW + HOUR, "staff:1")
    assert status_of(affected) is AnswerStatus.SETTLED
    assert filter_impossible([hit.id]) == set()
    assert calendars.claimed_resource_ids(hit.id) != ()
    assert case_now().status is CaseStatus.ENDED
    assert questions()[0].status is MessageStatus.RETIRED


def test_open_again_whose_time_went_keeps_what_is_held(
    affected: AffectedPatient, hit: Appointment
) -> None:
    end_outage(case_now().outage_id, NOW, "staff:1")
    a_booking(hit.starts_at)
    end_case(case_now().id, NOW, "staff:1")
    assert status_of(affected) is AnswerStatus.ASKED
    assert case_now().status is CaseStatus.APPLIED
    accept_times(affected.id, NOW, ONLINE)
    tick(NOW)
    assert case_now().status is CaseStatus.ENDED
