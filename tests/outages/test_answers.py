"""An answer moves everything or nothing, once; a late one is told so; whoever has moved is not moved."""

import pytest

from booking.appointments.impossible import filter_impossible
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.calendars import operations as calendars
from booking.extensions import db
from booking.outages.answers import (
    ChoiceOver,
    accept_times,
    choose_other_time,
    decline_times,
    record_call_outcome,
)
from booking.outages.models import AffectedPatient
from booking.outages.queries import list_records
from booking.outages.rules import AnswerStatus, CallOutcome, CaseStatus
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_clinic, local
from tests.outages.cases import (
    HOUR,
    affected_patients,
    applied,
    case_now,
    closing,
    current,
    record_of,
    status_of,
    tick,
)
from tests.series.prescribed import a_booked_series, appointments, tasks_of

ONLINE = "online"


def test_accepting_moves_the_appointment_and_takes_the_hold_away(
    affected: AffectedPatient, hit: Appointment
) -> None:
    new_time, hold_id = record_of(affected).affected.starts_at, record_of(affected).affected.hold_id
    accept_times(affected.id, NOW + HOUR, ONLINE)
    appointment = current(hit)
    assert (appointment.starts_at, appointment.sequence) == (new_time, 1)
    assert calendars.claimed_resource_ids(hit.id) != ()
    assert db.session.get(Appointment, hold_id) is None
    assert filter_impossible([hit.id]) == set()
    assert status_of(affected) is AnswerStatus.ACCEPTED
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_accepted_twice_it_moves_once(affected: AffectedPatient, hit: Appointment) -> None:
    for _ in range(2):
        accept_times(affected.id, NOW, ONLINE)
    assert current(hit).sequence == 1


def test_once_all_have_answered_the_case_is_over(affected: AffectedPatient) -> None:
    accept_times(affected.id, NOW, ONLINE)
    tick(NOW)
    assert case_now().status is CaseStatus.ENDED


def test_another_time_is_taken_instead_and_the_held_one_is_free_again(
    affected: AffectedPatient, hit: Appointment
) -> None:
    held_id = record_of(affected).affected.hold_id
    choose_other_time(affected.id, "ahwatukee", local(15), NOW, ONLINE)
    assert current(hit).starts_at == local(15)
    assert db.session.get(Appointment, held_id) is None
    assert status_of(affected) is AnswerStatus.CHOSE_OTHER


def test_who_wants_none_of_the_times_is_called(affected: AffectedPatient, hit: Appointment) -> None:
    held_id = record_of(affected).affected.hold_id
    for _ in range(2):
        decline_times(affected.id, NOW, ONLINE)
    assert status_of(affected) is AnswerStatus.DECLINED
    assert db.session.get(Appointment, held_id) is None
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == hit.id
    with pytest.raises(ChoiceOver):
        accept_times(affected.id, NOW, ONLINE)


def test_what_came_of_a_call_is_kept(affected: AffectedPatient) -> None:
    record_call_outcome(affected.id, CallOutcome.VOICEMAIL, NOW + HOUR, "staff:1")
    (now_,) = affected_patients()
    assert (now_.call_outcome, now_.called_at) == (CallOutcome.VOICEMAIL, NOW + HOUR)
    assert now_.status is AnswerStatus.ASKED


def test_two_sessions_of_a_series_move_together(clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    series = a_booked_series(clinic)
    first, second = appointments(series)[1:3]
    outage = closing(clinic)
    outage.starts_at, outage.ends_at = first.starts_at - HOUR, second.ends_at
    (affected,) = applied(outage, clinic)
    new_times = [record.affected.starts_at for record in list_records(affected.id)]
    assert None not in new_times
    accept_times(affected.id, NOW, ONLINE)
    assert [current(each).starts_at for each in (first, second)] == new_times


def test_all_is_in_the_audit_trail(affected: AffectedPatient) -> None:
    accept_times(affected.id, NOW, ONLINE)
    actions = set(db.session.scalars(db.select(AuditEntry.action)))
    assert {
        *("record_outage", "record_case", "plan_case", "apply_plan", "affect"),
        *("answer_accepted", "move"),
    } <= actions
