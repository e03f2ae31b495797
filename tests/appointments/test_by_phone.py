"""Booking for who calls: what forbids it is the operation's to say, whichever page asks."""

from datetime import date, timedelta

import pytest
from flask import Flask

from booking.appointments import queries
from booking.appointments.booking import Booked, NotBooked
from booking.appointments.by_phone import book_by_phone, register_caller
from booking.appointments.patient_booking import NotAnAdult, OpenFlag
from booking.calendars import availability
from booking.calendars.slots import compute_last_bookable_day
from booking.patients.duplicates import PossibleDuplicates
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.screening.rules import IncompleteAnswers, ScreeningOutcome
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_contact, a_patient, answers, local


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def call(patient: Patient, staff_id: int, *, questioned: bool, **yes: bool) -> Booked | NotBooked:
    """Book a consultation tomorrow at ten, the questions asked or not."""
    catalogue = availability.current_catalogue()
    location = availability.get_location(catalogue, "ahwatukee")
    service = availability.get_service(catalogue, "consultation")
    told = answers(patient.birth_date, **yes) if questioned else None
    return book_by_phone(patient, location, service, local(10), told, staff_id, NOW)


def of_age(years: int, day: date) -> date:
    return day.replace(year=day.year - years)


@pytest.mark.parametrize("questioned", [True, False])
def test_nobody_under_age_on_the_day_is_booked(clinic: Clinic, questioned: bool) -> None:
    patient = a_patient(birth_date=of_age(18, TOMORROW) + timedelta(days=1))
    with pytest.raises(NotAnAdult):
        call(patient, clinic.front_desk.id, questioned=questioned)
    assert queries.list_appointments_of_patient(patient.id) == []


def test_who_comes_of_age_on_the_day_is_booked(clinic: Clinic) -> None:
    patient = a_patient(birth_date=of_age(18, TOMORROW))
    assert isinstance(call(patient, clinic.front_desk.id, questioned=True), Booked)


@pytest.mark.parametrize("questioned", [True, False])
def test_nobody_is_booked_whom_a_clinician_calls_first(clinic: Clinic, questioned: bool) -> None:
    patient = a_patient()
    flag = flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), patient.birth_date, NOW, "desk", patient_id=patient.id
    )
    with pytest.raises(OpenFlag):
        call(patient, clinic.front_desk.id, questioned=questioned)
    flags.clear_flag(flag.id, clinic.practitioner.id, NOW)
    assert isinstance(call(patient, clinic.front_desk.id, questioned=True), Booked)


def test_what_asks_the_safety_questions_is_not_booked_unasked(clinic: Clinic) -> None:
    patient = a_patient()
    with pytest.raises(IncompleteAnswers) as refusal:
        call(patient, clinic.front_desk.id, questioned=False)
    assert set(refusal.value.slugs) == set(answers(patient.birth_date).answers)
    assert queries.list_appointments_of_patient(patient.id) == []


def test_a_report_that_nobody_has_heard_stops_nobody(clinic: Clinic) -> None:
    patient = a_patient()
    flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), patient.birth_date, NOW, "online",
        patient_id=patient.id, is_verified=False,
    )  # fmt: skip
    assert isinstance(call(patient, clinic.front_desk.id, questioned=True), Booked)


def test_danger_is_answered_before_age(clinic: Clinic) -> None:
    patient = a_patient(birth_date=of_age(16, TOMORROW))
    result = call(patient, clinic.front_desk.id, questioned=True, danger=True)
    assert result == NotBooked(ScreeningOutcome.HELP_FIRST)
    assert [task.kind for task in tasks.list_open_tasks()] == [TaskKind.CRISIS]


def register(clinic: Clinic, birth_date: date, *, is_new: bool = False) -> Patient:
    location = availability.get_location(availability.current_catalogue(), "ahwatukee")
    return register_caller(
        a_contact(given_name="Nora", family_name="Quinn"), birth_date, location,
        clinic.front_desk.id, NOW, may_text=True, wording="Text me", is_new=is_new,
    )  # fmt: skip


def test_a_record_is_made_for_who_is_an_adult_by_the_last_day_that_can_be_booked(
    clinic: Clinic,
) -> None:
    location = availability.get_location(availability.current_catalogue(), "ahwatukee")
    last = compute_last_bookable_day(location, NOW)
    with pytest.raises(NotAnAdult):
        register(clinic, of_age(18, last) + timedelta(days=1))
    assert register(clinic, of_age(18, last)).family_name == "Quinn"


def test_a_second_record_is_made_only_once_staff_say_that_it_is_another_person(
    clinic: Clinic,
) -> None:
    first = register(clinic, date(1980, 1, 1))
    with pytest.raises(PossibleDuplicates) as refusal:
        register(clinic, date(1980, 1, 1))
    assert [patient.id for patient in refusal.value.patients] == [first.id]
    assert register(clinic, date(1980, 1, 1), is_new=True).id != first.id
