"""What a stranger says about a patient is a question for a practitioner, and changes nothing by itself."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import booking
from booking.appointments.patient_booking import OpenFlag
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import flags, unverified_flags
from booking.screening import operations as screening
from booking.screening.models import Flag
from booking.screening.rules import Clearance
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_patient,
    a_request,
    answers,
    local,
)

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    """Someone found suitable yesterday."""
    return a_patient(clinic)


def report(patient: Patient, **known_by: str | None) -> Flag:
    """Answer yes to psychosis online in a patient's name; return the flag it raised."""
    names = {"given_name": patient.given_name, "family_name": patient.family_name}
    contact = a_contact(**{**names, **known_by})
    given = answers(patient.birth_date, psychosis=True)
    booking.book_slot(a_request(contact=contact, answers=given), NOW)
    return db.session.scalars(select(Flag).order_by(Flag.id.desc()).limit(1)).one()


def reviews() -> list[Task]:
    reviewing = select(Task).where(Task.kind == TaskKind.REVIEW_REPORT).order_by(Task.id)
    return list(db.session.scalars(reviewing))


def cleared(patient: Patient) -> Clearance:
    return screening.get_clearance(patient.id, TOMORROW)


def test_invariant_7_what_a_stranger_says_stops_no_treatment(patient: Patient) -> None:
    flag = report(patient)
    assert not flag.is_verified
    assert cleared(patient) is Clearance.CLEARED


def test_nor_does_a_booking_in_the_patients_name(clinic: Clinic, patient: Patient) -> None:
    again = a_contact(
        given_name=patient.given_name, family_name=patient.family_name, phone=patient.phone
    )
    appointment = a_booking(local(14), contact=again, answers=answers(pregnancy=True))
    assert appointment.patient_id == patient.id
    assert [flag.is_verified for flag in flags.list_open_flags(patient.id)] == [False]
    assert cleared(patient) is Clearance.CLEARED


def test_invariant_14_but_it_stops_new_bookings_online(patient: Patient) -> None:
    report(patient)
    with pytest.raises(OpenFlag):
        booking.book_slot(a_request(contact=patient.contact), NOW)


def test_a_practitioner_is_asked_once_however_often_it_is_said(patient: Patient) -> None:
    for _ in range(3):
        report(patient)
    for minute in range(3):
        unverified_flags.open_review_tasks(LATER + timedelta(minutes=minute))
    [task] = reviews()
    assert (task.owner, task.subject_kind, task.subject_id) == (
        Owner.PRACTITIONER,
        "patient",
        patient.id,
    )


def test_a_review_that_is_done_is_asked_for_again_only_after_a_new_report(
    clinic: Clinic, patient: Patient
) -> None:
    report(patient)
    unverified_flags.open_review_tasks(LATER)
    tasks.finish_task(
        reviews()[0].id, clinic.practitioner.id, "Called", LATER, is_practitioner=True
    )
    unverified_flags.open_review_tasks(LATER + timedelta(minutes=1))
    assert len(reviews()) == 1


def test_nobody_is_asked_about_people_who_are_not_treated(clinic: Clinic) -> None:
    report(a_patient())
    unverified_flags.open_review_tasks(LATER)
    assert reviews() == []


def test_an_accepted_report_stops_treatment(clinic: Clinic, patient: Patient) -> None:
    flag = report(patient)
    unverified_flags.open_review_tasks(LATER)
    unverified_flags.confirm_flag(flag.id, patient.id, clinic.practitioner.id, LATER)
    assert cleared(patient) is Clearance.FLAG_OPEN
    assert reviews()[0].done_at == LATER
    entry = db.session.scalars(select(AuditEntry).filter_by(action="accept_flag")).one()
    assert entry.actor == f"staff:{clinic.practitioner.id}"


def test_accepting_a_flag_that_was_cleared_meanwhile_changes_nothing(
    clinic: Clinic, patient: Patient
) -> None:
    flag = report(patient)
    flags.clear_flag(flag.id, clinic.practitioner.id, LATER)
    unverified_flags.confirm_flag(flag.id, patient.id, clinic.practitioner.id, LATER)
    assert cleared(patient) is Clearance.CLEARED
