"""The trail of who did what: written with the change, never rewritten, sealed so that it shows."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from booking.appointments import operations as appointments
from booking.appointments.booking import book
from booking.audit import operations as audit
from booking.audit.models import AuditEntry, AuditSeal
from booking.audit.operations import BrokenSeal
from booking.constraints import append_only
from booking.db import transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.staff import operations as staff
from tests.builders import NOW, a_booking, a_clinic, a_contact, a_patient, a_request, answers, local

LATER = NOW + timedelta(minutes=5)


def entries(count: int) -> None:
    for number in range(1, count + 1):
        audit.record("cli", "test", "thing", number, NOW, fact=number)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def tamper(*statements: str) -> None:
    """Change the trail behind the service's back, as someone who owns the database could."""
    with transaction():
        for table in ("audit_entry", "audit_seal"):
            for sql in append_only(table).drop(db.engine.dialect.name):
                db.session.execute(text(sql))
        for statement in statements:
            db.session.execute(text(statement))
    db.session.rollback()


def two_seals() -> list[int]:
    """Seal two entries and then three; return the ids of the seals."""
    entries(2)
    audit.seal(LATER)
    entries(3)
    audit.seal(LATER)
    return list(db.session.scalars(select(AuditSeal.id).order_by(AuditSeal.id)))


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
    visit = a_booking(local(10), contact=contact, given=answers(pregnancy=True))
    appointments.move(visit.id, local(14), NOW, "staff:1", reason="A secret note")
    appointments.cancel(visit.id, NOW, "online", by_patient=True, reason="A secret note")
    book(a_request(local(12), contact=contact, given=answers(psychosis=True)), NOW)
    doctor = clinic.practitioner
    screening.record_finding(a_patient(), Finding.DECLINED, doctor.id, NOW, note="A secret note")
    staff.set_password(doctor.email, "a secret password", NOW)
    rows = db.session.execute(text("SELECT * FROM audit_entry")).all()
    assert {"book", "move", "cancel", "raise_flag", "ask_for_call"} <= {row.action for row in rows}
    written = " ".join(map(str, rows)).lower()
    known = (contact.given_name, contact.family_name, contact.phone, contact.email, doctor.email)
    for private in (*known, doctor.name, "1980", "secret", "pregnancy", "psychosis"):
        assert str(private).lower() not in written


def test_sealing_covers_each_entry_once(app: Flask) -> None:
    entries(3)
    assert audit.seal(LATER) == 3
    assert audit.seal(LATER) == 0
    entries(2)
    assert audit.seal(LATER) == 2
    assert count(AuditSeal) == 2
    assert audit.verify() == 5


def test_an_entry_that_may_still_be_in_the_making_is_not_sealed(app: Flask) -> None:
    entries(1)
    audit.record("cli", "test", "thing", 9, LATER - timedelta(seconds=59))
    assert audit.seal(LATER) == 1


def test_a_seal_covers_a_batch_at_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    entries(5)
    assert [audit.seal(LATER) for _ in range(4)] == [2, 2, 1, 0]
    assert audit.verify() == 5


def test_an_empty_trail_is_in_order(app: Flask) -> None:
    assert audit.seal(LATER) == audit.verify() == 0


def test_seals_are_chained(app: Flask) -> None:
    first, second = two_seals()
    covered, made = audit._entries(0)[:2], db.session.get_one(AuditSeal, first)
    covered[0].actor = "nobody"
    forged = audit._chain("", covered, made.sealed_at)
    db.session.rollback()
    tamper(
        "UPDATE audit_entry SET actor = 'nobody' WHERE id = 1",
        f"UPDATE audit_seal SET digest = '{forged}' WHERE id = {first}",
    )
    with pytest.raises(BrokenSeal) as broken:
        audit.verify()
    assert broken.value.seal_id == second


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'", "action = 'other'", "subject_kind = 'other'", "subject_id = 99",
        "facts = '{\"fact\": 99}'", "at = '2026-11-30 15:00:01'",
    ],
)  # fmt: skip
def test_a_changed_entry_is_found(app: Flask, change: str) -> None:
    _, second = two_seals()
    assert audit.verify() == 5
    tamper(f"UPDATE audit_entry SET {change} WHERE id = 4")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify()
    assert broken.value.seal_id == second


@pytest.mark.parametrize(("removed", "seal"), [(1, 0), (2, 0), (3, 1), (5, 1)])
def test_a_removed_entry_is_found(app: Flask, removed: int, seal: int) -> None:
    seals = two_seals()
    tamper(f"DELETE FROM audit_entry WHERE id = {removed}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify()
    assert broken.value.seal_id == seals[seal]


@pytest.mark.parametrize(
    "change",
    ["digest = 'x'", "last_entry_id = 1", "sealed_at = '2026-11-30 15:00:01'"],
)
def test_a_changed_seal_is_found(app: Flask, change: str) -> None:
    first, _ = two_seals()
    tamper(f"UPDATE audit_seal SET {change} WHERE id = {first}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify()
    assert broken.value.seal_id == first


def test_a_removed_seal_is_found(app: Flask) -> None:
    first, second = two_seals()
    tamper(f"DELETE FROM audit_seal WHERE id = {first}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify()
    assert broken.value.seal_id == second


def test_the_operator_is_told(app: Flask) -> None:
    two_seals()
    verify = ["audit", "verify"]
    assert "5 sealed entries" in app.test_cli_runner().invoke(args=verify).output
    tamper("UPDATE audit_entry SET actor = 'nobody'")
    told = app.test_cli_runner().invoke(args=verify)
    assert told.exit_code == 1
    assert "changed" in told.output
