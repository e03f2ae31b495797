"""Signing in: who may, and what is said to who may not."""

from unittest.mock import Mock

import pytest
from argon2 import Type, extract_parameters
from flask.testing import FlaskClient

from booking.extensions import db
from booking.staff import operations as staff
from booking.staff import passwords
from booking.staff.models import Role, Staff
from booking.staff.password_changes import set_password
from tests.builders import NOW
from tests.staff.door import PASSWORD, is_in, sign_in
from tests.staff.first import first_staff

OURS = passwords.HASHER  # not the quick one of these tests


def test_the_right_password_signs_in(signed_in: FlaskClient) -> None:
    assert is_in(signed_in)


def test_case_and_spaces_of_an_email_do_not_matter(client: FlaskClient, person: Staff) -> None:
    assert sign_in(client, f" {person.email.upper()} ").status_code == 302


def test_invariant_15_a_wrong_password_signs_nobody_in(client: FlaskClient, person: Staff) -> None:
    assert sign_in(client, person.email, "not this one").status_code == 422
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: FlaskClient, person: Staff
) -> None:
    wrong = sign_in(client, person.email, "not this one")
    unknown = sign_in(client, "nobody@example.com")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(person.email, "") == unknown.text.replace("nobody@example.com", "")


def test_an_unknown_address_takes_the_same_work(
    person: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = Mock(wraps=passwords.HASHER)
    monkeypatch.setattr(passwords, "HASHER", hasher)
    assert staff.sign_in("nobody@example.com", PASSWORD, NOW) is None
    other = first_staff(Role.NURSE)  # no password
    assert staff.sign_in(other.email, PASSWORD, NOW) is None
    hashes = [extract_parameters(call.args[0]) for call in hasher.verify.call_args_list]
    assert hashes == [extract_parameters(passwords.HASHER.hash(PASSWORD))] * 2


def test_the_password_of_nobody_opens_nothing(person: Staff) -> None:
    assert staff.sign_in("nobody@example.com", "nobody has this password", NOW) is None


@pytest.mark.parametrize(
    "typed", [("", PASSWORD), ("desk@example.com", ""), ("desk@example.com", "x" * 201)]
)
def test_a_half_filled_form_is_asked_again(
    client: FlaskClient, person: Staff, typed: tuple[str, str]
) -> None:
    assert sign_in(client, *typed).status_code == 422


def test_passwords_are_kept_as_argon2id_at_owasps_cost(
    person: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASHER", OURS)
    set_password(person.email, PASSWORD, NOW)
    kept = extract_parameters(db.session.get_one(Staff, person.id).password_hash or "")
    assert kept.type is Type.ID
    assert kept.memory_cost >= 19 * 1024  # KiB
    assert kept.time_cost >= 2
    assert kept.parallelism == 1
    assert kept.salt_len >= 16


def test_a_new_password_ends_every_sign_in(signed_in: FlaskClient, person: Staff) -> None:
    set_password(person.email, "another long password", NOW)
    assert not is_in(signed_in)
    assert sign_in(signed_in, person.email).status_code == 422
