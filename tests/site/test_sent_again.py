"""A refusal that passes loses nothing that was typed, and never sends what another site wrote."""

from collections.abc import Mapping

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import exc
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from booking.appointments import hold_cleanup
from booking.tasks.models import Task
from tests.builders import NOW, Clinic, a_booking, local
from tests.desk.page_forms import PageForm, forms_on
from tests.desk.page_forms import send as send_form
from tests.site.steps import BIRTH, NO, YOU, answer, carried, count, hold, up_to_check

HERE = {"Referer": "http://localhost/book/you"}
ELSEWHERE = ["", "http://elsewhere.example/", "http://localhost.elsewhere.example/"]
CALL = {"name": "Ana <b>Vega", "phone": "602 555 0123"}


@pytest.fixture
def strict(app: Flask, clinic: Clinic) -> Flask:
    """The app as it is outside tests: it wants form tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def post(client: FlaskClient, path: str, typed: Mapping[str, str], referer: str) -> TestResponse:
    return client.post(path, data=typed, headers={"Referer": referer} if referer else {})


def offered(response: TestResponse) -> PageForm | None:
    """Return the form that a refusal offers to send again."""
    forms = forms_on(response.text, response.request.path)
    return forms[-1] if forms else None


def fail_with(app: Flask, error: Exception, times: int = 1) -> None:
    """Let the next requests fail."""
    left = [error] * times

    def refuse() -> None:
        if left:
            raise left.pop()

    app.before_request_funcs[None].append(refuse)


def test_a_form_without_its_cookie_is_sent_again_as_it_was(strict: Flask) -> None:
    browser = strict.test_client()
    refused = post(browser, "/book/call", CALL | {"csrf_token": "old"}, HERE["Referer"])
    assert refused.status_code == 400
    again = offered(refused)
    assert again
    assert (again.action, again.hidden["name"]) == ("/book/call", CALL["name"])
    assert "<b>" not in refused.text
    response = browser.post(again.action, data=again.hidden, headers=HERE)
    assert response.location == "/book/call/noted"
    assert count(Task) == 1


@pytest.mark.parametrize("referer", ELSEWHERE)
def test_what_another_site_wrote_is_never_a_tap_away(strict: Flask, referer: str) -> None:
    refused = post(strict.test_client(), "/book/call", CALL, referer)
    assert refused.status_code == 400
    assert offered(refused) is None
    assert "Vega" not in refused.text


@pytest.mark.parametrize(
    "error",
    [TooManyRequests(retry_after=120), exc.TimeoutError(), ZeroDivisionError("of ours")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("path", ["/book/you", "/book/safety", "/book/hold", "/book/call"])
def test_a_refusal_that_passes_keeps_what_was_typed(
    app: Flask, clinic: Clinic, path: str, error: Exception
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = app.test_client()
    typed = {**YOU, **CALL, **BIRTH, **NO, "start": local(10).isoformat()}
    fail_with(app, error)
    refused = post(browser, path, typed, HERE["Referer"])
    assert refused.status_code in (429, 500, 503)
    again = offered(refused)
    assert again
    assert again.action == path
    assert again.hidden.items() >= typed.items()


def test_details_sent_again_after_a_busy_moment_lead_on(
    app: Flask, client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    answer(client)
    typed = carried(client, "/book/you") | YOU
    fail_with(app, exc.TimeoutError())
    again = offered(post(client, "/book/you", typed, HERE["Referer"]))
    assert again
    assert client.post(again.action, data=again.hidden, headers=HERE).location == "/book/check"


@pytest.mark.parametrize("path", ["/desk/sign-in", "/book/call"])
def test_no_password_and_no_token_is_kept_in_a_page(app: Flask, clinic: Clinic, path: str) -> None:
    fail_with(app, exc.TimeoutError())
    typed = {"password" if "sign-in" in path else "csrf_token": "quiet-lantern"}
    refused = post(app.test_client(), path, typed, HERE["Referer"])
    assert refused.status_code == 503
    assert "quiet-lantern" not in refused.text


def drop_hold(client: FlaskClient) -> None:
    """Let what is held go, as it does after a day."""
    with client.session_transaction() as cookies:
        hold_cleanup.delete_hold(cookies["hold"], NOW)


def gone(client: FlaskClient, path: str, typed: Mapping[str, str]) -> PageForm:
    """Send a step's form once what was held is gone; return what the page offers instead."""
    window = carried(client, path)
    drop_hold(client)
    page = client.post(path, data=window | typed)
    assert page.status_code == 409
    again = offered(page)
    assert again
    assert again.action == "/book/hold"
    return again


def test_details_typed_for_a_hold_that_is_gone_fill_the_next_ones_form(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    answer(client)
    again = gone(client, "/book/you", YOU)
    page = client.post("/book/hold", data=again.hidden)
    assert page.status_code == 200
    (form,) = [
        page_form
        for page_form in forms_on(page.text, "/book/hold")
        if "shown-hold" in page_form.hidden
    ]
    assert form.action == "/book/you"
    assert [f'value="{YOU[name]}"' in page.text for name in YOU] == [True] * len(YOU)
    assert send_form(client, form, YOU).location == "/book/safety"
    assert answer(client).location == "/book/check"


def test_answers_given_for_a_hold_that_is_gone_fill_the_next_ones_form(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    again = gone(client, "/book/safety", BIRTH | NO | {"q-pregnancy": "yes"})
    page = client.post("/book/hold", data=again.hidden)
    assert page.status_code == 200
    assert 'value="1980"' in page.text
    assert page.text.count(" checked") == len(NO)
    assert 'id="q-pregnancy-yes" name="q-pregnancy" value="yes" checked' in page.text
    (form,) = [
        page_form
        for page_form in forms_on(page.text, "/book/hold")
        if "shown-hold" in page_form.hidden
    ]
    assert send_form(client, form, BIRTH | NO).location == "/book/you"


def test_what_was_typed_goes_with_each_other_time_too(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client)
    with time_machine.travel(NOW, tick=False) as clock:
        again = gone(client, "/book/you", YOU)
        clock.shift(700)
        a_booking(local(10), NOW.replace(minute=12))
        page = client.post("/book/hold", data=again.hidden)
        assert page.status_code == 409
        assert "What you typed goes with each" in page.text
        other = offered(page)
        assert other
        assert 'value="Person"' in client.post("/book/hold", data=other.hidden).text


def test_a_hold_swept_at_the_last_step_takes_the_same_time_again(
    client: FlaskClient, clinic: Clinic
) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    drop_hold(client)
    page = client.post("/book/check", data=window)
    again = offered(page)
    assert again
    assert set(again.hidden) == {"csrf_token", "location", "start"}
    assert client.post("/book/hold", data=again.hidden).location == "/book/safety"
