"""Booking for a known patient who calls."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from booking.appointments import operations as appointments
from booking.appointments.rules import Origin
from booking.db import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from tests.builders import NOW, Clinic, a_patient, local


def test_a_time_chosen_is_booked(desk: FlaskClient) -> None:
    patient = a_patient()
    path = f"/desk/patients/{patient.id}/book"
    page = desk.get(f"{path}?service=follow-up&date=2026-12-01").text
    assert local(10).isoformat() in page
    answer = desk.post(path, data={"service": "follow-up", "start": local(10).isoformat()})
    (visit,) = appointments.of_patient(patient.id)
    assert answer.location == f"/desk/day/ahwatukee/2026-12-01#visit-{visit.id}"
    assert (visit.starts_at, visit.origin) == (local(10), Origin.DESK)


def test_an_infusion_is_not_booked_by_itself(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient(clinic)
    data = {"service": "infusion", "start": local(10).isoformat()}
    desk.post(f"/desk/patients/{patient.id}/book", data=data)
    assert not any(visit.is_infusion for visit in appointments.of_patient(patient.id))


@pytest.mark.parametrize(
    "start", ["", "noon", "2026-12-01T03:00:00+00:00", "2020-01-01T17:00+00:00"]
)
def test_what_is_no_free_time_is_refused(desk: FlaskClient, start: str) -> None:
    patient = a_patient()
    answer = desk.post(f"/desk/patients/{patient.id}/book", data={"start": start})
    assert answer.status_code == 422
    assert appointments.of_patient(patient.id) == []


def test_nothing_is_booked_before_a_clinician_has_called(desk: FlaskClient) -> None:
    patient = a_patient()
    screening.raise_flag(
        FlagKind.CALL_FIRST,
        ("psychosis",),
        patient.birth_date,
        NOW,
        "online",
        patient_id=patient.id,
    )
    data = {"start": local(10).isoformat()}
    answer = desk.post(f"/desk/patients/{patient.id}/book", data=data)
    assert answer.status_code == 422
    assert "has to call this patient first" in answer.text
    assert appointments.of_patient(patient.id) == []


def test_nothing_is_booked_for_a_minor(desk: FlaskClient) -> None:
    patient = a_patient()
    with transaction():
        db.session.get_one(Patient, patient.id).birth_date = date(2009, 1, 1)
    data = {"start": local(10).isoformat()}
    assert desk.post(f"/desk/patients/{patient.id}/book", data=data).status_code == 422
    assert appointments.of_patient(patient.id) == []
