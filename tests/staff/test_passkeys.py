"""Passkeys: one signs in by itself, for this site, once a challenge, and only as its owner."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect
from werkzeug.test import TestResponse

from booking.staff import people
from booking.staff.models import Staff
from booking.staff.second_factors import has_second_factor
from tests.builders import NOW
from tests.desk.page_forms import form_on
from tests.staff.authenticator import FLAG, Authenticator
from tests.staff.door import is_in
from tests.staff.managers import a_manager, actions, confirm, confirmed_browser
from tests.staff.test_second_factor import set_up

NEW, BEGIN = "/desk/account/passkeys/new", "/desk/account/passkeys/begin"
SIGN_IN = "/desk/sign-in/passkey"
HTTPS = "https://visits.test"
REFUSED = "This passkey is not known here."


@pytest.fixture
def owner(signed_in: FlaskClient) -> FlaskClient:
    """Somebody of the front desk who has said once more who they are."""
    return confirm(signed_in)


@pytest.fixture
def device(owner: FlaskClient) -> Authenticator:
    """A device whose passkey its owner has added."""
    device = Authenticator()
    assert add(owner, device).location == "/desk/account"
    return device


def begin(browser: FlaskClient, address: str = f"{SIGN_IN}/begin") -> dict[str, Any]:
    """Return the challenge that a browser is to answer."""
    challenge: dict[str, Any] = browser.post(address).json or {}
    return challenge


def add(browser: FlaskClient, device: Authenticator, name: str = "Phone") -> TestResponse:
    """Add a device's passkey."""
    answer = device.create(begin(browser, BEGIN))
    return browser.post(NEW, data={"name": name, "answer": answer})


def prove(browser: FlaskClient, device: Authenticator, **query: str) -> TestResponse:
    """Sign in with a device's passkey."""
    answer = device.get(begin(browser))
    return browser.post(SIGN_IN, data={"answer": answer}, query_string=query)


def test_a_passkey_signs_in_without_password_and_code(
    app: Flask, owner: FlaskClient, device: Authenticator, person: Staff
) -> None:
    set_up(owner)
    browser = app.test_client()
    assert has_second_factor(person.id)
    assert prove(browser, device, next="/desk/tasks").location == "/desk/tasks"
    assert actions()[-1] == "sign_in"
    assert is_in(browser)
    assert "Phone" in owner.get("/desk/account").text


@pytest.mark.parametrize(
    "wrong",
    [
        Authenticator(),  # another key of the same name
        Authenticator(credential_id=b"a credential nobody added"),
        Authenticator(origin="https://evil.example"),
        Authenticator(origin="http://127.0.0.1:8001"),
        Authenticator(flags=FLAG.UP),  # nobody proved to be its owner
        Authenticator(flags=FLAG.UV),
    ],
)
def test_what_proves_nothing_opens_nothing(
    app: Flask, device: Authenticator, wrong: Authenticator
) -> None:
    if wrong.origin != Authenticator.origin or wrong.flags != Authenticator.flags:
        wrong.key = device.key
    browser = app.test_client()
    refused = prove(browser, wrong)
    assert (refused.status_code, REFUSED in refused.text) == (422, True)
    assert not is_in(browser)
    assert actions()[-1] == "passkey_refused"


@pytest.mark.parametrize("answer", ["", "{", "[]", "{}", '{"rawId": 1}', "[" * 9000, '"text"'])
def test_nonsense_is_refused(app: Flask, device: Authenticator, answer: str) -> None:
    refused = app.test_client().post(SIGN_IN, data={"answer": answer})
    assert (refused.status_code, REFUSED in refused.text) == (422, True)


def test_a_challenge_is_answered_once_and_within_minutes(
    app: Flask, device: Authenticator, time: time_machine.Traveller
) -> None:
    browser = app.test_client()
    options = begin(browser)
    first, again = device.get(options), device.get(options)
    late = device.get(begin(browser))
    assert browser.post(SIGN_IN, data={"answer": first}).status_code == 302
    assert app.test_client().post(SIGN_IN, data={"answer": first}).status_code == 422
    assert app.test_client().post(SIGN_IN, data={"answer": again}).status_code == 422
    time.shift(timedelta(minutes=5, seconds=1))
    assert app.test_client().post(SIGN_IN, data={"answer": late}).status_code == 422


def test_a_challenge_that_was_answered_wrongly_is_used_up(
    app: Flask, device: Authenticator
) -> None:
    browser = app.test_client()
    options = begin(browser)
    wrong = Authenticator().get(options)
    assert browser.post(SIGN_IN, data={"answer": wrong}).status_code == 422
    assert browser.post(SIGN_IN, data={"answer": device.get(options)}).status_code == 422


def test_a_copy_of_a_key_is_noticed_by_its_count(app: Flask, device: Authenticator) -> None:
    assert prove(app.test_client(), device).status_code == 302
    copy = Authenticator(key=device.key, sign_count=0)
    assert prove(app.test_client(), copy).status_code == 422
    assert prove(app.test_client(), device).status_code == 302


def test_who_is_retired_has_no_passkey_that_opens(
    app: Flask, device: Authenticator, person: Staff
) -> None:
    manager = a_manager().id
    people.retire_person(person.id, NOW, manager)
    assert prove(app.test_client(), device).status_code == 422
    people.add_person(
        person.name, person.email, person.role, NOW, "test"
    )  # back, from another phone
    assert prove(app.test_client(), device).status_code == 422


def test_what_was_made_for_another_or_twice_is_not_added(
    app: Flask, owner: FlaskClient, device: Authenticator
) -> None:
    manager = confirmed_browser(app, a_manager())
    stolen = Authenticator(credential_id=b"made for the manager").create(begin(manager, BEGIN))
    for answer in (stolen, device.create(begin(owner, BEGIN))):
        refused = owner.post(NEW, data={"name": "Mine", "answer": answer})
        assert (refused.status_code, "made no passkey" in refused.text) == (422, True)
        assert 'value="Mine"' in refused.text


def test_a_removed_one_and_those_of_a_lost_phone_count_no_more(
    app: Flask, owner: FlaskClient, device: Authenticator, person: Staff
) -> None:
    manager = confirmed_browser(app, a_manager())
    assert manager.post("/desk/account/passkeys/1/remove").status_code == 404
    assert owner.post("/desk/account/passkeys/1/remove").location == "/desk/account"
    assert prove(app.test_client(), device).status_code == 422
    add(owner, other := Authenticator(credential_id=b"another"))
    from_page = f"/desk/people/{person.id}/second-factor"
    assert "1 passkey" in manager.get(f"/desk/people/{person.id}").text
    assert from_page in manager.get(f"/desk/people/{person.id}").text
    manager.post(from_page, data=form_on(manager, from_page, from_page).hidden)
    assert prove(app.test_client(), other).status_code == 422


def hand_on(client: FlaskClient, page: Page) -> None:
    """Let the browser talk to the app in this process, at the https address that a clinic would have."""

    def answer(route: Route) -> None:
        request, path = route.request, route.request.url.removeprefix(HTTPS)
        with client.application.app_context(), time_machine.travel(NOW, tick=False):
            said = client.open(
                path,
                method=request.method,
                data=request.post_data_buffer,
                content_type=request.headers.get("content-type"),
            )
        if said.location:  # Chromium asks nobody here for what a redirect of ours leads to
            there = f'<meta http-equiv="refresh" content="0; url={said.location}">'
            route.fulfill(content_type="text/html", body=there)
        else:
            route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.data)

    page.route("**/*", answer)


def add_device(page: Page) -> None:
    """Give the browser a device of its own that keeps passkeys and knows its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_a_browser_it_is_added_and_signs_in(app: Flask, owner: FlaskClient, page: Page) -> None:
    app.config["PUBLIC_URL"] = HTTPS
    add_device(page)
    hand_on(owner, page)
    page.goto(f"{HTTPS}{NEW}")
    page.get_by_label("What to call it").fill("Reception")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Reception", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert actions().count("sign_in") == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_browser_says_why_it_makes_no_passkey(app: Flask, owner: FlaskClient, page: Page) -> None:
    app.config["PUBLIC_URL"] = HTTPS
    add_device(page)
    hand_on(owner, page)
    page.goto(f"{HTTPS}{NEW}")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.goto(f"{HTTPS}{NEW}")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey of yours already")).to_be_visible()
    app.config["PUBLIC_URL"] = "https://192.0.2.7"
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("for none that is a number")).to_be_visible()
    expect(page.get_by_text("This device has a passkey of yours already")).to_be_hidden()
    owner.post("/desk/sign-out")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
