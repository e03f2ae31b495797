"""Whose record it is, and what is kept with it (invariant 14)."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import call_requests
from booking.patients import operations as patients
from booking.patients.models import CallRequest, Patient, TextConsent
from booking.patients.rules import Contact
from tests.builders import NOW, a_clinic, a_patient

BORN = date(1980, 2, 29)
PHONE, EMAIL = "+16025550123", "person@example.com"
KNOWN = Contact("Test", "O'Brien-Núñez", PHONE, EMAIL, "es")


@pytest.fixture
def patient(app: Flask) -> Patient:
    """Someone with a record."""
    return patients.create_patient(KNOWN, BORN, NOW, "online")


def identified(
    family: str = "O'Brien-Núñez",
    phone: str | None = None,
    email: str | None = None,
    born: date = BORN,
    given: str = "Test",
) -> Patient:
    return patients.find_or_create_patient(
        Contact(given, family, phone, email), born, NOW, "online"
    ).patient


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def merge(patient: Patient, into: Patient) -> None:
    with transaction():
        db.session.get_one(Patient, patient.id).merged_into_id = into.id


@pytest.mark.parametrize(
    ("phone", "email"),
    [(PHONE, EMAIL), (PHONE, None), (None, EMAIL), (PHONE, "other@example.com"),
     ("+16025550199", EMAIL)],
)  # fmt: skip
def test_invariant_14_name_birth_date_and_one_contact_match(
    patient: Patient, phone: str | None, email: str | None
) -> None:
    assert identified(phone=phone, email=email).id == patient.id
    assert count(Patient) == 1


@pytest.mark.parametrize("family", ["OBRIEN NUNEZ", "o’brien núñez", " O Brien‑Nun\u0303ez "])
def test_invariant_14_a_name_may_be_spelt_another_way(patient: Patient, family: str) -> None:
    assert identified(family, PHONE).id == patient.id


@pytest.mark.parametrize("given", ["TEST", "Tést", " test ", "Test P.", "Test Q R"])
def test_invariant_14_a_given_name_may_be_spelt_another_way(patient: Patient, given: str) -> None:
    assert identified(phone=PHONE, given=given).id == patient.id


@pytest.mark.parametrize("given", ["Tess", "T.", "Testa", "Test Ann"])
def test_invariant_14_another_given_name_on_one_phone_is_another_person(
    patient: Patient, given: str
) -> None:
    twin = identified(phone=PHONE, email=EMAIL, given=given)
    assert twin.id != patient.id
    assert identified(phone=PHONE, given=given).id == twin.id
    assert identified(phone=PHONE).id == patient.id


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"phone": "+16025550199"},
        {"phone": "+16025550199", "email": "other@example.com"},
        {"phone": PHONE, "email": EMAIL, "family": "Brien"},
        {"phone": PHONE, "email": EMAIL, "born": BORN + timedelta(days=1)},
    ],
)
def test_invariant_14_anything_less_makes_a_new_record(
    patient: Patient, told: dict[str, str]
) -> None:
    assert identified(**told).id != patient.id  # type: ignore[arg-type]
    assert count(Patient) == 2


def test_invariant_14_no_contact_is_not_the_same_contact(app: Flask) -> None:
    assert identified().id != identified().id


def test_invariant_14_contacts_on_file_stay_as_they_are(patient: Patient) -> None:
    identified(phone=PHONE, email="other@example.com", given="TEST")
    db.session.expire_all()
    kept = (patient.given_name, patient.phone, patient.email, patient.language)
    assert kept == ("Test", PHONE, EMAIL, "es")


def test_invariant_14_a_missing_contact_is_not_filled_in_by_whoever_books(app: Flask) -> None:
    first = identified(phone=PHONE)
    assert identified(phone=PHONE, email="other@example.com").id == first.id
    db.session.expire_all()
    assert first.email is None


def test_invariant_14_among_namesakes_the_contact_decides(patient: Patient) -> None:
    namesake = identified(phone="+16025550199")
    assert identified(phone="+16025550199").id == namesake.id
    assert identified(email=EMAIL).id == patient.id


def test_of_two_records_that_match_the_older_is_taken(patient: Patient) -> None:
    patients.create_patient(KNOWN, BORN, NOW, "staff:1")
    assert identified(phone=PHONE).id == patient.id


def test_invariant_14_a_merged_record_stands_for_the_one_it_went_into(patient: Patient) -> None:
    between, survivor = a_patient(), a_patient()
    merge(patient, between)
    merge(between, survivor)
    assert identified(phone=PHONE).id == survivor.id
    assert patients.get_merged_patient(survivor).id == survivor.id


def test_a_new_record_keeps_what_was_told(patient: Patient) -> None:
    assert (patient.given_name, patient.family_name, patient.birth_date) == (
        "Test", "O'Brien-Núñez", BORN,
    )  # fmt: skip
    assert (patient.phone, patient.email, patient.language) == (PHONE, EMAIL, "es")
    assert (patient.created_at, patient.merged_into_id) == (NOW, None)


def test_invariant_12_a_new_record_is_in_the_trail_and_a_match_is_not(patient: Patient) -> None:
    identified(phone=PHONE)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id, entry.facts) == ("create_patient", patient.id, {})


def test_a_name_whose_key_is_longer_than_the_name_is_kept(app: Flask) -> None:
    long = "ß" * 80
    assert identified(long, PHONE).id == identified(long, PHONE).id


def consent(patient: Patient, *, granted: bool, phone: str = PHONE) -> None:
    patients.record_consent(patient, phone, "May we text you?", NOW, granted=granted)


def test_nobody_is_texted_who_was_not_asked(patient: Patient) -> None:
    assert not patients.has_text_consent(patient.id, PHONE)


def test_the_newest_answer_about_texts_counts(patient: Patient) -> None:
    answers = []
    for granted in (True, False, True):
        consent(patient, granted=granted)
        answers.append(patients.has_text_consent(patient.id, PHONE))
    assert answers == [True, False, True]
    assert count(TextConsent) == 3


def test_a_consent_is_one_persons_and_for_one_number(patient: Patient) -> None:
    consent(patient, granted=True)
    assert not patients.has_text_consent(patient.id, "+16025550199")
    assert not patients.has_text_consent(patient.id + 1, PHONE)


def test_a_consent_keeps_the_words_and_who_asked(patient: Patient) -> None:
    asker = a_clinic().front_desk
    patients.record_consent(patient, PHONE, "Said yes", NOW, granted=True, asked_by_id=asker.id)
    kept = db.session.scalars(select(TextConsent)).one()
    assert (kept.wording, kept.given_at, kept.asked_by_id) == ("Said yes", NOW, asker.id)


def test_a_wish_to_be_called_is_kept_and_in_the_trail(app: Flask) -> None:
    location = a_clinic().location
    call_requests.create_call_request(
        "Test", PHONE, NOW, location_id=location.id, wanted_start=NOW, note="Soon"
    )
    request = db.session.scalars(select(CallRequest)).one()
    assert (request.name, request.phone, request.note) == ("Test", PHONE, "Soon")
    assert (request.location_id, request.wanted_start, request.created_at) == (
        location.id,
        NOW,
        NOW,
    )
    entry = db.session.scalars(select(AuditEntry).filter_by(action="ask_for_call")).one()
    assert (entry.subject_id, entry.facts) == (request.id, {})


@pytest.mark.parametrize(
    "told",
    [
        {"phone": PHONE, "given": "Tess"},
        {"phone": "+16025550199", "email": "other@example.com"},
        {"phone": PHONE, "family": "Married"},
        {"phone": PHONE, "born": BORN + timedelta(days=1)},
    ],
)
def test_who_may_be_the_same_person_is_named_for_the_desk(
    patient: Patient, told: dict[str, str]
) -> None:
    changed = dict(told)  # both databases are given the same one
    contact = {"given_name": changed.pop("given", "Test"), "email": None, "phone": PHONE}
    born = changed.pop("born", BORN)
    contact |= {"family_name": changed.pop("family", patient.family_name), **changed}
    identified = patients.find_or_create_patient(Contact(**contact), born, NOW, "api")  # type: ignore[arg-type]
    assert identified.possible_duplicate_ids == (patient.id,)


def test_who_only_shares_a_phone_is_nobodys_double(patient: Patient) -> None:
    friend = Contact("Robin", "Example", PHONE, None)
    assert patients.find_or_create_patient(friend, BORN, NOW, "api").possible_duplicate_ids == ()


def test_a_record_merged_away_is_named_by_the_one_it_became(patient: Patient) -> None:
    survivor = a_patient()
    merge(patient, survivor)
    twin = Contact("Tess", patient.family_name, PHONE, None)
    assert patients.find_or_create_patient(twin, BORN, NOW, "api").possible_duplicate_ids == (
        survivor.id,
    )


def test_an_extension_is_no_other_person(patient: Patient) -> None:
    assert identified(phone=f"{PHONE};ext=44").id == patient.id


def test_a_consent_kept_with_a_merged_record_still_counts(patient: Patient) -> None:
    between, survivor = a_patient(), a_patient()
    consent(patient, granted=True)
    merge(patient, between)
    merge(between, survivor)
    assert patients.has_text_consent(survivor.id, PHONE)
    assert not patients.has_text_consent(between.id + 77, PHONE)


def test_a_consent_is_for_the_number_whatever_its_extension(patient: Patient) -> None:
    consent(patient, granted=True, phone=f"{PHONE};ext=44")
    assert patients.has_text_consent(patient.id, PHONE)
