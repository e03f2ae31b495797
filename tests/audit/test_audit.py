"""The trail of who did what: written with the change, never rewritten, sealed so that it shows."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from booking.appointments import operations as appointment_operations
from booking.appointments.booking import book_slot
from booking.audit import operations as audit
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.staff.password_changes import set_password
from tests.audit.trails import count, entries, two_seals
from tests.builders import NOW, a_booking, a_clinic, a_contact, a_patient, a_request, answers, local


def test_invariant_12_an_entry_says_who_when_and_what(app: Flask) -> None:
    audit.record("staff:3", "move", "appointment", 7, NOW, location=1, reason=True)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.actor, entry.at, entry.action) == ("staff:3", NOW, "move")
    assert (entry.subject_kind, entry.subject_id) == ("appointment", 7)
    assert entry.facts == {"location": 1, "reason": True}


def test_invariant_12_an_entry_is_undone_with_its_change(app: Flask) -> None:
    a_clinic()
    a_booking(local(10))
    before = count(AuditEntry)

    @transaction()
    def book_and_fail() -> None:
        a_booking(local(12))
        raise LookupError

    with pytest.raises(LookupError):
        book_and_fail()
    assert count(AuditEntry) == before > 0


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry"]
)
def test_invariant_12_the_database_refuses_to_change_the_trail(app: Flask, statement: str) -> None:
    entries(1)
    with pytest.raises(DBAPIError, match="append_only"), transaction():
        db.session.execute(text(statement))
    assert db.session.scalars(select(AuditEntry.actor)).all() == ["cli"]


def test_invariant_12_the_trail_holds_no_names_contacts_answers_or_notes(app: Flask) -> None:
    clinic = a_clinic()
    contact = a_contact(given_name="Unmistakable", family_name="Singular")
    appointment = a_booking(local(10), contact=contact, answers=answers(pregnancy=True))
    appointment_operations.move(appointment.id, local(14), NOW, "staff:1", reason="A secret note")
    appointment_operations.cancel(
        appointment.id, NOW, "online", by_patient=True, reason="A secret note"
    )
    book_slot(a_request(local(12), contact=contact, answers=answers(psychosis=True)), NOW)
    doctor = clinic.practitioner
    screening.record_finding(a_patient(), Finding.DECLINED, doctor.id, NOW, note="A secret note")
    set_password(doctor.email, "four unrelated quiet lanterns", NOW)
    rows = db.session.execute(text("SELECT * FROM audit_entry")).all()
    assert {"book", "move", "cancel", "raise_flag", "ask_for_call"} <= {row.action for row in rows}
    written = " ".join(map(str, rows)).lower()
    known = (contact.given_name, contact.family_name, contact.phone, contact.email, doctor.email)
    for private in (*known, doctor.name, "1980", "secret", "pregnancy", "psychosis"):
        assert str(private).lower() not in written


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_invariant_12_a_row_is_not_replaced_either(app: Flask, table: str) -> None:
    two_seals()
    before = db.session.execute(text(f"SELECT * FROM {table}")).all()
    for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
        with pytest.raises(DBAPIError, match="append_only"), transaction():
            db.session.execute(text(f"{verb} INTO {table} SELECT * FROM {table} WHERE id = 1"))
    assert db.session.execute(text(f"SELECT * FROM {table}")).all() == before
