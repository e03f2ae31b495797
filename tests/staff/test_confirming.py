"""What others could misuse asks once more who is there, and a changed password ends every sign-in."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.access import SIGNED_IN
from booking.staff.models import Staff
from tests.desk.signed_in import sign_in as quick_sign_in
from tests.staff.door import PASSWORD, is_in, sign_in
from tests.staff.managers import a_manager, confirmed_browser

NEW_PASSWORD = "six more unrelated words here"


@pytest.fixture
def manager(app: Flask, person: Staff) -> FlaskClient:
    """A manager who is signed in, and has not said once more who they are."""
    return quick_sign_in(app, a_manager())


def test_inviting_asks_for_the_password_first_and_then_goes_on(manager: FlaskClient) -> None:
    asked = manager.get("/desk/people/new")
    assert asked.location == "/desk/confirm?next=/desk/people/new"
    assert manager.get(asked.location).status_code == 200
    assert manager.post(asked.location, data={"password": PASSWORD}).location == "/desk/people/new"
    assert manager.get("/desk/people/new").status_code == 200


def test_it_counts_for_five_minutes(
    app: Flask, person: Staff, time: time_machine.Traveller
) -> None:
    manager = confirmed_browser(app, a_manager())
    time.shift(timedelta(minutes=5) - timedelta(seconds=1))
    assert manager.get("/desk/people/new").status_code == 200
    time.shift(timedelta(seconds=1))
    assert manager.get("/desk/people/new").status_code == 302


def test_a_wrong_password_confirms_nothing_and_slows_the_next(manager: FlaskClient) -> None:
    for _ in range(5):
        wrong = manager.post("/desk/confirm", data={"password": "not this one"})
        assert (wrong.status_code, "not your password" in wrong.text) == (422, True)
    slowed = manager.post("/desk/confirm", data={"password": PASSWORD})
    assert (slowed.status_code, "Too many tries" in slowed.text) == (422, True)
    assert manager.get("/desk/people/new").status_code == 302


def test_what_changes_who_may_what_asks_for_it(app: Flask) -> None:
    """By name, so that one added later is noticed here."""
    asking = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "access", None) in SIGNED_IN
        and app.view_functions[rule.endpoint].needs_confirmation
    }
    assert asking == {
        *("staff.new_person", "staff.invite_person", "staff.confirm_link", "staff.make_link"),
        *("staff.choose_role", "staff.change_role"),
        *("staff.confirm_retire_person", "staff.retire_person"),
        *("staff.confirm_reset", "staff.reset_second_factor"),
        *("staff.show_app", "staff.begin_app", "staff.confirm_app", "staff.remove_app"),
        *("staff.edit_own_phone", "staff.save_own_phone", "staff.edit_phone", "staff.save_phone"),
        *("staff.edit_calendar", "staff.save_calendar_address", "staff.forget_calendar"),
        *("staff.edit_own_calendar", "staff.save_own_calendar", "staff.forget_own_calendar"),
        *("desk.confirm_erasure", "desk.erase_record"),
        *("desk.place_legal_hold", "desk.lift_legal_hold"),
        *("desk.list_webhooks", "desk.create_webhook", "desk.show_webhook", "desk.test_webhook"),
        *(
            "desk.stop_webhook",
            "desk.resume_webhook",
            "desk.remove_webhook",
            "desk.redeliver_event",
        ),
        *("staff.edit_new_passkey", "staff.begin_passkey", "staff.add_passkey"),
        *("staff.remove_passkey", "staff.make_recovery_codes"),
    }


def test_who_asks_without_having_confirmed_changes_nothing(
    manager: FlaskClient, person: Staff
) -> None:
    for step in ("role", "retire", "link"):
        answer = manager.post(f"/desk/people/{person.id}/{step}", data={"role": "manager"})
        assert answer.location.startswith("/desk/confirm")
    assert sign_in(manager, person.email).status_code == 302


def test_ones_own_password_is_changed_with_the_one_before(
    app: Flask, signed_in: FlaskClient, person: Staff
) -> None:
    other = app.test_client()
    sign_in(other, person.email)
    data = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert signed_in.post("/desk/account/password", data=data).location == "/desk/sign-in"
    assert (is_in(signed_in), is_in(other)) == (False, False)
    assert sign_in(other, person.email).status_code == 422
    assert sign_in(other, person.email, NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("not this one", NEW_PASSWORD, "This is not your password."),
        (PASSWORD, "short", "at least 12 characters"),
        (PASSWORD, "Password1234", "too easy to guess"),
        (PASSWORD, "", "Enter a password."),
    ],
)
def test_invariant_15_a_refused_change_leaves_the_password(
    signed_in: FlaskClient, person: Staff, before: str, after: str, why: str
) -> None:
    data = {"password": before, "new_password": after}
    refused = signed_in.post("/desk/account/password", data=data)
    assert (refused.status_code, why in refused.text) == (422, True)
    assert NEW_PASSWORD not in refused.text
    assert is_in(signed_in)
    assert sign_in(signed_in, person.email).status_code == 302
