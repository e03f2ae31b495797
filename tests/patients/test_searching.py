"""Searching patients in the database: right at once after each change, in every process."""

from dataclasses import replace

import pytest
from flask import Flask

from booking.db.transactions import transaction
from booking.patients import searching
from booking.patients.editing import update_patient
from booking.patients.models import Patient
from booking.patients.searching import search_patients_by_text
from tests.builders import NOW, a_clinic, a_patient

TODAY = NOW.date()


def search(text: str) -> list[int]:
    return [patient.id for patient in search_patients_by_text(text, TODAY, limit=10)]


def test_a_patient_made_after_the_index_is_found(app: Flask) -> None:
    first = a_patient(given_name="Ana", family_name="Quimby")
    assert search("quimby") == [first.id]
    second = a_patient(given_name="Bea", family_name="Quimby")
    assert search("quimby") == [first.id, second.id]


def test_a_corrected_name_is_found_and_the_old_one_is_not(app: Flask) -> None:
    clinic = a_clinic()
    patient = a_patient(family_name="Quimby")
    others = [a_patient() for _ in range(3)]
    assert search("quimby") == [patient.id]
    contact = replace(patient.contact, family_name="Zabriskie", phone="+16025559876")
    update_patient(patient.id, contact, patient.birth_date, clinic.front_desk.id, NOW)
    assert search("quimby") == []
    assert search("zabriskie") == search("9876") == [patient.id]
    assert others


def test_what_a_merged_record_says_leads_to_the_one_that_was_kept(app: Flask) -> None:
    merged = a_patient(family_name="Quimby", phone="+16025550188", email="old@example.com")
    kept = a_patient(family_name="Quimby", phone="+16025550199", email="new@example.com")
    with transaction():
        merged.merged_into_id = kept.id
    assert [search(text) for text in ("0188", "old@example.com", "quimby")] == [[kept.id]] * 3


@pytest.mark.parametrize("is_indexed_before", [False, True])
def test_a_number_that_was_given_up_for_another_still_finds_its_patient(
    app: Flask, is_indexed_before: bool
) -> None:
    clinic = a_clinic()
    patient = a_patient(family_name="Quimby", phone="+16025550188")
    if is_indexed_before:
        assert search("0188") == [patient.id]
    contact = replace(patient.contact, phone="+16025550199")
    update_patient(patient.id, contact, patient.birth_date, clinic.front_desk.id, NOW)
    assert [search(text) for text in ("0188", "quimby 0188", "0199")] == [[patient.id]] * 3
    assert search("quimby") == [patient.id]


def test_a_merged_record_is_found_no_more_until_the_merge_is_undone(app: Flask) -> None:
    merged, kept = a_patient(family_name="Quimby"), a_patient(family_name="Quimby")
    assert search("quimby") == [merged.id, kept.id]
    with transaction():
        merged.merged_into_id = kept.id
    assert search("quimby") == [kept.id]
    with transaction():
        merged.merged_into_id = None
    assert search("quimby") == [merged.id, kept.id]


@pytest.mark.parametrize("margin", [0, 2])
def test_many_new_records_are_indexed_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch, margin: int
) -> None:
    monkeypatch.setattr(searching, "MAX_NEW", 3)
    monkeypatch.setattr(searching, "MARGIN", margin)
    patients: list[Patient] = []
    for number in range(8):
        patients.append(a_patient(given_name=f"Ana{number}", family_name="Quimby"))
        assert search("quimby") == [patient.id for patient in patients]
