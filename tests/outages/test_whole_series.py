"""Where no day is left for the visit that is hit, others of its series move with it: all of them or none."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.impossible import filter_impossible
from booking.calendars import operations as calendars
from booking.calendars.catalogue import read_catalogue
from booking.outages.affected import Affected, list_affected
from booking.outages.answers import accept_times, decline_times
from booking.outages.applying import apply_plan
from booking.outages.companions import list_companions
from booking.outages.models import AffectedPatient, OutagePlan
from booking.outages.optimizer import find_series_plan
from booking.outages.planning.sequential import plan_one_by_one
from booking.outages.queries import AffectedRecord, get_outage, list_records
from booking.outages.reading import OutageReader
from booking.outages.rules import AnswerStatus, NoTimeReason, PlanScope
from booking.outages.series_checks import SeriesCheck
from booking.series.models import InfusionSeries
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, an_infusion
from tests.outages.cases import (
    WIDE,
    affected_patients,
    closed_between,
    closing,
    current,
    planned,
    questions,
    recorded,
    status_of,
    tick,
)
from tests.series.prescribed import a_booked_series, appointments, tasks_of

ONLINE = "online"


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    """A series whose visits may be nine days apart, two at the least."""
    return a_booked_series(clinic, WIDE)


@pytest.fixture
def plans(clinic: Clinic, series: InfusionSeries) -> list[OutagePlan]:
    return planned(closed_between(clinic, series), clinic)


@pytest.fixture
def affected(clinic: Clinic, plans: list[OutagePlan]) -> AffectedPatient:
    """The series' patient, asked about all that moves."""
    apply_plan(plans[0].id, clinic.practitioner.id, NOW)
    return affected_patients()[0]


def fill(clinic: Clinic, starts_at: datetime) -> None:
    """Take both chairs of a time."""
    for minutes in (0, 15):
        an_infusion(clinic, starts_at + timedelta(minutes=minutes))


def companions_of(affected: AffectedPatient) -> list[AffectedRecord]:
    return [record for record in list_records(affected.id) if not record.affected.is_hit]


def days_of(series: InfusionSeries) -> list[int]:
    """Return the days between a series' visits as they are now."""
    days = sorted(current(each).local_date for each in appointments(series))
    return [(later - earlier).days for earlier, later in pairwise(days)]


def test_a_plan_of_whole_series_leaves_fewer_and_is_offered_beside_the_others(
    plans: list[OutagePlan],
) -> None:
    assert [(plan.scope, plan.unplaced, plan.least_unplaced) for plan in plans] == [
        (PlanScope.WHOLE_SERIES, 0, 0),
        (PlanScope.ALL_LOCATIONS, 1, 1),
    ]
    assert [move.get("hit", True) for move in plans[0].moves].count(True) == 1
    assert any(not move.get("hit", True) for move in plans[0].moves)


def test_where_nobody_is_left_out_no_other_appointment_moves(
    clinic: Clinic, series: InfusionSeries
) -> None:
    outage, second = closing(clinic), appointments(series)[1]
    outage.starts_at, outage.ends_at = second.starts_at, second.ends_at
    assert [plan.scope for plan in planned(outage, clinic)] == [PlanScope.ALL_LOCATIONS]


def test_one_message_asks_about_all_and_one_answer_moves_all(
    affected: AffectedPatient, series: InfusionSeries
) -> None:
    assert len(questions()) == 1
    records = list_records(affected.id)
    assert len(records) > 1
    accept_times(affected.id, NOW, ONLINE)
    assert [current(each.appointment).starts_at for each in records] == [
        each.affected.starts_at for each in records
    ]
    assert all(WIDE[0].gap.allows(days) for days in days_of(series))
    assert status_of(affected) is AnswerStatus.ACCEPTED
    assert filter_impossible([each.id for each in appointments(series)]) == set()


def test_declined_what_nothing_is_wrong_with_stays_as_it_was(affected: AffectedPatient) -> None:
    companions = companions_of(affected)
    assert all(calendars.claimed_resource_ids(each.appointment.id) == () for each in companions)
    decline_times(affected.id, NOW, ONLINE)
    tick(NOW)
    for record in companions_of(affected):
        assert record.affected.restored_at == NOW
        assert calendars.claimed_resource_ids(record.appointment.id) != ()
        assert filter_impossible([record.appointment.id]) == set()
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id not in {each.appointment.id for each in companions}
    assert status_of(affected) is AnswerStatus.DECLINED


def test_without_an_answer_it_stays_as_it_was_before_it_begins(affected: AffectedPatient) -> None:
    assert affected.held_until is not None
    first = min(each.affected.old_starts_at for each in companions_of(affected))
    assert affected.held_until < first
    tick(affected.held_until)
    assert all(each.affected.restored_at for each in companions_of(affected))


def test_whose_own_time_went_meanwhile_is_called_about_it(
    affected: AffectedPatient, clinic: Clinic
) -> None:
    companion = companions_of(affected)[-1].appointment  # no other of the series moves there
    fill(clinic, companion.starts_at)
    decline_times(affected.id, NOW, ONLINE)
    assert companion.id in {task.subject_id for task in tasks_of(TaskKind.MOVE_APPOINTMENT)}


def test_where_one_of_the_times_went_none_of_a_persons_moves(
    clinic: Clinic, plans: list[OutagePlan], series: InfusionSeries
) -> None:
    companion = next(move for move in plans[0].moves if not move.get("hit", True))
    hit = next(move for move in plans[0].moves if move.get("hit", True))
    fill(clinic, datetime.fromisoformat(companion["starts_at"]))
    apply_plan(plans[0].id, clinic.practitioner.id, NOW)
    (affected,) = affected_patients()
    records = {each.appointment.id: each.affected for each in list_records(affected.id)}
    assert records[hit["appointment"]].no_time_reason is NoTimeReason.TAKEN
    assert all(record.hold_id is None for record in records.values())
    assert filter_impossible([each.id for each in appointments(series)]) == {hit["appointment"]}
    assert affected.status is AnswerStatus.TO_CALL
    assert questions() == []


def test_once_the_appointment_is_moved_otherwise_the_others_stay(
    affected: AffectedPatient, series: InfusionSeries, clinic: Clinic
) -> None:
    hit = next(each for each in list_records(affected.id) if each.affected.is_hit).appointment
    appointment_operations.cancel(hit.id, NOW, "staff:1", by_patient=True)
    tick(NOW)
    assert status_of(affected) is AnswerStatus.SETTLED
    assert all(each.affected.restored_at for each in companions_of(affected))


def test_who_is_asked_already_is_no_companion(
    affected: AffectedPatient, series: InfusionSeries
) -> None:
    hit = next(each for each in list_records(affected.id) if each.affected.is_hit).appointment
    asked = {each.appointment.id for each in list_records(affected.id)}
    companions = list_companions(Affected((hit,), (), (), frozenset()), NOW)
    assert asked & {each.id for each in companions} == set()
    assert companions != ()


def test_what_breaks_a_rule_of_its_series_is_seen_before_anybody_else_sees_it(
    clinic: Clinic, series: InfusionSeries
) -> None:
    affected = list_affected(
        get_outage(recorded(closed_between(clinic, series), clinic)), read_catalogue(), NOW
    )
    affected = replace(affected, companions=list_companions(affected, NOW))
    reader = OutageReader(affected, read_catalogue(), NOW)
    problem = reader.build_problem(PlanScope.WHOLE_SERIES)
    plan = find_series_plan(problem, plan_one_by_one(problem), 5)
    assert plan is not None
    check = SeriesCheck(reader.sessions, reader.companion_ids, reader.catalogue, NOW)
    assert check.list_errors(plan) == []
    key, choice = next(
        (k, c) for k, c in plan.choices.items() if k in reader.companion_ids and not c.is_own
    )
    wrong = replace(
        choice, day=choice.day + timedelta(days=30), starts_at=choice.starts_at + timedelta(days=30)
    )
    errors = check.list_errors(replace(plan, choices={**plan.choices, key: wrong}))
    assert any("GapViolation" in error for error in errors)
    assert any(error.endswith(": gap") for error in errors)
