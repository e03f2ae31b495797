"""A plan is used: old times are free, new ones held, and each patient is asked once, at a decent hour."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.impossible import filter_impossible
from booking.calendars import operations as calendars
from booking.messaging.rules import Channel
from booking.outages import optimizer
from booking.outages.applying import DecisionNotYours, PlanOutdated, apply_plan
from booking.outages.operations import plan_again
from booking.outages.planning.problem import PlanMethod
from booking.outages.queries import list_records
from booking.outages.rules import AnswerStatus, CaseStatus, NoTimeReason, PlanScope
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_patient, an_infusion, local
from tests.outages.cases import (
    HOUR,
    IN_TWO_DAYS,
    affected_patients,
    applied,
    broken_chair,
    case_now,
    closing,
    nurse_ill,
    planned,
    questions,
    record_of,
)
from tests.series.prescribed import TWICE, a_booked_series, appointments, tasks_of


def test_the_new_time_is_held_and_the_patient_asked_by_one_text(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    (affected,) = applied(closing(clinic), clinic)
    record = record_of(affected)
    assert affected.status is AnswerStatus.ASKED
    assert record.affected.starts_at is not None
    assert record.affected.hold_id is not None
    assert calendars.claimed_resource_ids(record.affected.hold_id)
    assert calendars.claimed_resource_ids(appointment.id) == ()
    (message,) = questions()
    assert (message.channel, message.send_at) == (Channel.SMS, NOW)
    assert affected.token in message.body
    assert filter_impossible([appointment.id]) == {appointment.id}
    assert case_now().status is CaseStatus.APPLIED
    assert tasks_of(TaskKind.DECIDE_OUTAGE) == []
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_pressed_twice_a_plan_is_used_once(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    plan = planned(closing(clinic), clinic)[0]
    for _ in range(2):
        apply_plan(plan.id, clinic.practitioner.id, NOW)
    assert len(affected_patients()) == len(questions()) == 1


def test_nobody_is_asked_for_two_outages(clinic: Clinic) -> None:
    infusions = [an_infusion(clinic, local(10, minute, day=IN_TWO_DAYS)) for minute in (0, 15)]
    chair_plan = planned(broken_chair(), clinic)[0]
    closed_plan = planned(closing(clinic), clinic)[0]
    for plan in (chair_plan, closed_plan):
        apply_plan(plan.id, clinic.practitioner.id, NOW)
    asked = [
        record.appointment.id for each in affected_patients() for record in list_records(each.id)
    ]
    assert sorted(asked) == sorted(infusion.id for infusion in infusions)


def test_a_practitioner_decides(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    plan = planned(closing(clinic), clinic)[0]
    with pytest.raises(DecisionNotYours):
        apply_plan(plan.id, clinic.front_desk.id, NOW)
    assert case_now().status is CaseStatus.PROPOSED


def test_a_plan_that_was_made_anew_is_used_no_more(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    plan = planned(closing(clinic), clinic)[0]
    plan_again(plan.case_id, NOW, "staff:1")
    with pytest.raises(PlanOutdated):
        apply_plan(plan.id, clinic.practitioner.id, NOW)


def test_who_has_no_consent_is_asked_by_email_and_who_has_neither_is_called(
    clinic: Clinic,
) -> None:
    a_booking(local(10, day=IN_TWO_DAYS), sms_consent=False)
    unreachable = an_infusion(
        clinic, local(12, day=IN_TWO_DAYS), a_patient(clinic, email=None, phone="+16025550199")
    )
    statuses = {
        record_of(each).appointment.id: each.status for each in applied(closing(clinic), clinic)
    }
    assert [message.channel for message in questions()] == [Channel.EMAIL]
    assert statuses[unreachable.id] is AnswerStatus.TO_CALL
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == unreachable.id


def test_at_night_nobody_is_asked_before_eight(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    at_night = local(22, day=NOW.date())
    (affected,) = applied(closing(clinic), clinic, at_night)
    (message,) = questions()
    assert affected.asked_at == message.send_at == local(8)
    assert message.immediate


def test_who_is_due_soon_is_called_with_the_new_time_held(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    at_seven = local(7, day=IN_TWO_DAYS)
    (affected,) = applied(closing(clinic), clinic, at_seven)
    assert affected.status is AnswerStatus.TO_CALL
    assert record_of(affected).affected.hold_id is not None
    assert questions() == []
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == appointment.id


def test_a_time_that_went_meanwhile_is_said_to_have_gone(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    plan = planned(closing(clinic), clinic)[0]
    a_booking(datetime.fromisoformat(plan.moves[0]["starts_at"]))
    apply_plan(plan.id, clinic.practitioner.id, NOW)
    (affected,) = affected_patients()
    assert record_of(affected).affected.no_time_reason is NoTimeReason.TAKEN
    assert affected.status is AnswerStatus.TO_CALL


def test_whoever_moved_before_the_plan_was_used_is_left_alone(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    plan = planned(closing(clinic), clinic)[0]
    appointment_operations.move(appointment.id, local(15), NOW, "staff:1")
    apply_plan(plan.id, clinic.practitioner.id, NOW)
    assert affected_patients() == []


def test_a_session_gets_a_time_that_keeps_its_gaps(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    hit = next(each for each in appointments(series) if each.local_date >= IN_TWO_DAYS)
    outage = closing(clinic)
    outage.starts_at = hit.starts_at - HOUR
    outage.ends_at = hit.ends_at + 8 * HOUR
    (affected,) = applied(outage, clinic)
    new_date = record_of(affected).affected.local_date
    assert new_date is not None
    days = sorted(
        new_date if each.id == hit.id else each.local_date for each in appointments(series)
    )
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    assert all(TWICE.allows(gap) for gap in gaps)


def test_the_other_location_takes_whom_this_one_cannot(clinic: Clinic) -> None:
    other = a_clinic(slug="scottsdale")
    an_infusion(clinic, local(10, day=IN_TWO_DAYS))
    for_a_month = closing(clinic, -40, 30 * 24)
    plans = {plan.scope: plan for plan in planned(for_a_month, clinic)}
    assert plans[PlanScope.ALL_LOCATIONS].moves[0]["location"] == other.location.id
    assert plans[PlanScope.SAME_LOCATION].moves[0]["reason"] == NoTimeReason.FULL
    assert {scope: plan.unplaced for scope, plan in plans.items()} == {
        PlanScope.ALL_LOCATIONS: 0,
        PlanScope.SAME_LOCATION: 1,
    }


def test_without_the_optimizer_all_are_planned_in_turn_and_it_is_said(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimizer, "HAS_OPTIMIZER", False)
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    assert (plan.method, plan.unplaced) == (PlanMethod.ONE_BY_ONE, 0)


def test_with_the_optimizer_all_are_planned_at_once(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    assert (plan.method, plan.unplaced, plan.least_unplaced) == (PlanMethod.JOINTLY, 0, 0)


def test_a_nurse_ill_moves_as_few_as_need_be_and_the_rest_take_their_seats(clinic: Clinic) -> None:
    times = [local(10, minute, day=IN_TWO_DAYS) for minute in (0, 15)]
    for at in times:
        an_infusion(clinic, at)
    (affected,) = applied(nurse_ill(9, 17), clinic)
    record = record_of(affected)
    assert record.affected.local_date == IN_TWO_DAYS
    assert filter_impossible(range(1, 9)) == {record.appointment.id}


def test_two_appointments_of_one_person_are_asked_about_once(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    first, second = (each for each in appointments(series)[1:3])
    outage = closing(clinic)
    outage.starts_at, outage.ends_at = first.starts_at - HOUR, second.ends_at + HOUR
    patients = applied(outage, clinic)
    assert len(patients) == 1
    assert len(list_records(patients[0].id)) == 2
    assert len(questions()) <= 1


def test_a_broken_chair_moves_one_of_two(clinic: Clinic) -> None:
    for minute in (0, 15):
        an_infusion(clinic, local(10, minute, day=IN_TWO_DAYS))
    patients = applied(broken_chair(), clinic)
    assert len(patients) == 1
    assert patients[0].held_until is not None
    assert patients[0].held_until > NOW + timedelta(days=1)
