"""What is on screen is saved as a file: no formula in it, and what is clinical for clinicians alone."""

import csv
import io
import json

import pytest
from flask.testing import FlaskClient

from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.patients import notes
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact
from tests.series.prescribed import a_booked_series


def rows_of(browser: FlaskClient, path: str) -> list[list[str]]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture
def patient_id(clinic: Clinic) -> int:
    """A patient whose name is a formula, with a visit, a note of each sort and a task."""
    number = (
        a_booking(contact=a_contact(given_name="Ana", family_name="=HYPERLINK(1)")).patient_id or 0
    )
    notes.write_note(number, "Likes the window", clinic.practitioner.id, NOW)
    notes.write_note(number, "Dissociated", clinic.practitioner.id, NOW, is_clinical=True)
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", number, NOW, NOW)
    return number


def test_lists_are_files_without_formulas(desk: FlaskClient, patient_id: int) -> None:
    (line,) = rows_of(desk, "/desk/day/ahwatukee/2026-12-01/list.csv")[1:]
    assert line[3] == "'=HYPERLINK(1), Ana"
    assert [row[1] for row in rows_of(desk, "/desk/patients/list.csv?q=HYPERLINK")[1:]] == [
        "'=HYPERLINK(1)"
    ]
    about = [row[-1] for row in rows_of(desk, "/desk/tasks/list.csv?owner=front_desk")[1:]]
    assert f"patient {patient_id}" in about
    assert rows_of(desk, "/desk/tasks/list.csv?owner=me")[1:] == []


def test_a_record_as_json_has_what_is_clinical_for_clinicians_alone(
    desk: FlaskClient, practitioner: FlaskClient, patient_id: int
) -> None:
    path = f"/desk/patients/{patient_id}/record.json"
    for browser, is_clinician in ((desk, False), (practitioner, True)):
        record = json.loads(browser.get(path).data)
        assert record["patient"]["given_name"] == "Ana"
        assert len(record["appointments"]) == 1
        assert ("Dissociated" in str(record), "answers" in record) == (is_clinician, is_clinician)
        assert "token" not in str(record)
    entries = db.session.scalars(db.select(AuditEntry).filter_by(action="read")).all()
    assert [entry.subject_id for entry in entries] == [patient_id] * 2


def test_the_sessions_of_a_series_are_a_file(desk: FlaskClient, clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    header, first, *others = rows_of(desk, f"/desk/series/{series.id}/sessions.csv")
    assert header[0] == "number"
    assert (first[0], first[3], first[4], first[5]) == ("1", "Ahwatukee Clinic", "", "Booked")
    assert [row[0] for row in others] == ["2", "3", "4", "5", "6"]
    assert all(int(row[4]) >= 2 for row in others)
