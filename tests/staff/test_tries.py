"""Guessing a password is slow, whoever guesses, and keeps nobody else out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff import sign_in_attempts
from booking.staff.models import SignInAttempts, Staff, StaffDevice
from booking.staff.password_changes import set_password
from booking.staff.rules import FREE_TRIES, LONGEST_WAIT, sign_in_delay
from booking.staff.sign_in_attempts import TooManySignInAttempts
from tests.builders import NOW
from tests.staff.door import PASSWORD, is_in, sign_in

WRONG = "not this one at all"


def guess(email: str, times: int = FREE_TRIES, device: str = "", now: datetime = NOW) -> None:
    for _ in range(times):
        assert staff.sign_in(email, WRONG, now, device) is None


def device_of(person: Staff) -> str:
    """Return the cookie of a browser in which this person has signed in before."""
    key = staff.sign_in(person.email, PASSWORD, NOW)
    assert key is not None
    return staff.remember_device(key, NOW)


@given(st.integers(0, 10_000))
def test_waits_only_grow_and_end_at_the_longest(failures: int) -> None:
    assert sign_in_delay(failures) <= sign_in_delay(failures + 1) <= LONGEST_WAIT


def test_the_first_tries_are_free_then_waits_double() -> None:
    waits = [sign_in_delay(failures).total_seconds() for failures in range(FREE_TRIES + 4)]
    assert waits == [0] * FREE_TRIES + [30, 60, 120, 240]


def test_after_the_free_tries_even_the_right_password_has_to_wait(person: Staff) -> None:
    guess(person.email)
    with pytest.raises(TooManySignInAttempts) as refused:
        staff.sign_in(person.email, PASSWORD, NOW)
    assert refused.value.until == NOW + timedelta(seconds=30)
    assert staff.sign_in(person.email, PASSWORD, refused.value.until)


def test_addresses_do_not_multiply_the_guesses(client: FlaskClient, person: Staff) -> None:
    answers = [
        sign_in(client, person.email, WRONG, environ_base={"REMOTE_ADDR": f"192.0.2.{number % 8}"})
        for number in range(64)
    ]
    assert [response.status_code for response in answers] == [422] * FREE_TRIES + [429] * 59
    assert "Too many tries" in answers[-1].text
    assert answers[-1].headers["Retry-After"] == "30"


def test_many_at_once_are_counted_before_they_are_judged(app: Flask, person: Staff) -> None:
    email = person.email

    def guess_elsewhere(_number: int) -> str:
        with app.app_context():
            try:
                return str(staff.sign_in(email, WRONG, NOW))
            except TooManySignInAttempts:
                return "refused"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(guess_elsewhere, range(24)))
    assert answers == ["None"] * FREE_TRIES + ["refused"] * (24 - FREE_TRIES)


def test_the_right_password_forgets_the_failures(person: Staff) -> None:
    for _ in range(3):
        guess(person.email, FREE_TRIES - 1)
        assert staff.sign_in(person.email, PASSWORD, NOW)


def test_failures_are_forgotten_after_a_day_without_any(person: Staff) -> None:
    guess(person.email, FREE_TRIES)
    later = NOW + timedelta(days=1, seconds=1)
    guess(person.email, FREE_TRIES, now=later)
    sign_in_attempts.delete_expired_attempts(later + timedelta(days=2))
    assert db.session.scalars(select(SignInAttempts)).all() == []


def test_a_known_browser_signs_in_while_strangers_guess(person: Staff) -> None:
    device = device_of(person)
    guess(person.email)
    assert staff.sign_in(person.email, PASSWORD, NOW, device)


def test_a_known_browser_has_to_wait_for_its_own_guesses_only(person: Staff) -> None:
    device = device_of(person)
    guess(person.email, device=device)
    with pytest.raises(TooManySignInAttempts):
        staff.sign_in(person.email, PASSWORD, NOW, device)
    assert staff.sign_in(person.email, PASSWORD, NOW)


def test_a_browser_is_known_for_its_own_person_only(person: Staff) -> None:
    device = device_of(person)
    other = db.session.scalars(
        select(Staff).where(Staff.id != person.id).order_by(Staff.id)
    ).first()
    set_password(other.email, "another long password", NOW)
    guess(other.email, device=device)
    with pytest.raises(TooManySignInAttempts):
        staff.sign_in(other.email, "another long password", NOW, device)


def test_an_unknown_account_is_answered_like_any_other(client: FlaskClient, person: Staff) -> None:
    for email in (person.email, "nobody@example.com"):
        answers = [sign_in(client, email, WRONG).status_code for _ in range(FREE_TRIES + 1)]
        assert answers == [422] * FREE_TRIES + [429]


def test_a_new_password_forgets_browsers_and_failures(person: Staff) -> None:
    device = device_of(person)
    guess(person.email)
    set_password(person.email, "another long password", NOW)
    assert not staff.is_known_device(person.email, device)
    assert staff.sign_in(person.email, "another long password", NOW)


def test_a_key_of_a_browser_is_kept_as_its_digest_only(person: Staff) -> None:
    device = device_of(person)
    assert device not in str(db.session.scalars(select(StaffDevice.key_digest)).all())


def test_signing_in_lets_the_browser_be_known_again(
    client: FlaskClient, person: Staff, time: time_machine.Traveller
) -> None:
    cookie = sign_in(client, person.email).headers.getlist("Set-Cookie")[0]
    assert cookie.startswith("desk_device=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    client.post("/desk/sign-out")
    guess(person.email)
    assert sign_in(client, person.email).status_code == 302
    assert is_in(client)


def test_failed_and_refused_sign_ins_are_on_record(person: Staff) -> None:
    guess(person.email)
    with pytest.raises(TooManySignInAttempts):
        staff.sign_in(person.email, PASSWORD, NOW)
    staff.sign_in("nobody@example.com", WRONG, NOW)
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("sign_in_%")).order_by(AuditEntry.id)
    )
    assert [(row.action, row.subject_id) for row in rows] == [
        *[("sign_in_failed", person.id)] * FREE_TRIES,
        ("sign_in_refused", person.id),
        ("sign_in_failed", staff.UNKNOWN_STAFF_ID),
    ]
