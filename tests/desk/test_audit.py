"""The trail is searched by patient, person, action and days, a page at a time, and a look at it is on it."""

import csv
import io
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.desk.audit import views
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.series.queries import list_sessions
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_patient
from tests.desk.signed_in import sign_in
from tests.messaging.builders import owed, the_message
from tests.series.prescribed import a_booked_series, appointments
from tests.staff.managers import a_manager, confirm
from tests.statements import statements


@pytest.fixture
def trail(clinic: Clinic) -> list[int]:
    """Seven looks at a patient by the front desk, one before long ago; return the patient's id."""
    appointment = a_booking()
    number = appointment.patient_id or 0
    actor = f"staff:{clinic.front_desk.id}"
    audit.record(actor, "read", "patient", number, NOW - timedelta(days=400), page="=danger")
    for minute in range(7):
        at = NOW - timedelta(minutes=10 - minute)
        audit.record(actor, "read", "patient", number, at, page=f"page {minute}")
    audit.record("staff:999", "move", "appointment", appointment.id, NOW)
    return [number]


def test_the_latest_come_first_and_pages_go_on_by_key(
    practitioner: FlaskClient, trail: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 4)
    path, seen = "/desk/audit?action=read", list[str]()
    for _page in range(2):
        text = practitioner.get(path).text
        seen += [f"page {number}" for number in range(6, -1, -1) if f"page: page {number}<" in text]
        path = (
            text.split('quiet" href="')[2].split('"')[0].replace("&amp;", "&")
            if "Earlier" in text
            else ""
        )
    assert seen[:3] == ["page 6", "page 5", "page 4"]
    assert sorted(seen) == [f"page {number}" for number in range(7)]


def test_the_database_is_asked_as_often_for_many_entries_as_for_few(
    practitioner: FlaskClient, trail: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for size in (2, 6):
        monkeypatch.setattr(views, "PAGE_SIZE", size)
        with statements() as executed:
            practitioner.get("/desk/audit")
        counts.append(len(executed))
    assert counts[0] == counts[1]


def test_a_patients_trail_has_their_appointments_and_nobody_elses(
    practitioner: FlaskClient, trail: list[int], clinic: Clinic
) -> None:
    audit.record("online", "read", "patient", 4242, NOW)
    text = practitioner.get(f"/desk/audit/patients/{trail[0]}").text
    assert "move" in text
    assert clinic.front_desk.name in text
    assert "patient 4242" not in text
    assert "danger" not in text
    assert "danger" in practitioner.get(f"/desk/audit/patients/{trail[0]}?from=2025-01-01").text
    looks = select(AuditEntry).filter_by(subject_kind="patient", subject_id=trail[0], action="read")
    newest = looks.order_by(AuditEntry.id.desc())
    assert db.session.scalars(newest).first().facts["page"] == "desk.search_patient_audit"


def test_a_patients_trail_has_their_flags_tasks_and_sessions(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic)
    appointment = appointments(series)[0]
    flag = flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), date(1980, 2, 29), NOW, "online",
        patient_id=series.patient_id,
    )  # fmt: skip
    tasks.open_task(
        TaskKind.CHANGE_WANTED, Owner.FRONT_DESK, "appointment", appointment.id, NOW, NOW
    )
    task, session = tasks.list_open_tasks()[-1], list_sessions(series.id)[0].session
    about = {("flag", flag.id), ("task", task.id), ("session", session.id)}
    for kind, number in about:
        audit.record("staff:1", "tried_here", kind, number, NOW)
    text = practitioner.get(f"/desk/audit/patients/{series.patient_id}?action=tried_here").text
    assert all(f"{kind} {number}" in text for kind, number in about)


def test_the_file_is_what_is_shown_and_no_formula(
    practitioner: FlaskClient, trail: list[int]
) -> None:
    path = f"/desk/audit/patients/{trail[0]}/trail.csv?from=2025-01-01&action=read"
    answer = practitioner.get(path)
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 8
    assert answer.mimetype == "text/csv"
    looks = db.session.scalars(select(AuditEntry.facts).order_by(AuditEntry.id.desc())).first()
    assert (looks or {})["page"] == "desk.download_patient_audit"


def test_days_typed_the_other_way_round_are_the_same_days(
    practitioner: FlaskClient, trail: list[int]
) -> None:
    first, last = NOW.date() - timedelta(days=9), NOW.date()
    in_order, reversed_order = (
        practitioner.get(f"/desk/audit?action=read&from={a}&to={b}").text
        for a, b in ((first, last), (last, first))
    )
    assert "page 6" in in_order
    assert "page 6" in reversed_order
    assert f'name="from" type="date" value="{first}"' in reversed_order


@pytest.mark.parametrize("typed", ["0026-11-20", "11/20/2026", "2026-02-30"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_a_day_that_is_none_is_refused_at_its_field_with_what_was_typed(
    practitioner: FlaskClient, trail: list[int], field: str, typed: str
) -> None:
    for path in ("/desk/audit", f"/desk/audit/patients/{trail[0]}"):
        for file in ("", ".csv" if path == "/desk/audit" else "/trail.csv"):
            answer = practitioner.get(f"{path}{file}?action=read&{field}={typed}")
            assert answer.status_code == 422
            assert f'id="{field}-error">Enter a day, like 2026-12-01.' in answer.text
            assert f'name="{field}" type="text" value="{typed}"' in answer.text
            assert 'name="action" value="read"' in answer.text
            assert f'method="get" action="{path}"' in answer.text
            assert "page 6" not in answer.text


@pytest.mark.parametrize(
    "query",
    ["before=0", "before=x", "from=", "to=+", "staff=-1", "action=%27%22"],
)
def test_whatever_is_typed_is_answered(app: Flask, query: str, clinic: Clinic) -> None:
    manager = confirm(sign_in(app, a_manager()))
    assert manager.get(f"/desk/audit?{query}").status_code == 200
    assert sign_in(app, clinic.front_desk).get("/desk/audit").status_code == 403
    assert manager.get("/desk/audit/patients/999").status_code == 404


def test_what_was_done_to_a_record_that_was_merged_into_this_one_and_to_its_messages_is_shown(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    former = a_booking().patient_id or 0
    patient = a_patient(clinic, given_name="Ana", family_name="Ruiz")
    with transaction():
        db.session.get_one(Patient, former).merged_into_id = patient.id
    messaging.enqueue(owed(person=f"patient:{former}"), NOW)
    message_id = the_message().id
    audit.record("staff:1", "edit_patient", "patient", former, NOW)
    audit.record("staff:1", "send_now", "message", message_id, NOW)
    text = practitioner.get(f"/desk/audit/patients/{patient.id}").text
    assert f"patient {former}" in text
    assert f"message {message_id}" in text
