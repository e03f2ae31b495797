"""Which passwords are refused, and that a refused one changes nothing (ASVS 5.0, 6.2)."""

import string

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff.models import Staff
from booking.staff.password_changes import WeakPassword, require_strong_password, set_password
from booking.staff.rules import PasswordWeakness, consists_mostly_of, split_words
from tests.builders import NOW
from tests.staff.door import PASSWORD

OWN = split_words(["Ana María Reyes", "ana.reyes@example.com", "Scottsdale Ketamine Clinic"])


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("x" * 11, PasswordWeakness.TOO_SHORT),
        ("", PasswordWeakness.TOO_SHORT),
        ("ana.reyes@example.com", PasswordWeakness.OWN_WORDS),
        ("Ana.Reyes@Example.com", PasswordWeakness.OWN_WORDS),
        ("anareyes2026", PasswordWeakness.OWN_WORDS),
        ("ReyesReyesReyes", PasswordWeakness.OWN_WORDS),
        ("Scottsdale2026!", PasswordWeakness.OWN_WORDS),
        ("ketamineclinic1", PasswordWeakness.OWN_WORDS),
        ("Sc0ttsd4le!Clin1c", PasswordWeakness.OWN_WORDS),
        ("elad$ttocs2026", PasswordWeakness.OWN_WORDS),
        ("k3t4m1ne-c1inic", PasswordWeakness.OWN_WORDS),
        ("anareyes19801980", PasswordWeakness.OWN_WORDS),
        ("r3y3s-María-2026", PasswordWeakness.OWN_WORDS),
        ("contraseña123456", PasswordWeakness.TOO_COMMON),
        ("Bienvenidos2026!", PasswordWeakness.TOO_COMMON),
        ("primaveraverano", PasswordWeakness.TOO_COMMON),
        ("Phoenix-2026-2026", PasswordWeakness.TOO_COMMON),
        ("Password1234", PasswordWeakness.TOO_COMMON),
        ("qwertyuiop12", PasswordWeakness.TOO_COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordWeakness.TOO_COMMON),
        ("123456789012", PasswordWeakness.TOO_COMMON),
        ("iloveyouiloveyou", PasswordWeakness.TOO_COMMON),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(
    password: str, fault: PasswordWeakness
) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong_password(password, OWN)
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
    require_strong_password(password, OWN)


def test_a_long_password_is_judged_in_no_time() -> None:
    require_strong_password("four unrelated words and more " * 100, OWN)


@given(st.sampled_from(sorted(OWN)), st.text(string.printable, max_size=7))
def test_a_name_and_a_few_characters_are_mostly_the_name(word: str, rest: str) -> None:
    assert consists_mostly_of(word * 2 + rest, {word})


@pytest.mark.parametrize("password", ["x" * 11, "desk@example.com", "Password1234"])
def test_invariant_15_a_refused_password_leaves_the_old_one(person: Staff, password: str) -> None:
    with pytest.raises(WeakPassword):
        set_password(person.email, password, NOW)
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
