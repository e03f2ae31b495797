"""Where somebody is signed in is listed, and ended by themselves or a manager; an ended one stays ended."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.staff.models import Staff, StaffSession
from booking.staff.rules import describe_device
from tests.desk.signed_in import sign_in as quick_sign_in
from tests.staff.door import PASSWORD, is_in, sign_in
from tests.staff.managers import a_manager, confirmed_browser

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/19.0 Mobile/15E148 Safari/604.1"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
ANDROID = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def key_of(client: FlaskClient) -> str:
    with client.session_transaction() as cookies:
        return str(cookies[KEY])


def put_key(client: FlaskClient, key: str) -> FlaskClient:
    with client.session_transaction() as cookies:
        cookies[KEY] = key
    return client


def ids_of(person: Staff) -> list[int]:
    db.session.rollback()
    statement = select(StaffSession.id).filter_by(staff_id=person.id, ended_at=None)
    return list(db.session.scalars(statement.order_by(StaffSession.id)))


@pytest.mark.parametrize(
    ("user_agent", "named"),
    [
        (WINDOWS, ("Firefox", "Windows")),
        (PHONE, ("Safari", "iPhone")),
        (EDGE, ("Edge", "Windows")),
        (ANDROID, ("Chrome", "Android")),
        ("", ("", "")),
    ],
)
def test_a_device_is_named_by_browser_and_system(user_agent: str, named: tuple[str, str]) -> None:
    assert describe_device(user_agent) == named


def test_each_sign_in_is_listed_with_device_address_and_time(
    app: Flask, client: FlaskClient, person: Staff, time: time_machine.Traveller
) -> None:
    sign_in(client, person.email, headers={"User-Agent": WINDOWS})
    time.shift(timedelta(minutes=5))
    sign_in(
        app.test_client(), person.email, headers={"User-Agent": PHONE},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )  # fmt: skip
    page = client.get("/desk/account").text
    for text in ("Firefox on Windows", "127.0.0.1", "Safari on iPhone", "192.0.2.7", "8:05 AM"):
        assert text in page
    assert page.count("This one") == 1


def test_one_ends_another_of_ones_own_sign_ins_and_not_this(
    app: Flask, client: FlaskClient, person: Staff
) -> None:
    other = app.test_client()
    sign_in(other, person.email)
    sign_in(client, person.email)
    first, _ = ids_of(person)
    assert client.post(f"/desk/account/sessions/{first}/end").location == "/desk/account"
    assert (is_in(other), is_in(client)) == (False, True)


def test_one_signs_out_everywhere_else(app: Flask, client: FlaskClient, person: Staff) -> None:
    others = [app.test_client() for _ in range(2)]
    for browser in (*others, client):
        sign_in(browser, person.email)
    client.post("/desk/account/sessions/end")
    assert [is_in(browser) for browser in (*others, client)] == [False, False, True]


def test_nobody_ends_the_sign_in_of_another(app: Flask, signed_in: FlaskClient) -> None:
    another = a_manager()
    theirs = quick_sign_in(app, another)
    (number,) = ids_of(another)
    assert signed_in.post(f"/desk/account/sessions/{number}/end").status_code == 404
    assert signed_in.post(f"/desk/people/{another.id}/sessions/end").status_code == 403
    assert is_in(theirs)


def test_a_manager_ends_anybodys_sign_ins(
    app: Flask, signed_in: FlaskClient, person: Staff
) -> None:
    manager = confirmed_browser(app, a_manager())
    (number,) = ids_of(person)
    page = f"/desk/people/{person.id}"
    assert manager.post(f"{page}/sessions/{number}/end").location == page
    assert not is_in(signed_in)
    sign_in(signed_in, person.email)
    manager.post(f"{page}/sessions/end")
    assert not is_in(signed_in)
    assert manager.post(f"{page}/sessions/{number}/end").status_code == 404


def test_a_replayed_cookie_of_an_ended_sign_in_gets_nowhere(
    app: Flask, signed_in: FlaskClient, person: Staff
) -> None:
    stolen = key_of(signed_in)
    (number,) = ids_of(person)
    confirmed_browser(app, a_manager()).post(f"/desk/people/{person.id}/sessions/{number}/end")
    thief = put_key(app.test_client(), stolen)
    for path in ("/desk/tasks", "/desk/account", "/desk/patients"):
        assert thief.get(path).location.startswith("/desk/sign-in")


def test_signing_in_gives_a_new_key_and_ends_the_one_before(
    app: Flask, signed_in: FlaskClient, person: Staff
) -> None:
    before = key_of(signed_in)
    sign_in(signed_in, person.email)
    assert key_of(signed_in) != before
    assert is_in(signed_in)
    assert not is_in(put_key(app.test_client(), before))


def test_a_key_planted_before_signing_in_is_worth_nothing_after(
    app: Flask, client: FlaskClient, person: Staff
) -> None:
    put_key(client, "planted by somebody else")
    sign_in(client, person.email)
    assert key_of(client) != "planted by somebody else"
    assert not is_in(put_key(app.test_client(), "planted by somebody else"))


def test_saying_who_one_is_gives_a_new_key_and_its_first_use_ends_the_one_before(
    app: Flask, signed_in: FlaskClient
) -> None:
    before = key_of(signed_in)
    signed_in.post("/desk/confirm", data={"password": PASSWORD})
    assert key_of(signed_in) != before
    assert is_in(signed_in)
    assert not is_in(put_key(app.test_client(), before))


def test_where_the_answer_with_the_new_key_is_lost_nobody_is_signed_out(
    app: Flask, person: Staff
) -> None:
    signed_in = quick_sign_in(app, a_manager())
    before = key_of(signed_in)
    signed_in.post("/desk/confirm", data={"password": PASSWORD})
    browser = put_key(app.test_client(), before)
    assert is_in(browser)
    assert browser.get("/desk/people/new").location.startswith("/desk/confirm")
    browser.post("/desk/confirm", data={"password": PASSWORD})
    assert browser.get("/desk/people/new").status_code == 200
    assert not is_in(signed_in)  # with the answer that was lost
    assert not is_in(put_key(app.test_client(), before))


def test_signing_out_by_the_key_before_ends_the_sign_in(app: Flask, signed_in: FlaskClient) -> None:
    before = key_of(signed_in)
    signed_in.post("/desk/confirm", data={"password": PASSWORD})
    put_key(app.test_client(), before).post("/desk/sign-out")
    assert not is_in(signed_in)
