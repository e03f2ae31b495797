"""A manager erases a record, or has it preserved: shown first, asked for the password, said why not."""

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.db.transactions import transaction
from booking.erasure.operations import erase_patient, place_hold
from booking.extensions import db
from booking.merging.obstacles import MergeRefused
from booking.merging.operations import merge_patients
from booking.merging.rules import MergeObstacle
from booking.patients.models import Patient
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_clinic, a_patient
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in
from tests.staff.managers import a_manager, actions, confirmed_browser


@pytest.fixture
def clinic(sqlite_app: Flask) -> Clinic:
    return a_clinic()


@pytest.fixture
def manager(sqlite_app: Flask, clinic: Clinic) -> FlaskClient:
    return confirmed_browser(sqlite_app, a_manager())


@pytest.fixture(autouse=True)
def _on_the_builders_day() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(patient: Patient) -> str:
    return f"/desk/patients/{patient.id}/erase"


def test_it_is_shown_what_goes_and_done_once_asked(manager: FlaskClient) -> None:
    patient = a_patient(given_name="Anastasia", family_name="Quillfeather")
    page = page_of(patient)
    assert page in manager.get(f"/desk/patients/{patient.id}").text
    assert "Erase the record of Anastasia Quillfeather?" in manager.get(page).text
    answer = send(manager, form_on(manager, page, page), {})
    assert answer.location == f"/desk/patients/{patient.id}"
    assert "This record was erased on" in manager.get(answer.location).text
    assert manager.get(page).status_code == 404
    assert manager.get(f"/desk/patients/{patient.id}/details").status_code == 404
    assert "erase_patient" in actions()


def test_pressed_twice_or_by_two_managers_it_is_erased_once(
    sqlite_app: Flask, manager: FlaskClient
) -> None:
    patient = a_patient()
    page = page_of(patient)
    pressed, others = form_on(manager, page, page), form_on(manager, page, page)
    answers = [send(manager, form, {}).location for form in (pressed, pressed, others)]
    assert answers == [f"/desk/patients/{patient.id}"] * 3
    assert actions().count("erase_patient") == 1


def test_why_it_cannot_be_erased_is_said_and_nothing_is(manager: FlaskClient) -> None:
    patient = a_patient()
    form = form_on(manager, page_of(patient), page_of(patient))
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient.id, NOW, NOW)
    assert "A task about the patient is open" in manager.get(page_of(patient)).text
    answer = send(manager, form, {})
    assert (answer.status_code, "A task about the patient is open" in answer.text) == (422, True)
    db.session.rollback()
    assert db.session.get_one(Patient, patient.id).erased_at is None


def test_a_legal_hold_is_placed_with_a_reason_and_lifted(manager: FlaskClient) -> None:
    patient = a_patient()
    page, hold = page_of(patient), f"/desk/patients/{patient.id}/hold"
    refused = send(manager, form_on(manager, page, hold), {"reason": " "})
    assert (refused.status_code, "Write the reason." in refused.text) == (422, True)
    assert send(manager, form_on(manager, page, hold), {"reason": "Claim 12-345"}).location == page
    shown = manager.get(page).text
    assert "Claim 12-345" in shown
    assert "a legal hold stands" in shown
    assert send(manager, form_on(manager, page, f"{hold}/lift"), {}).location == page
    form_on(manager, page, page)  # it could be erased now
    assert [each for each in actions() if "legal" in each] == [
        "place_legal_hold",
        "lift_legal_hold",
    ]


def test_a_legal_hold_is_seen_on_the_record_by_managers_alone(
    sqlite_app: Flask, clinic: Clinic, manager: FlaskClient
) -> None:
    patient = a_patient()
    page, line = f"/desk/patients/{patient.id}", "A legal hold stands: the record is preserved."
    assert line not in manager.get(page).text
    place_hold(patient.id, "Claim 12-345", clinic.front_desk.id, NOW, "staff:1")
    shown = manager.get(page).text
    assert line in shown
    assert f"{page}/erase#hold-heading" in shown
    assert "Claim 12-345" not in shown
    assert line not in sign_in(sqlite_app, clinic.front_desk).get(page).text


def test_the_page_says_how_long_what_is_kept_and_where_that_is_set(
    sqlite_app: Flask, manager: FlaskClient
) -> None:
    sqlite_app.config["RETAIN_RECORD_YEARS"] = 7
    page = manager.get(page_of(a_patient())).text
    assert "Records, from the last contact on</dt><dd>7 years</dd>" in page
    assert "The words of messages and texts</dt><dd>for good</dd>" in page
    assert "BOOKING_RETAIN_RECORD_YEARS" in page


def test_invariant_15_an_outdated_form_erases_and_lifts_nothing(
    manager: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient()
    page, hold = page_of(patient), f"/desk/patients/{patient.id}/hold"
    outdated = form_on(manager, page, hold)
    place_hold(patient.id, "Order 1", clinic.front_desk.id, NOW, "staff:1")
    answer = send(manager, outdated, {"reason": "Order 2"})
    assert (answer.status_code, "Order 2" in answer.text) == (422, True)


def test_invariant_15_who_was_corrected_meanwhile_is_not_erased_by_the_old_page(
    manager: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient()
    outdated = form_on(manager, page_of(patient), page_of(patient))
    with transaction():
        db.session.get_one(Patient, patient.id).family_name = "Somebody else"
    assert send(manager, outdated, {}).status_code == 422
    db.session.rollback()
    assert db.session.get_one(Patient, patient.id).erased_at is None


def test_an_erased_record_is_merged_with_none(manager: FlaskClient, clinic: Clinic) -> None:
    erased, other = a_patient(), a_patient()
    erase_patient(erased.id, NOW, "staff:1")
    with pytest.raises(MergeRefused) as refused:
        merge_patients(other.id, erased.id, (), clinic.front_desk.id, NOW.date(), NOW)
    assert [each.obstacle for each in refused.value.obstacles] == [MergeObstacle.ERASED]


def test_nobody_but_a_manager_erases(sqlite_app: Flask, clinic: Clinic) -> None:
    patient = a_patient()
    for person in (clinic.front_desk, clinic.practitioner):
        browser = sign_in(sqlite_app, person)
        assert browser.get(page_of(patient)).status_code == 403
        assert "Erase" not in browser.get(f"/desk/patients/{patient.id}").text
