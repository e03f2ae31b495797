"""Which passwords are refused, and that a refused one changes nothing (ASVS 5.0, 6.2)."""

import string

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from booking.db import transaction
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff.models import Staff
from booking.staff.passwords import PasswordRefused, check_password
from booking.staff.rules import PasswordFault, is_mostly, words_of
from tests.builders import NOW
from tests.staff.door import PASSWORD

OWN = words_of(["Ana María Reyes", "ana.reyes@example.com", "Scottsdale Ketamine Clinic"])


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("x" * 11, PasswordFault.TOO_SHORT),
        ("", PasswordFault.TOO_SHORT),
        ("ana.reyes@example.com", PasswordFault.OWN_WORDS),
        ("Ana.Reyes@Example.com", PasswordFault.OWN_WORDS),
        ("anareyes2026", PasswordFault.OWN_WORDS),
        ("ReyesReyesReyes", PasswordFault.OWN_WORDS),
        ("Scottsdale2026!", PasswordFault.OWN_WORDS),
        ("ketamineclinic1", PasswordFault.OWN_WORDS),
        ("Sc0ttsd4le!Clin1c", PasswordFault.OWN_WORDS),
        ("elad$ttocs2026", PasswordFault.OWN_WORDS),
        ("k3t4m1ne-c1inic", PasswordFault.OWN_WORDS),
        ("anareyes19801980", PasswordFault.OWN_WORDS),
        ("r3y3s-María-2026", PasswordFault.OWN_WORDS),
        ("contraseña123456", PasswordFault.TOO_COMMON),
        ("Bienvenidos2026!", PasswordFault.TOO_COMMON),
        ("primaveraverano", PasswordFault.TOO_COMMON),
        ("Phoenix-2026-2026", PasswordFault.TOO_COMMON),
        ("Password1234", PasswordFault.TOO_COMMON),
        ("qwertyuiop12", PasswordFault.TOO_COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFault.TOO_COMMON),
        ("123456789012", PasswordFault.TOO_COMMON),
        ("iloveyouiloveyou", PasswordFault.TOO_COMMON),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, fault: PasswordFault) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, OWN)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery staple",
        "Reyes keeps eleven green cats",
        "vK3#pQ9!tZ7w",
        "839 201 746 512 93",
    ],
)
def test_an_unguessable_password_is_taken(password: str) -> None:
    check_password(password, OWN)


def test_a_long_password_is_judged_in_no_time() -> None:
    check_password("four unrelated words and more " * 100, OWN)


@given(st.sampled_from(sorted(OWN)), st.text(string.printable, max_size=7))
def test_a_name_and_a_few_characters_are_mostly_the_name(word: str, rest: str) -> None:
    assert is_mostly(word * 2 + rest, {word})


@pytest.mark.parametrize("password", ["x" * 11, "desk@example.com", "Password1234"])
def test_invariant_15_a_refused_password_leaves_the_old_one(person: Staff, password: str) -> None:
    with pytest.raises(PasswordRefused):
        staff.set_password(person.email, password, NOW)
    assert staff.sign_in(person.email, PASSWORD, NOW)


def test_the_operator_is_told_what_is_wrong(app: Flask, person: Staff) -> None:
    with transaction():
        db.session.get_one(Staff, person.id).name = "Ana Reyes"
    run = app.test_cli_runner().invoke
    command = ["staff", "set-password", person.email, "--password"]
    assert "at least 12 characters" in run(args=[*command, "short"]).output
    assert "own name" in run(args=[*command, "AnaReyes!2026"]).output
    assert "too easy to guess" in run(args=[*command, "Password1234"]).output
    assert run(args=[*command, "four unrelated words"]).exit_code == 0
