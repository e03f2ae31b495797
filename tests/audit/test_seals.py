"""Seals: a change, a gap or a cut of the trail shows, whoever made it."""

from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask

from booking.audit import operations as audit
from booking.audit.models import AuditSeal
from booking.audit.operations import HeadNotFound, SealMismatch, UnknownSealKey
from booking.audit.rules import EMPTY_CHAIN, ChainHead, SealKeys, extend_chain
from booking.db.transactions import transaction
from booking.extensions import db
from tests.audit.trails import KEYS, LATER, count, entries, sealed, tamper, two_seals
from tests.builders import NOW


def test_sealing_covers_each_entry_once(app: Flask) -> None:
    entries(3)
    assert sealed() == 3
    assert sealed() == 0
    entries(2)
    assert sealed() == 5
    assert count(AuditSeal) == 2
    assert audit.verify_trail(KEYS).head.count == 5


def test_an_entry_that_may_still_be_in_the_making_is_not_sealed(app: Flask) -> None:
    entries(1)
    audit.record("cli", "test", "thing", 9, LATER - timedelta(seconds=59))
    assert sealed() == 1
    assert audit.verify_trail(KEYS).unsealed == 1


def test_a_seal_covers_a_batch_at_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_SEAL_ENTRIES", 2)
    entries(5)
    assert [sealed() for _ in range(4)] == [2, 4, 5, 0]
    assert audit.verify_trail(KEYS).head.count == 5


def test_an_empty_trail_is_in_order(app: Flask) -> None:
    assert sealed() == 0
    assert audit.verify_trail(KEYS).head == EMPTY_CHAIN


def forge(keys: SealKeys) -> None:
    """Rewrite entry 1 and make every seal anew with `keys`, as the database's owner could."""
    tamper("UPDATE audit_entry SET actor = 'nobody' WHERE id = 1", "DELETE FROM audit_seal")
    while audit.seal_entries(LATER, keys):
        pass


def test_a_trail_sealed_anew_without_the_key_is_found(app: Flask) -> None:
    two_seals()
    forge(SealKeys((b"a guess",)))
    with pytest.raises(UnknownSealKey):
        audit.verify_trail(KEYS)


def test_a_seal_that_only_claims_the_right_key_is_found(app: Flask) -> None:
    _, second = two_seals()
    tamper(f"UPDATE audit_seal SET digest = '{'0' * 64}' WHERE id = {second}")
    with pytest.raises(SealMismatch):
        audit.verify_trail(KEYS)


def test_a_head_that_was_printed_tells_of_a_trail_sealed_anew_with_the_key(app: Flask) -> None:
    two_seals()
    printed = audit.verify_trail(KEYS).head
    forge(KEYS)
    assert audit.verify_trail(KEYS).head.count == 5
    with pytest.raises(HeadNotFound):
        audit.verify_trail(KEYS, printed)


@pytest.mark.parametrize("cut", ["id > 2", "id > 0"])
def test_a_trail_cut_short_or_emptied_is_found_by_its_head(app: Flask, cut: str) -> None:
    first, second = two_seals()
    printed = audit.verify_trail(KEYS).head
    seals = f"id = {second}" if cut == "id > 2" else f"id >= {first}"
    tamper(f"DELETE FROM audit_entry WHERE {cut}", f"DELETE FROM audit_seal WHERE {seals}")
    audit.verify_trail(KEYS)  # by itself it shows nothing
    with pytest.raises(HeadNotFound):
        audit.verify_trail(KEYS, printed)


def test_an_earlier_head_stays_in_the_chain(app: Flask) -> None:
    entries(2)
    printed = audit.seal_entries(LATER, KEYS)
    entries(3)
    audit.seal_entries(LATER, KEYS)
    assert audit.verify_trail(KEYS, printed).head.count == 5
    assert audit.verify_trail(KEYS, EMPTY_CHAIN).head.count == 5


def test_a_new_key_seals_and_the_old_one_still_verifies(app: Flask) -> None:
    entries(2)
    audit.seal_entries(LATER, KEYS)
    entries(3)
    both = SealKeys.from_settings("a new key, a key of the tests", "")
    audit.seal_entries(LATER, both)
    assert audit.verify_trail(both).head.count == 5
    with pytest.raises(UnknownSealKey):
        audit.verify_trail(KEYS)


def test_without_a_key_of_its_own_the_secret_key_makes_one() -> None:
    keys = SealKeys.from_settings("", "secret")
    assert keys == SealKeys.from_settings(" , ", "secret")
    assert keys != SealKeys.from_settings("", "another")
    assert keys.newest != b"secret"


def test_a_seal_covers_how_many_entries_there_are() -> None:
    key = KEYS.newest
    assert (
        extend_chain(ChainHead(0, "a"), [[1]], NOW, key).digest
        != extend_chain(ChainHead(1, "a"), [[1]], NOW, key).digest
    )


def test_who_lacks_the_key_cannot_make_the_seal() -> None:
    sealed_by = {
        extend_chain(EMPTY_CHAIN, [[1, "staff:1"]], NOW, key) for key in (b"ours", b"theirs", b"")
    }
    assert len(sealed_by) == 3


def test_seals_of_before_that_anyone_could_make_count_for_nothing(app: Flask) -> None:
    entries(2)
    with transaction():
        old = AuditSeal(last_entry_id=2, digest="0" * 64, sealed_at=NOW)
        db.session.add(old)
    assert audit.verify_trail(KEYS).unsealed == 2
    assert sealed() == 2
    assert audit.verify_trail(KEYS).unsealed == 0


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'", "action = 'other'", "subject_kind = 'other'", "subject_id = 99",
        "facts = '{\"fact\": 99}'", "at = '2026-11-30 15:00:01'",
    ],
)  # fmt: skip
def test_a_changed_entry_is_found(app: Flask, change: str) -> None:
    _, second = two_seals()
    assert audit.verify_trail(KEYS).head.count == 5
    tamper(f"UPDATE audit_entry SET {change} WHERE id = 4")
    with pytest.raises(SealMismatch) as mismatch:
        audit.verify_trail(KEYS)
    assert mismatch.value.seal_id == second


@pytest.mark.parametrize(("removed", "seal"), [(1, 0), (2, 0), (3, 1), (5, 1)])
def test_a_removed_entry_is_found(app: Flask, removed: int, seal: int) -> None:
    seals = two_seals()
    tamper(f"DELETE FROM audit_entry WHERE id = {removed}")
    with pytest.raises(SealMismatch) as mismatch:
        audit.verify_trail(KEYS)
    assert mismatch.value.seal_id == seals[seal]


@pytest.mark.parametrize(
    "change",
    ["digest = 'x'", "last_entry_id = 1", "count = 9", "sealed_at = '2026-11-30 15:00:01'"],
)
def test_a_changed_seal_is_found(app: Flask, change: str) -> None:
    first, _ = two_seals()
    tamper(f"UPDATE audit_seal SET {change} WHERE id = {first}")
    with pytest.raises(SealMismatch) as mismatch:
        audit.verify_trail(KEYS)
    assert mismatch.value.seal_id == first


def test_a_removed_seal_is_found(app: Flask) -> None:
    first, second = two_seals()
    tamper(f"DELETE FROM audit_seal WHERE id = {first}")
    with pytest.raises(SealMismatch) as mismatch:
        audit.verify_trail(KEYS)
    assert mismatch.value.seal_id == second


def verify(app: Flask, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", "verify", *more])


def test_the_operator_is_told(app: Flask) -> None:
    app.config["AUDIT_KEY"] = "a key of the tests"
    two_seals()
    result = verify(app)
    assert "5 sealed entries" in result.output
    head = result.output.split("head ")[1].strip()
    assert verify(app, "--head", head).exit_code == 0
    assert verify(app, "--head", head.replace("5:", "6:")).exit_code == 1
    assert "is not a head" in verify(app, "--head", "5").output
    tamper("UPDATE audit_entry SET actor = 'nobody'")
    result = verify(app)
    assert result.exit_code == 1
    assert "changed" in result.output
