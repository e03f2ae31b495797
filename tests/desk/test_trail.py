"""Who looked at whom, and who was refused what, is on record."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.models import AuditEntry
from booking.desk import access_audit
from booking.extensions import db
from tests.builders import Clinic, a_booking
from tests.desk.signed_in import sign_in

BOOKED = "/desk/day/ahwatukee/2026-12-01"


def trail_of(action: str) -> list[tuple[str, str, int, dict[str, object]]]:
    """Return what is on record of `action`: who, of what kind and number, with its facts."""
    rows = db.session.scalars(select(AuditEntry).filter_by(action=action).order_by(AuditEntry.id))
    return [(row.actor, row.subject_kind, row.subject_id, row.facts) for row in rows]


def test_invariant_12_reading_a_patients_record_is_on_record(
    desk: FlaskClient, clinic: Clinic
) -> None:
    patient_id = a_booking().patient_id
    desk.get(f"/desk/patients/{patient_id}")
    who = f"staff:{clinic.front_desk.id}"
    facts = {"page": "desk.show_patient", "patient_id": patient_id}
    assert trail_of("read") == [(who, "patient", patient_id, facts)]


def test_reading_an_appointment_a_day_and_a_search_are_on_record(desk: FlaskClient) -> None:
    appointment = a_booking()
    for path in (f"/desk/visits/{appointment.id}", BOOKED, "/desk/patients?q=Smith"):
        assert desk.get(path).status_code == 200
    about = [(kind, number) for _, kind, number, _ in trail_of("read")]
    assert about == [("appointment", appointment.id), ("desk", 0), ("desk", 0)]
    day = trail_of("read")[1][3]
    assert day == {"page": "desk.show_day", "location": "ahwatukee", "local_date": "2026-12-01"}


def test_what_was_searched_for_is_not_kept(desk: FlaskClient) -> None:
    desk.get("/desk/patients?q=Unmistakable")
    assert "Unmistakable" not in str(trail_of("read"))


def test_a_refusal_is_on_record(desk: FlaskClient, clinic: Clinic) -> None:
    patient_id = a_booking().patient_id
    assert desk.post(f"/desk/patients/{patient_id}/finding").status_code == 403
    [(who, kind, number, facts)] = trail_of("refused")
    assert (who, kind, number) == (f"staff:{clinic.front_desk.id}", "patient", patient_id)
    assert (facts["status"], facts["page"]) == (403, "desk.record_finding")


def test_a_form_that_comes_back_with_its_page_was_read_not_refused(desk: FlaskClient) -> None:
    appointment = a_booking()
    assert desk.post(f"/desk/visits/{appointment.id}/cancel", data={}).status_code == 422
    [(_who, kind, number, facts)] = trail_of("read")
    assert (kind, number) == ("appointment", appointment.id)
    assert facts["page"] == "desk.cancel_appointment"
    assert trail_of("refused") == []


def test_who_is_not_signed_in_leaves_no_entry(client: FlaskClient, clinic: Clinic) -> None:
    assert client.get("/desk/patients/1").status_code == 302
    assert trail_of("read") == trail_of("refused") == []


def test_a_page_that_cannot_be_recorded_is_not_shown(
    app: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient_id = a_booking().patient_id
    desk = sign_in(app, clinic.front_desk)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    def fail(*_args: object, **_facts: object) -> None:
        raise OSError

    monkeypatch.setattr(audit, "record", fail)
    assert desk.get(f"/desk/patients/{patient_id}").status_code == 500


def test_the_pages_without_patients_are_pages(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= access_audit.WITHOUT_PATIENTS


def test_every_address_says_whom_a_page_is_about(app: Flask) -> None:
    """A page that names nobody would be on record as a list: these are lists, forms or set-up."""
    calendar = "/desk/calendar/<location>/<local_date>/<any(day, week):span>"
    day, board = "/desk/day/<location>/<local_date>", "/desk/board/<location>"
    lists = {
        day,
        f"{day}/<any(now, list, table):part>",
        f"{day}/list.csv",
        calendar,
        f"{calendar}/changes",
        "/desk/again/<key>",
    }
    lists |= {board, f"{board}/now", "/desk/setup/<setup_kind>/<setup_slug>"}
    assert {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and rule.arguments
        if not rule.arguments & access_audit.SUBJECTS.keys()
        if "template_slug" not in rule.arguments
    } == lists
