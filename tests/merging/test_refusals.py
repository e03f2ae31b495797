"""Two records that can't be one as things stand are left as they are, and it is said why."""

from datetime import timedelta

import pytest
from flask import Flask

from booking.merging import operations as merging
from booking.merging.obstacles import MergeRefused
from booking.merging.operations import MergeUndoRefused
from booking.merging.rules import MergeObstacle, UndoObstacle
from booking.patients.models import Patient
from booking.series.queries import list_sessions
from tests.builders import NOW, Clinic, a_patient, an_infusion, local
from tests.merging.two_records import RecordFacts, a_record, a_series_of, merge, read_tables
from tests.reminders.prepared import a_clinic_that_reminds


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


def obstacles(clinic: Clinic, survivor: Patient, other: Patient) -> set[MergeObstacle]:
    """Return why two records are not merged; nothing was changed by trying."""
    before = read_tables()
    with pytest.raises(MergeRefused) as refusal:
        merge(clinic, survivor, other)
    assert read_tables() == before
    return {each.obstacle for each in refusal.value.obstacles}


def test_appointments_at_one_time_refuse(clinic: Clinic) -> None:
    survivor = a_record(clinic, RecordFacts(consultations=(0,)), 9)
    other = a_patient(clinic)
    an_infusion(clinic, local(9), other)
    assert obstacles(clinic, survivor, other) == {MergeObstacle.SAME_TIME}


def test_infusions_on_one_day_refuse(clinic: Clinic) -> None:
    survivor, other = a_patient(clinic), a_patient(clinic)
    an_infusion(clinic, local(9), survivor)
    an_infusion(clinic, local(14), other)
    assert obstacles(clinic, survivor, other) == {MergeObstacle.INFUSIONS_SAME_DAY}


def test_an_infusion_too_near_the_others_series_refuses(clinic: Clinic) -> None:
    survivor, other = a_patient(clinic), a_patient(clinic)
    series_id = a_series_of(survivor, clinic)
    first = list_sessions(series_id)[0].appointment
    assert first is not None
    an_infusion(clinic, local(15, day=first.local_date - timedelta(days=1)), other)
    assert obstacles(clinic, survivor, other) == {MergeObstacle.INFUSIONS_TOO_CLOSE}


def test_two_series_that_go_on_refuse(clinic: Clinic) -> None:
    survivor, other = a_patient(clinic), a_patient(clinic)
    a_series_of(survivor, clinic)
    a_series_of(other, clinic)
    assert MergeObstacle.TWO_SERIES in obstacles(clinic, survivor, other)


def test_what_is_merged_already_is_not_merged_again_nor_undone_twice(clinic: Clinic) -> None:
    first, second, third = (a_patient(clinic) for _ in range(3))
    into_first = merge(clinic, first, second)
    assert obstacles(clinic, third, second) == {MergeObstacle.MERGED_ALREADY}
    into_third = merge(clinic, third, first)
    assert undo_obstacle(clinic, into_first) is UndoObstacle.MERGED_ON
    merging.undo_merge(into_third, clinic.front_desk.id, NOW)
    merging.undo_merge(into_first, clinic.front_desk.id, NOW)
    assert undo_obstacle(clinic, into_first) is UndoObstacle.UNDONE_ALREADY


def undo_obstacle(clinic: Clinic, merge_id: int) -> UndoObstacle:
    with pytest.raises(MergeUndoRefused) as refusal:
        merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    return refusal.value.obstacle
