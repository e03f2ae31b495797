"""Records that may be one person's are named, looked at beside each other, merged and parted at the desk."""

import re

from flask import Flask
from flask.testing import FlaskClient

from booking.extensions import db
from booking.merging import operations as merging
from booking.patients.models import Patient
from tests.builders import Clinic, a_booking, a_contact, a_patient, an_infusion, local
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in


def two_records() -> tuple[Patient, Patient]:
    """Make two records that are alike: a name and a birth date, not a number."""
    return (
        a_patient(given_name="Maria", family_name="Ruiz", phone="+16025550142"),
        a_patient(given_name="Mary", family_name="Ruiz", phone="+16025550143"),
    )


def merge_by_page(desk: FlaskClient, first: Patient, second: Patient, **chosen: str) -> str:
    """Merge the second record into the first by the page; return where it leads, or what it says."""
    page = f"/desk/patients/{first.id}/merge/{second.id}"
    response = send(desk, form_on(desk, page, page), chosen)
    return str(response.location or response.text)


def test_a_reference_leads_to_whoever_has_its_appointment_by_now(
    desk: FlaskClient, clinic: Clinic
) -> None:
    first, second = two_records()[0], a_patient(clinic)
    reference = an_infusion(clinic, local(10), second).reference

    def search(text: str, path: str = "/desk/patients") -> str:
        return desk.get(path, query_string={"q": text}).text

    written = (reference, reference.lower(), reference.replace("-", " "))
    for text in (*written, f" {reference.replace('-', '')} "):
        assert f'/desk/patients/{second.id}"' in search(text)
        assert f'/desk/patients/{second.id}"' in search(text, "/desk/patients/suggestions")
    assert f'/desk/patients/{second.id}"' not in search(reference[:-1])
    merge_by_page(desk, first, second)
    assert f'/desk/patients/{first.id}"' in search(reference)
    assert f'/desk/patients/{second.id}"' not in search(reference)


def test_a_duplicate_is_named_on_the_patients_page(desk: FlaskClient) -> None:
    first, second = two_records()
    text = desk.get(f"/desk/patients/{first.id}").text
    assert "These may be of the same person:" in text
    assert f"/desk/patients/{first.id}/merge/{second.id}" in text


def test_two_people_who_look_alike_are_told_apart_and_it_is_undone(desk: FlaskClient) -> None:
    first, second = two_records()
    page, own = f"/desk/patients/{first.id}/merge/{second.id}", f"/desk/patients/{second.id}"
    for _twice in range(2):
        send(desk, form_on(desk, page, f"{page}/distinct"), {})
        assert "may be of the same person" not in desk.get(own).text
        assert "Somebody else, though alike:" in desk.get(own).text
        assert "these are two people." in desk.get(page).text
        send(desk, form_on(desk, page, f"{page}/alike"), {})
        assert "may be of the same person" in desk.get(own).text


def test_both_records_are_shown_with_what_is_kept(desk: FlaskClient, clinic: Clinic) -> None:
    first, second = two_records()
    an_infusion(clinic, local(10), a_patient(clinic))
    text = desk.get(f"/desk/patients/{first.id}/merge/{second.id}").text
    for shown in ("Maria", "Mary", "(602) 555-0142", "(602) 555-0143", "As chosen"):
        assert shown in text


def test_what_was_chosen_is_kept_and_the_merge_is_undone_from_its_page(
    desk: FlaskClient, clinic: Clinic
) -> None:
    first, second = two_records()
    assert merge_by_page(desk, first, second, phone="other") == f"/desk/patients/{first.id}#merges"
    text = desk.get(f"/desk/patients/{first.id}").text
    assert "(602) 555-0143" in text
    assert "The record of Mary Ruiz was merged into this one" in text
    assert desk.get(f"/desk/patients/{second.id}").location == f"/desk/patients/{first.id}"
    (merge,) = merging.list_merges(first.id)
    page = f"/desk/merges/{merge.id}"
    assert f'href="{page}"' in text
    response = send(desk, form_on(desk, page, f"{page}/undo"), {})
    assert response.location == f"/desk/patients/{second.id}"
    assert "That was undone." in desk.get(f"/desk/patients/{first.id}").text
    db.session.expire_all()
    assert db.session.get_one(Patient, first.id).phone == "+16025550142"


def test_details_are_corrected_at_a_merged_records_address(
    desk: FlaskClient, clinic: Clinic
) -> None:
    first, second = two_records()
    merge_by_page(desk, first, second)
    page = f"/desk/patients/{second.id}/details"
    typed = {"given_name": "Marie", "family_name": "Ruiz", "birth_date": "02/29/1980",
             "phone": first.phone, "language": "en", "safe_to_text": "yes"}  # fmt: skip
    response = send(desk, form_on(desk, page, page), typed)
    assert response.location == f"/desk/patients/{first.id}"
    db.session.expire_all()
    assert db.session.get_one(Patient, first.id).given_name == "Marie"


def test_what_stands_against_a_merge_is_said_before_and_no_button_is_there(
    desk: FlaskClient, clinic: Clinic
) -> None:
    first, second = a_patient(clinic), a_patient(clinic)
    an_infusion(clinic, local(9), first)
    page = f"/desk/patients/{first.id}/merge/{second.id}"
    form = form_on(desk, page, page)
    an_infusion(clinic, local(14), second)
    text = desk.get(page).text
    assert "Both have an infusion on one day" in text
    assert "Tue, Dec 1, 2026, 9:00" in text
    assert "Merge into one record" not in text
    assert send(desk, form, {}).status_code == 422
    assert db.session.get_one(Patient, second.id).merged_into_id is None


def test_a_task_about_a_doubtful_record_leads_to_both(desk: FlaskClient, clinic: Clinic) -> None:
    known = a_patient(given_name="Maria", family_name="Ruiz", phone="+16025550142")
    appointment = a_booking(
        contact=a_contact(given_name="Maria", family_name="Ruiz", phone="+16025550143")
    )
    text = desk.get("/desk/tasks").text
    (link,) = re.findall(r"/desk/patients/\d+/merge/\d+", text)
    assert link == f"/desk/patients/{known.id}/merge/{appointment.patient_id}"


def test_a_record_is_not_merged_into_itself_nor_into_nobody(app: Flask, clinic: Clinic) -> None:
    desk, patient = sign_in(app, clinic.front_desk), a_patient()
    for other_id in (patient.id, 99_999):
        assert desk.get(f"/desk/patients/{patient.id}/merge/{other_id}").status_code == 404
