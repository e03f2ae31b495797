"""Staff note things about a patient and a visit: signed, mended for minutes, struck out later."""

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.patients import notes
from booking.patients.models import StaffNote
from tests.builders import NOW, Clinic, a_booking, a_patient, local
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in


def write(browser: FlaskClient, page: str, body: str, **more: str) -> StaffNote:
    """Write a note by its page; return it."""
    response = send(browser, form_on(browser, page, page), {"body": body, **more})
    assert response.status_code == 302, response.text
    return (
        db.session.scalars(select(StaffNote).order_by(StaffNote.id.desc())).first() or StaffNote()
    )


def test_a_note_is_dated_and_signed_where_it_was_written(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    write(desk, f"/desk/visits/{appointment.id}/notes/new", "Comes by paratransit")
    for page in (f"/desk/visits/{appointment.id}", f"/desk/patients/{appointment.patient_id}"):
        text = desk.get(page).text
        assert "Comes by paratransit" in text
        assert f"Mon, Nov 30, 2026, 8:00 AM, {clinic.front_desk.name}" in " ".join(text.split())
    other = a_booking(local(12))
    assert "paratransit" not in desk.get(f"/desk/visits/{other.id}").text


def test_a_clinical_note_is_read_by_clinicians_alone(
    desk: FlaskClient, practitioner: FlaskClient
) -> None:
    patient = a_patient()
    page = f"/desk/patients/{patient.id}"
    note = write(practitioner, f"{page}/notes/new", "Recheck the pressure", is_clinical="y")
    assert "Recheck the pressure" in practitioner.get(page).text
    assert "Recheck the pressure" not in desk.get(page).text
    assert desk.get(f"/desk/notes/{note.id}").status_code == 404
    assert desk.post(f"/desk/notes/{note.id}/strike").status_code == 404
    assert not write(desk, f"{page}/notes/new", "Mine", is_clinical="y").is_clinical


def test_a_note_is_mended_by_its_writer_for_ten_minutes(
    app: Flask, desk: FlaskClient, practitioner: FlaskClient, clock: time_machine.Traveller
) -> None:
    note = write(desk, f"/desk/patients/{a_patient().id}/notes/new", "Wheelchar")
    page = f"/desk/notes/{note.id}"
    form = form_on(desk, page, page)
    assert "Keep the change" not in practitioner.get(page).text
    assert send(desk, form, {"body": "Wheelchair"}).status_code == 302
    db.session.refresh(note)
    assert (note.body, note.edited_at) == ("Wheelchair", NOW)
    form = form_on(desk, page, page)
    clock.shift(timedelta(minutes=10))
    assert "Keep the change" not in desk.get(page).text
    refused = send(desk, form, {"body": "No chair"})
    assert refused.status_code == 422
    assert "can&#39;t be changed any more" in refused.text
    db.session.refresh(note)
    assert note.body == "Wheelchair"


def test_a_note_struck_out_is_still_read_with_who_did_it(
    desk: FlaskClient, practitioner: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient()
    note = write(desk, f"/desk/patients/{patient.id}/notes/new", "Allergic to tape")
    page = f"/desk/notes/{note.id}"
    response = send(practitioner, form_on(practitioner, page, f"{page}/strike"), {})
    assert response.location == f"/desk/patients/{patient.id}#staff-notes"
    text = desk.get(f"/desk/patients/{patient.id}").text
    assert "<del>Allergic to tape</del>" in text
    assert f"by {clinic.practitioner.name}" in text
    assert not notes.can_edit(note, clinic.front_desk.id, NOW)


def test_an_empty_note_and_one_too_long_are_refused_and_kept(desk: FlaskClient) -> None:
    page = f"/desk/patients/{a_patient().id}/notes/new"
    for body, said in ((" ", "Write the note."), ("x" * 1001, "Use 1,000 characters at most.")):
        response = send(desk, form_on(desk, page, page), {"body": body})
        assert response.status_code == 422
        assert said in response.text
    assert db.session.scalars(select(StaffNote)).all() == []


def test_there_are_no_notes_on_what_is_not_there(app: Flask, clinic: Clinic) -> None:
    desk = sign_in(app, clinic.front_desk)
    for path in ("/desk/patients/999/notes/new", "/desk/visits/999/notes/new", "/desk/notes/999"):
        assert desk.get(path).status_code == 404
