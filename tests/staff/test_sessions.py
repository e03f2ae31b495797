"""A sign-in lasts until it is ended, here or at the server, and leads only where it may."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db.transactions import transaction
from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff.models import Staff, StaffSession
from booking.staff.password_changes import set_password
from booking.staff.rules import MAX_SESSION
from tests.builders import NOW
from tests.staff.door import PASSWORD, is_in, sign_in


def key_of(client: FlaskClient) -> str:
    with client.session_transaction() as cookies:
        return str(cookies[KEY])


def test_signing_out_ends_the_sign_in_at_the_server(signed_in: FlaskClient) -> None:
    key = key_of(signed_in)
    assert signed_in.post("/desk/sign-out").location == "/desk/sign-in"
    assert not is_in(signed_in)
    with signed_in.session_transaction() as cookies:
        cookies[KEY] = key  # a copy of the cookie is worth nothing
    assert not is_in(signed_in)


def test_invariant_13_opening_a_link_signs_nobody_out(signed_in: FlaskClient) -> None:
    assert signed_in.get("/desk/sign-out").status_code == 405
    assert is_in(signed_in)


def test_a_sign_in_revoked_at_the_server_ends_with_the_next_request(
    signed_in: FlaskClient, person: Staff
) -> None:
    staff.end_sessions(person.id, NOW)
    assert not is_in(signed_in)


def test_revoking_one_persons_sign_ins_leaves_the_others(
    signed_in: FlaskClient, person: Staff
) -> None:
    staff.end_sessions(person.id + 1, NOW)
    assert is_in(signed_in)


def test_two_browsers_sign_out_by_themselves(
    app: Flask, signed_in: FlaskClient, person: Staff
) -> None:
    other = app.test_client()
    sign_in(other, person.email)
    signed_in.post("/desk/sign-out")
    assert not is_in(signed_in)
    assert is_in(other)


def test_who_no_longer_works_here_is_out_at_once_and_stays_out(
    signed_in: FlaskClient, person: Staff
) -> None:
    with transaction():
        db.session.get_one(Staff, person.id).active = False
    assert not is_in(signed_in)
    assert sign_in(signed_in, person.email).status_code == 422
    with pytest.raises(LookupError):
        set_password(person.email, PASSWORD, NOW)


def test_an_idle_sign_in_ends(signed_in: FlaskClient, time: time_machine.Traveller) -> None:
    time.shift(timedelta(minutes=30) - timedelta(seconds=1))
    assert is_in(signed_in)
    time.shift(timedelta(minutes=30))
    assert not is_in(signed_in)


def test_how_long_is_idle_is_a_setting(
    app: Flask, signed_in: FlaskClient, time: time_machine.Traveller
) -> None:
    app.config["STAFF_IDLE_MINUTES"] = 5
    time.shift(timedelta(minutes=5))
    assert not is_in(signed_in)


def test_a_sign_in_that_is_used_ends_after_a_working_day(
    signed_in: FlaskClient, time: time_machine.Traveller
) -> None:
    while clock.now() < NOW + MAX_SESSION - timedelta(minutes=20):
        assert is_in(signed_in)
        time.shift(timedelta(minutes=20))
    assert is_in(signed_in)
    time.shift(timedelta(minutes=20))
    assert not is_in(signed_in)


def test_a_key_is_kept_as_its_digest_only(signed_in: FlaskClient) -> None:
    session = db.session.scalars(select(StaffSession)).one()
    assert key_of(signed_in) not in (session.key_digest, str(session.id))
    assert len(key_of(signed_in)) == 43  # 256 bits


def test_a_made_up_key_opens_nothing(client: FlaskClient, person: Staff) -> None:
    with client.session_transaction() as cookies:
        cookies[KEY] = "made up"
    assert not is_in(client)


def test_a_page_of_the_desk_asks_to_sign_in_and_comes_back(
    client: FlaskClient, person: Staff
) -> None:
    response = client.get("/desk/tasks?done=1")
    assert response.location == "/desk/sign-in?next=/desk/tasks?done%3D1"
    query = response.location.removeprefix("/desk/sign-in?")
    assert sign_in(client, person.email, query_string=query).location == "/desk/tasks?done=1"


ELSEWHERE = (
    "https://evil.example/desk/", "//evil.example/desk/", "///evil.example", "/\\evil.example",
    "\\\\evil.example", "https:evil.example", "javascript:alert(1)", "/desk", "desk/", "/",
    " //evil.example", "//[", "/desk/../../x", "/desk/\nX: y", "/desk/%2e%2e//evil.example",
)  # fmt: skip


def test_next_leads_nowhere_but_to_the_desk(client: FlaskClient, person: Staff) -> None:
    for elsewhere in ELSEWHERE:
        response = sign_in(client, person.email, query_string={"next": elsewhere})
        assert (elsewhere, response.status_code) == (elsewhere, 302)
        assert response.location.startswith("/desk/")
        assert not {"\n", "\\"} & set(response.location)


def test_invariant_13_reading_writes_at_most_once_a_minute_that_the_sign_in_is_used(
    signed_in: FlaskClient, time: time_machine.Traveller
) -> None:
    def last_use() -> datetime:
        db.session.rollback()
        return db.session.scalars(select(StaffSession.seen_at)).one()

    at_sign_in = last_use()
    time.shift(timedelta(seconds=59))
    assert is_in(signed_in)
    assert last_use() == at_sign_in
    time.shift(timedelta(seconds=2))
    assert is_in(signed_in)
    assert last_use() == at_sign_in + timedelta(seconds=61)
