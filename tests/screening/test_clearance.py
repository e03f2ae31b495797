"""Who may be given an infusion: a practitioner's finding, dated, and no flag since (invariant 7)."""

from datetime import date, timedelta

import pytest
from flask import Flask

from booking.appointments import attendance, patient_booking
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.rules import Clearance, ClearanceBasis, Finding
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_patient,
    local,
)

EVE, NEXT_DAY = TOMORROW - timedelta(days=1), TOMORROW + timedelta(days=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    """Someone found suitable yesterday."""
    return a_patient(clinic)


def cleared(patient: Patient, day: date = TOMORROW) -> Clearance:
    return screening.get_clearance(patient.id, day)


def flag(patient: Patient, hours: int = 0, kind: FlagKind = FlagKind.SEEN_AT_APPOINTMENT) -> int:
    """Raise a flag of the patient's, some hours from now; return its id."""
    raised = NOW + timedelta(hours=hours)
    yes = ("heart",)
    return flags.raise_flag(
        kind, yes, patient.birth_date, raised, "staff:1", patient_id=patient.id
    ).id


def infusion(patient: Patient) -> Appointment:
    catalogue = availability.current_catalogue()
    service, location = catalogue.services["infusion"], catalogue.locations["ahwatukee"]
    return patient_booking.book_for_patient(
        patient,
        location,
        service,
        service.demand,
        local(10),
        NOW,
        origin=Origin.DESK,
        actor="staff:1",
    )


@pytest.mark.parametrize(
    ("finding", "valid_until", "flags", "expected"),
    [
        (None, None, 0, "no_finding"),
        (Finding.UNDECIDED, None, 0, "no_finding"),
        (Finding.DEFERRED, None, 0, "no_finding"),
        (Finding.DECLINED, None, 0, "finding_says_no"),
        (Finding.NOT_SUITABLE, NEXT_DAY, 0, "finding_says_no"),
        (Finding.SUITABLE, None, 0, "cleared"),
        (Finding.SUITABLE, NEXT_DAY, 0, "cleared"),
        (Finding.SUITABLE, TOMORROW, 0, "cleared"),
        (Finding.SUITABLE, EVE, 0, "expired"),
        (Finding.SUITABLE, NEXT_DAY, 1, "flag_open"),
        (Finding.SUITABLE, EVE, 1, "expired"),
        (Finding.NOT_SUITABLE, None, 1, "finding_says_no"),
    ],
)
def test_what_stands_in_the_way(
    finding: Finding | None, valid_until: date | None, flags: int, expected: str
) -> None:
    basis = ClearanceBasis(date(1980, 2, 29), finding, valid_until, flags)
    assert basis.clearance_on(TOMORROW) == expected


def test_every_finding_but_suitable_stands_in_the_way() -> None:
    clear = [
        finding
        for finding in Finding
        if ClearanceBasis(date(1980, 2, 29), finding, None, 0).allows_infusion_on(TOMORROW)
    ]
    assert clear == [Finding.SUITABLE]


def test_without_a_practitioners_finding_nobody_is_cleared(clinic: Clinic) -> None:
    assert cleared(a_patient()) is Clearance.NO_FINDING


def test_answers_clear_nobody(clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    assert screening.get_clearance(appointment.patient_id or 0, TOMORROW) is Clearance.NO_FINDING


def test_the_newest_finding_counts(clinic: Clinic, patient: Patient) -> None:
    doctor = clinic.practitioner.id
    screening.record_finding(patient, Finding.NOT_SUITABLE, doctor, NOW)
    assert cleared(patient) is Clearance.FINDING_SAYS_NO
    screening.record_finding(patient, Finding.SUITABLE, doctor, NOW)
    assert cleared(patient) is Clearance.CLEARED


def test_a_clearance_expires(clinic: Clinic, patient: Patient) -> None:
    doctor = clinic.practitioner.id
    screening.record_finding(patient, Finding.SUITABLE, doctor, NOW, valid_until=TOMORROW)
    assert cleared(patient, TOMORROW) is Clearance.CLEARED
    assert cleared(patient, NEXT_DAY) is Clearance.EXPIRED


@pytest.mark.parametrize("kind", FlagKind)
def test_a_new_flag_freezes_it(patient: Patient, kind: FlagKind) -> None:
    flag(patient, kind=kind)
    assert cleared(patient) is Clearance.FLAG_OPEN


def test_another_patients_flag_does_not(patient: Patient) -> None:
    flag(a_patient())
    assert cleared(patient) is Clearance.CLEARED


def test_what_the_practitioner_saw_when_deciding_does_not(patient: Patient) -> None:
    flag(patient, hours=-48)
    assert cleared(patient) is Clearance.CLEARED


def test_a_call_asked_for_before_the_finding_still_stands(patient: Patient) -> None:
    flag(patient, hours=-48, kind=FlagKind.CALL_FIRST)
    assert cleared(patient) is Clearance.FLAG_OPEN


def test_a_flag_that_is_cleared_stands_in_the_way_no_longer(
    clinic: Clinic, patient: Patient
) -> None:
    first, second = flag(patient), flag(patient)
    flags.clear_flag(first, clinic.practitioner.id, NOW)
    assert cleared(patient) is Clearance.FLAG_OPEN
    flags.clear_flag(second, clinic.practitioner.id, NOW)
    assert cleared(patient) is Clearance.CLEARED


def test_invariant_7_clearance_is_looked_at_again_at_check_in(patient: Patient) -> None:
    appointment = infusion(patient)
    flag(patient)
    with pytest.raises(NotCleared) as refusal:
        attendance.check_in(appointment.id, local(9, 55), "staff:1")
    assert refusal.value.clearance is Clearance.FLAG_OPEN
