"""Forms about a patient's records: merged, parted, and what staff note."""

from flask.testing import FlaskClient

from booking.merging import operations as merging
from booking.patients import distinct, notes
from tests.builders import NOW, Clinic, a_booking, a_patient, local
from tests.desk.scenario import Prepare, Scenario


def merge_patients(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}/merge/{a_patient().id}"
    return Scenario(page, page, {"phone": "other"})


def undo_merge(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    survivor, other, desk = a_patient(), a_patient(), clinic.front_desk.id
    merge = merging.merge_patients(survivor.id, other.id, (), desk, NOW.date(), NOW)
    return Scenario(f"/desk/merges/{merge.id}", f"/desk/merges/{merge.id}/undo")


def mark_distinct(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}/merge/{a_patient().id}"
    return Scenario(page, f"{page}/distinct")


def unmark_distinct(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    first, second = a_patient(), a_patient()
    distinct.mark_distinct(first.id, second.id, clinic.front_desk.id, NOW)
    page = f"/desk/patients/{first.id}/merge/{second.id}"
    return Scenario(page, f"{page}/alike")


def write_patient_note(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}/notes/new"
    return Scenario(page, page, {"body": "Prefers the window chair"})


def write_appointment_note(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{a_booking(local(10)).id}/notes/new"
    return Scenario(page, page, {"body": "Comes by paratransit"})


def edit_note(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    note = notes.write_note(a_patient().id, "Prefers a chair", clinic.practitioner.id, NOW)
    return Scenario(f"/desk/notes/{note.id}", f"/desk/notes/{note.id}", {"body": "A window"})


def strike_note(clinic: Clinic, browser: FlaskClient) -> Scenario:
    page = edit_note(clinic, browser).page
    return Scenario(page, f"{page}/strike")


RECORD_SCENARIOS: tuple[Prepare, ...] = (
    *(merge_patients, undo_merge, mark_distinct, unmark_distinct),
    *(write_patient_note, write_appointment_note, edit_note, strike_note),
)
