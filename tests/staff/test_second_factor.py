"""A second factor: a code counts once, wrong ones slow the next, and no page opens before it."""

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.audit.models import AuditEntry
from booking.desk.people.signed_in import KEY
from booking.desk.sign_in import AWAITING
from booking.extensions import db
from booking.staff.models import RecoveryCode, Role, Staff, TotpFactor
from tests.builders import NOW
from tests.desk.page_forms import form_on, send
from tests.staff.door import PASSWORD, is_in, sign_in
from tests.staff.managers import a_manager, confirm, confirmed_browser

CODE = re.compile(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>")
SECRET = re.compile(r"<p><code>([A-Z2-7 ]+)</code></p>")
STEP = timedelta(seconds=30)


def code_now(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + steps * STEP)


def set_up(browser: FlaskClient) -> tuple[str, list[str]]:
    """Set an app up; return its secret and the recovery codes that are shown."""
    browser.post("/desk/account/app/begin")
    secret = SECRET.search(browser.get("/desk/account/app").text).group(1).replace(" ", "")
    page = browser.post("/desk/account/app/confirm", data={"code": code_now(secret)})
    return secret, CODE.findall(page.text)


def give_code(browser: FlaskClient, code: str) -> int:
    return browser.post("/desk/sign-in/code", data={"code": code}).status_code


@pytest.fixture
def owner(signed_in: FlaskClient) -> FlaskClient:
    """Somebody of the front desk who has said once more who they are."""
    return confirm(signed_in)


@pytest.fixture
def app_secret(owner: FlaskClient, time: time_machine.Traveller) -> str:
    """The secret of an app that counts, half a minute after it was set up."""
    secret, _ = set_up(owner)
    time.shift(STEP)
    return secret


def test_an_app_counts_once_a_code_has_confirmed_it(
    app: Flask, owner: FlaskClient, person: Staff
) -> None:
    owner.post("/desk/account/app/begin")
    assert sign_in(app.test_client(), person.email).location == "/desk/"
    page = owner.get("/desk/account/app").text
    assert 'class="qr"' in page
    assert "style=" not in page
    secret = SECRET.search(page).group(1).replace(" ", "")
    wrong = owner.post("/desk/account/app/confirm", data={"code": "000000"})
    assert (wrong.status_code, "not right" in wrong.text) == (422, True)
    assert sign_in(app.test_client(), person.email).location == "/desk/"
    owner.post("/desk/account/app/confirm", data={"code": code_now(secret)})
    assert sign_in(app.test_client(), person.email).location == "/desk/sign-in/code"


def test_no_page_opens_between_password_and_code(
    app: Flask, person: Staff, app_secret: str
) -> None:
    browser = app.test_client()
    sign_in(browser, person.email)
    assert not is_in(browser)
    with browser.session_transaction() as cookies:
        cookies[KEY] = cookies[AWAITING]  # put where that of a sign-in is
    assert not is_in(browser)


def test_the_right_code_signs_in_and_goes_on_with_another_key(
    app: Flask, person: Staff, app_secret: str
) -> None:
    browser = app.test_client()
    query = {"next": "/desk/tasks"}
    step = sign_in(browser, person.email, query_string=query).location
    assert step == "/desk/sign-in/code?next=/desk/tasks"
    with browser.session_transaction() as cookies:
        before = cookies[AWAITING]
    assert browser.post(step, data={"code": code_now(app_secret)}).location == "/desk/tasks"
    assert is_in(browser)
    with browser.session_transaction() as cookies:
        assert AWAITING not in cookies
        assert cookies[KEY] != before
        cookies[KEY] = before
    assert not is_in(browser)


def test_a_code_works_once(
    app: Flask, person: Staff, app_secret: str, time: time_machine.Traveller
) -> None:
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        sign_in(browser, person.email)
    code = code_now(app_secret)
    assert [give_code(browser, code) for browser in (first, second)] == [302, 422]
    time.shift(STEP)
    assert give_code(second, code) == 422
    assert give_code(second, code_now(app_secret)) == 302


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)])
def test_a_code_is_right_for_its_own_half_minute_and_the_ones_beside(
    app: Flask,
    person: Staff,
    app_secret: str,
    time: time_machine.Traveller,
    steps: int,
    status: int,
) -> None:
    time.shift(10 * STEP)
    browser = app.test_client()
    sign_in(browser, person.email)
    assert give_code(browser, code_now(app_secret, steps)) == status


def test_wrong_codes_slow_the_next_in_any_browser(
    app: Flask, person: Staff, app_secret: str, time: time_machine.Traveller
) -> None:
    for _ in range(5):
        browser = app.test_client()
        sign_in(browser, person.email)
        assert give_code(browser, "000000") == 422
    assert give_code(browser, code_now(app_secret)) == 429
    time.shift(timedelta(seconds=31))
    assert give_code(browser, code_now(app_secret)) == 302


def test_the_second_step_is_over_after_ten_minutes(
    app: Flask, person: Staff, app_secret: str, time: time_machine.Traveller
) -> None:
    browser = app.test_client()
    sign_in(browser, person.email)
    time.shift(timedelta(minutes=10))
    code = {"code": code_now(app_secret)}
    assert browser.post("/desk/sign-in/code", data=code).location == "/desk/sign-in"
    assert browser.get("/desk/sign-in/code").location == "/desk/sign-in"


def test_each_recovery_code_signs_in_once(app: Flask, owner: FlaskClient, person: Staff) -> None:
    _, codes = set_up(owner)
    assert len(set(codes)) == 10
    for code, status in ((codes[3], 302), (codes[3], 422), (codes[7].lower(), 302)):
        browser = app.test_client()
        sign_in(browser, person.email)
        assert give_code(browser, code) == status
    assert "8 recovery codes are left" in owner.get("/desk/account").text


def test_new_recovery_codes_end_the_old_ones(app: Flask, owner: FlaskClient, person: Staff) -> None:
    _, old = set_up(owner)
    new = CODE.findall(owner.post("/desk/account/recovery-codes").text)
    assert (len(new), set(old) & set(new)) == (10, set())
    browser = app.test_client()
    sign_in(browser, person.email)
    assert [give_code(browser, code) for code in (old[0], new[0])] == [422, 302]


def test_secret_and_codes_are_not_kept_as_they_are(owner: FlaskClient) -> None:
    secret, codes = set_up(owner)
    db.session.rollback()
    assert secret not in db.session.scalars(select(TotpFactor.secret)).one()
    kept = list(db.session.scalars(select(RecoveryCode.code_hash)))
    assert all(each.startswith("$argon2id$") for each in kept)
    assert not [code for code in codes for each in kept if code in each]


def test_setting_up_and_removing_ask_once_more_who_is_there(signed_in: FlaskClient) -> None:
    assert signed_in.get("/desk/account/app").location.startswith("/desk/confirm")
    for step in ("app/begin", "app/confirm", "app/remove", "recovery-codes"):
        assert signed_in.post(f"/desk/account/{step}").location.startswith("/desk/confirm")
    assert list(db.session.scalars(select(TotpFactor))) == []


def test_who_removes_the_app_signs_in_with_the_password(
    app: Flask, owner: FlaskClient, person: Staff
) -> None:
    set_up(owner)
    owner.post("/desk/account/app/remove")
    assert sign_in(app.test_client(), person.email).location == "/desk/"


def test_a_manager_resets_it_for_who_lost_the_phone(
    app: Flask, owner: FlaskClient, person: Staff, time: time_machine.Traveller
) -> None:
    set_up(owner)
    manager = confirmed_browser(app, a_manager())
    page = f"/desk/people/{person.id}/second-factor"
    assert send(manager, form_on(manager, page, page), {}).location == f"/desk/people/{person.id}"
    assert not is_in(owner)
    assert sign_in(owner, person.email).location == "/desk/"
    statement = select(AuditEntry).filter_by(action="remove_second_factor")
    assert [entry.subject_id for entry in db.session.scalars(statement)] == [person.id]


def test_the_operator_resets_it_for_the_last_manager(
    app: Flask, owner: FlaskClient, person: Staff
) -> None:
    set_up(owner)
    run = app.test_cli_runner().invoke
    assert run(args=["staff", "reset-second-factor", person.email]).exit_code == 0
    assert sign_in(app.test_client(), person.email).location == "/desk/"


def test_a_role_that_needs_one_opens_nothing_before_it_is_set_up(
    app: Flask, person: Staff, client: FlaskClient
) -> None:
    app.config["SECOND_FACTOR_ROLES"] = f"{Role.MANAGER}, {Role.FRONT_DESK}"
    sign_in(client, person.email)
    for path in ("/desk/tasks", "/desk/account", "/desk/patients", "/desk/account/password"):
        assert client.get(path).location == "/desk/account/app"
    page = client.get("/desk/account/app").text
    assert "Your role signs in with a second factor" in page
    assert 'id="alerts"' not in page
    set_up(client)
    assert is_in(client)


def test_a_role_that_needs_none_is_asked_for_none(
    app: Flask, person: Staff, client: FlaskClient
) -> None:
    app.config["SECOND_FACTOR_ROLES"] = Role.MANAGER
    sign_in(client, person.email)
    assert is_in(client)


def test_a_wrong_password_asks_for_no_code(app: Flask, person: Staff, app_secret: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, person.email, "not this one").status_code == 422
    assert browser.get("/desk/sign-in/code").location == "/desk/sign-in"
    assert PASSWORD not in browser.get("/desk/sign-in").text
    assert clock.now() >= NOW
