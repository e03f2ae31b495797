"""The trail of who did what: written with the change, never rewritten, sealed so that it shows."""

from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from booking.appointments import operations as appointments
from booking.appointments.booking import book
from booking.audit import operations as audit
from booking.audit.models import AuditEntry, AuditSeal
from booking.audit.operations import BrokenSeal, HeadMissing, UnknownKey
from booking.audit.rules import EMPTY, Head, SealKeys, extend
from booking.constraints import append_only
from booking.db import transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.staff import operations as staff
from tests.builders import NOW, a_booking, a_clinic, a_contact, a_patient, a_request, answers, local

LATER = NOW + timedelta(minutes=5)
KEYS = SealKeys.from_settings("a key of the tests", "")


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
    audit.seal(LATER, KEYS)
    entries(3)
    audit.seal(LATER, KEYS)
    return list(db.session.scalars(select(AuditSeal.id).order_by(AuditSeal.id)))


def sealed() -> int:
    """Seal what is settled; return how many entries are sealed in all."""
    head = audit.seal(LATER, KEYS)
    return head.count if head else 0


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
    assert sealed() == 3
    assert sealed() == 0
    entries(2)
    assert sealed() == 5
    assert count(AuditSeal) == 2
    assert audit.verify(KEYS).head.count == 5


def test_an_entry_that_may_still_be_in_the_making_is_not_sealed(app: Flask) -> None:
    entries(1)
    audit.record("cli", "test", "thing", 9, LATER - timedelta(seconds=59))
    assert sealed() == 1
    assert audit.verify(KEYS).unsealed == 1


def test_a_seal_covers_a_batch_at_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    entries(5)
    assert [sealed() for _ in range(4)] == [2, 4, 5, 0]
    assert audit.verify(KEYS).head.count == 5


def test_an_empty_trail_is_in_order(app: Flask) -> None:
    assert sealed() == 0
    assert audit.verify(KEYS).head == EMPTY


def forge(keys: SealKeys) -> None:
    """Rewrite entry 1 and make every seal anew with `keys`, as the database's owner could."""
    tamper("UPDATE audit_entry SET actor = 'nobody' WHERE id = 1", "DELETE FROM audit_seal")
    while audit.seal(LATER, keys):
        pass


def test_a_trail_sealed_anew_without_the_key_is_found(app: Flask) -> None:
    two_seals()
    forge(SealKeys((b"a guess",)))
    with pytest.raises(UnknownKey):
        audit.verify(KEYS)


def test_a_seal_that_only_claims_the_right_key_is_found(app: Flask) -> None:
    _, second = two_seals()
    tamper(f"UPDATE audit_seal SET digest = '{'0' * 64}' WHERE id = {second}")
    with pytest.raises(BrokenSeal):
        audit.verify(KEYS)


def test_a_head_that_was_printed_tells_of_a_trail_sealed_anew_with_the_key(app: Flask) -> None:
    two_seals()
    printed = audit.verify(KEYS).head
    forge(KEYS)
    assert audit.verify(KEYS).head.count == 5
    with pytest.raises(HeadMissing):
        audit.verify(KEYS, printed)


@pytest.mark.parametrize("cut", ["id > 2", "id > 0"])
def test_a_trail_cut_short_or_emptied_is_found_by_its_head(app: Flask, cut: str) -> None:
    first, second = two_seals()
    printed = audit.verify(KEYS).head
    seals = f"id = {second}" if cut == "id > 2" else f"id >= {first}"
    tamper(f"DELETE FROM audit_entry WHERE {cut}", f"DELETE FROM audit_seal WHERE {seals}")
    audit.verify(KEYS)  # by itself it shows nothing
    with pytest.raises(HeadMissing):
        audit.verify(KEYS, printed)


def test_an_earlier_head_stays_in_the_chain(app: Flask) -> None:
    entries(2)
    printed = audit.seal(LATER, KEYS)
    entries(3)
    audit.seal(LATER, KEYS)
    assert audit.verify(KEYS, printed).head.count == 5
    assert audit.verify(KEYS, EMPTY).head.count == 5


def test_a_new_key_seals_and_the_old_one_still_verifies(app: Flask) -> None:
    entries(2)
    audit.seal(LATER, KEYS)
    entries(3)
    both = SealKeys.from_settings("a new key, a key of the tests", "")
    audit.seal(LATER, both)
    assert audit.verify(both).head.count == 5
    with pytest.raises(UnknownKey):
        audit.verify(KEYS)


def test_without_a_key_of_its_own_the_secret_key_makes_one() -> None:
    made = SealKeys.from_settings("", "secret")
    assert made == SealKeys.from_settings(" , ", "secret")
    assert made != SealKeys.from_settings("", "another")
    assert made.newest != b"secret"


def test_a_seal_covers_how_many_entries_there_are() -> None:
    key = KEYS.newest
    assert (
        extend(Head(0, "a"), [[1]], NOW, key).digest != extend(Head(1, "a"), [[1]], NOW, key).digest
    )


def test_seals_of_before_that_anyone_could_make_count_for_nothing(app: Flask) -> None:
    entries(2)
    with transaction():
        old = AuditSeal(last_entry_id=2, digest="0" * 64, sealed_at=NOW)
        db.session.add(old)
    assert audit.verify(KEYS).unsealed == 2
    assert sealed() == 2
    assert audit.verify(KEYS).unsealed == 0


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'", "action = 'other'", "subject_kind = 'other'", "subject_id = 99",
        "facts = '{\"fact\": 99}'", "at = '2026-11-30 15:00:01'",
    ],
)  # fmt: skip
def test_a_changed_entry_is_found(app: Flask, change: str) -> None:
    _, second = two_seals()
    assert audit.verify(KEYS).head.count == 5
    tamper(f"UPDATE audit_entry SET {change} WHERE id = 4")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify(KEYS)
    assert broken.value.seal_id == second


@pytest.mark.parametrize(("removed", "seal"), [(1, 0), (2, 0), (3, 1), (5, 1)])
def test_a_removed_entry_is_found(app: Flask, removed: int, seal: int) -> None:
    seals = two_seals()
    tamper(f"DELETE FROM audit_entry WHERE id = {removed}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify(KEYS)
    assert broken.value.seal_id == seals[seal]


@pytest.mark.parametrize(
    "change",
    ["digest = 'x'", "last_entry_id = 1", "count = 9", "sealed_at = '2026-11-30 15:00:01'"],
)
def test_a_changed_seal_is_found(app: Flask, change: str) -> None:
    first, _ = two_seals()
    tamper(f"UPDATE audit_seal SET {change} WHERE id = {first}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify(KEYS)
    assert broken.value.seal_id == first


def test_a_removed_seal_is_found(app: Flask) -> None:
    first, second = two_seals()
    tamper(f"DELETE FROM audit_seal WHERE id = {first}")
    with pytest.raises(BrokenSeal) as broken:
        audit.verify(KEYS)
    assert broken.value.seal_id == second


def verify(app: Flask, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", "verify", *more])


def test_the_operator_is_told(app: Flask) -> None:
    app.config["AUDIT_KEY"] = "a key of the tests"
    two_seals()
    told = verify(app)
    assert "5 sealed entries" in told.output
    head = told.output.split("head ")[1].strip()
    assert verify(app, "--head", head).exit_code == 0
    assert verify(app, "--head", head.replace("5:", "6:")).exit_code == 1
    assert "is not a head" in verify(app, "--head", "5").output
    tamper("UPDATE audit_entry SET actor = 'nobody'")
    told = verify(app)
    assert told.exit_code == 1
    assert "changed" in told.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
def test_invariant_12_a_row_is_not_replaced_either(app: Flask, table: str) -> None:
    two_seals()
    before = db.session.execute(text(f"SELECT * FROM {table}")).all()
    for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
        with pytest.raises(DBAPIError, match="append_only"), transaction():
            db.session.execute(text(f"{verb} INTO {table} SELECT * FROM {table} WHERE id = 1"))
    assert db.session.execute(text(f"SELECT * FROM {table}")).all() == before
