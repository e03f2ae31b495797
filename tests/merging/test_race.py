"""A record is merged while somebody books for it: two real processes, at the same instant."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientBusy
from booking.extensions import db
from booking.merging import operations as merging
from booking.merging.obstacles import MergeRefused
from booking.patients.models import Patient
from tests.builders import NOW, Clinic, a_clinic, a_patient, local
from tests.forked import forkserver
from tests.merging.two_records import a_consultation
from tests.shared_app import app_on

ROUNDS, PATIENCE = 3, 60


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(rooms=2, practitioners=2)


def test_whoever_is_booked_for_meanwhile_is_never_in_two_places(
    clinic: Clinic, database_url: str
) -> None:
    """Either the merge sees the booking and refuses, or the booking meets the record that was kept."""
    for hour in range(9, 9 + ROUNDS):
        survivor, other = a_patient(clinic), a_patient(clinic)
        a_consultation(survivor, local(hour))
        outcomes = race(database_url, survivor.id, other.id, local(hour), clinic.front_desk.id)
        assert outcomes in ({"MergeRefused", "booked"}, {"merged", "PatientBusy"})
        assert len(list_patient_ids(survivor.id, other.id)) == 1 + ("booked" in outcomes)


def test_what_is_booked_meanwhile_is_the_kept_records(clinic: Clinic, database_url: str) -> None:
    for hour in range(9, 9 + ROUNDS):
        survivor, other = a_patient(clinic), a_patient(clinic)
        outcomes = race(database_url, survivor.id, other.id, local(hour), clinic.front_desk.id)
        assert outcomes == {"merged", "booked"}
        assert list_patient_ids(survivor.id, other.id) == [survivor.id]


def list_patient_ids(*patient_ids: int) -> list[int | None]:
    """Return whose the appointments of these records are."""
    db.session.rollback()
    rows = select(Appointment.patient_id).where(Appointment.patient_id.in_(patient_ids))
    return list(db.session.scalars(rows))


def race(
    database_url: str, survivor_id: int, other_id: int, starts_at: datetime, staff_id: int
) -> set[str]:
    """Merge, and book for the record that goes, at the same instant; return what came of both."""
    db.session.rollback()
    start, outcomes = forkserver.Barrier(2), forkserver.Queue()
    racers = [
        forkserver.Process(
            target=_merge, args=(database_url, survivor_id, other_id, staff_id, start, outcomes)
        ),
        forkserver.Process(target=_book, args=(database_url, other_id, starts_at, start, outcomes)),
    ]
    for racer in racers:
        racer.start()
    results = {outcomes.get(timeout=PATIENCE) for _ in racers}
    for racer in racers:
        racer.join(PATIENCE)
    return results


def _merge(
    url: str, survivor_id: int, other_id: int, staff_id: int, start: Any, outcomes: Any
) -> None:
    with app_on(url):
        start.wait(PATIENCE)
        try:
            merging.merge_patients(survivor_id, other_id, (), staff_id, NOW.date(), NOW)
            outcomes.put("merged")
        except MergeRefused as refusal:
            outcomes.put(type(refusal).__name__)


def _book(url: str, patient_id: int, starts_at: datetime, start: Any, outcomes: Any) -> None:
    with app_on(url), time_machine.travel(NOW, tick=False):
        patient = db.session.get_one(Patient, patient_id)
        db.session.rollback()
        start.wait(PATIENCE)
        try:
            a_consultation(patient, starts_at)
            outcomes.put("booked")
        except PatientBusy as refusal:
            outcomes.put(type(refusal).__name__)
