"""Flags: who is known again by one, and that only a practitioner clears it (invariant 14)."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import booking, hold_details, holds
from booking.appointments.booking import Booked
from booking.appointments.patient_booking import OpenFlag
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening import flags
from booking.screening.models import Flag, FlagKind
from tests.builders import NOW, Clinic, a_clinic, a_contact, a_patient, a_request, answers, local

BORN = date(1980, 2, 29)
PERSON = Contact("Test", "O'Brien-Núñez", "+16025550123", "person@example.com")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def raised(clinic: Clinic) -> Flag:
    """The flag of someone who answered yes to psychosis."""
    booking.book_slot(a_request(contact=PERSON, answers=answers(psychosis=True)), NOW)
    return db.session.scalars(select(Flag)).one()


@pytest.mark.parametrize(
    "known_by",
    [
        {"given_name": "TÉST", "family_name": "OBrien Nunez"},
        {"phone": PERSON.phone},
        {"email": PERSON.email},
        {"family_name": "o’brien-nunez", "phone": None, "email": None},
    ],
)
def test_invariant_14_birth_date_and_one_thing_more_are_enough(
    raised: Flag, known_by: dict[str, str | None]
) -> None:
    assert flags.requires_call_first(a_contact(**known_by), BORN)


def test_a_family_name_alone_stops_nobody(raised: Flag) -> None:
    namesake = a_contact(given_name="Other", family_name=PERSON.family_name)
    assert not flags.requires_call_first(namesake, BORN)


def test_invariant_14_a_birth_date_alone_is_not(raised: Flag) -> None:
    assert not flags.requires_call_first(a_contact(), BORN)
    assert not flags.requires_call_first(a_contact(phone=None, email=None), BORN)


def test_invariant_14_nor_is_all_else_without_the_birth_date(raised: Flag) -> None:
    assert not flags.requires_call_first(PERSON, BORN + timedelta(days=1))


def test_invariant_14_who_gave_no_number_is_not_known_by_giving_none(clinic: Clinic) -> None:
    contact = a_contact(phone=None, email=None)
    booking.book_slot(a_request(contact=contact, answers=answers(psychosis=True)), NOW)
    assert not flags.requires_call_first(a_contact(phone=None, email=None), BORN)


def test_invariant_14_answering_no_the_next_time_clears_nothing(raised: Flag) -> None:
    for hour in (10, 12):
        with pytest.raises(OpenFlag):
            booking.book_slot(a_request(local(hour), contact=PERSON), NOW)
    db.session.expire_all()
    assert db.session.get_one(Flag, raised.id).cleared_at is None


def test_once_a_practitioner_has_cleared_it_the_person_can_book(
    clinic: Clinic, raised: Flag
) -> None:
    flags.clear_flag(raised.id, clinic.practitioner.id, NOW)
    assert isinstance(booking.book_slot(a_request(contact=PERSON), NOW), Booked)


def test_who_cleared_a_flag_first_is_kept(clinic: Clinic, raised: Flag) -> None:
    flags.clear_flag(raised.id, clinic.practitioner.id, NOW)
    flags.clear_flag(raised.id, clinic.front_desk.id, NOW + timedelta(days=1))
    flag = db.session.get_one(Flag, raised.id)
    assert (flag.cleared_by_id, flag.cleared_at) == (clinic.practitioner.id, NOW)
    cleared = db.session.scalars(select(AuditEntry).filter_by(action="clear_flag")).all()
    assert [entry.actor for entry in cleared] == [f"staff:{clinic.practitioner.id}"]


def test_a_flag_to_be_seen_at_the_appointment_stops_nobody(clinic: Clinic) -> None:
    request = a_request(local(10), contact=PERSON, answers=answers(pregnancy=True))
    assert isinstance(booking.book_slot(request, NOW), Booked)
    assert not flags.requires_call_first(PERSON, BORN)
    assert isinstance(booking.book_slot(a_request(local(14), contact=PERSON), NOW), Booked)


def test_a_flag_keeps_which_questions_and_no_other_answers(raised: Flag) -> None:
    assert (raised.kind, raised.questions) == (FlagKind.CALL_FIRST, ["psychosis"])


def test_a_flag_raised_before_the_name_learns_a_number_once(clinic: Clinic) -> None:
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    _, flag_id = hold_details.record_screening(appointment.token, answers(psychosis=True), NOW)
    for phone in ("+16025550123", "+16025550199"):
        flags.add_phone_to_flag(flag_id or 0, phone)
    assert flags.requires_call_first(a_contact(phone="+16025550123"), BORN)
    assert not flags.requires_call_first(a_contact(phone="+16025550199"), BORN)


def test_the_browser_that_raised_a_flag_is_known_again_until_it_is_cleared(
    clinic: Clinic, raised: Flag
) -> None:
    assert flags.is_open_flag_for(raised.id, BORN)
    assert not flags.is_open_flag_for(raised.id, date(1981, 1, 1))
    assert not flags.is_open_flag_for(raised.id + 1, BORN)
    assert not flags.is_open_flag_for(None, BORN)
    flags.clear_flag(raised.id, clinic.practitioner.id, NOW)
    assert not flags.is_open_flag_for(raised.id, BORN)


def test_a_patients_open_flags_are_listed_oldest_first(clinic: Clinic) -> None:
    patient, other = a_patient(), a_patient()
    ids = [
        flags.raise_flag(
            FlagKind.SEEN_AT_APPOINTMENT, ("heart",), BORN, NOW, "online", patient_id=whose.id
        ).id
        for whose in (patient, other, patient, patient)
    ]
    flags.clear_flag(ids[2], clinic.practitioner.id, NOW)
    assert [flag.id for flag in flags.list_open_flags(patient.id)] == [ids[0], ids[3]]


def test_invariant_12_raising_a_flag_is_in_the_trail(raised: Flag) -> None:
    entry = db.session.scalars(select(AuditEntry).filter_by(action="raise_flag")).one()
    assert (entry.subject_kind, entry.subject_id) == ("flag", raised.id)
