"""A manager invites somebody by a link, which works once and lets them choose a password."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus
from booking.staff.models import Role, StaffInvitation
from tests.desk.page_forms import form_on, send
from tests.staff.door import PASSWORD, sign_in
from tests.staff.managers import LINK, NEW, actions, find_by_email, invite, submit


def test_who_is_invited_chooses_a_password_and_signs_in(app: Flask, manager: FlaskClient) -> None:
    token = invite(manager)
    newcomer = app.test_client()
    assert "Nora Quill" in newcomer.get(f"/desk/invitation/{token}").text
    chosen = newcomer.post(f"/desk/invitation/{token}", data={"new_password": PASSWORD})
    assert chosen.location == "/desk/sign-in"
    assert sign_in(newcomer, "nora@example.com").location == "/desk/"
    assert find_by_email("nora@example.com").role is Role.NURSE
    assert {"invite", "make_invitation", "set_password", "sign_in"} <= set(actions())


def test_a_link_works_once(app: Flask, manager: FlaskClient) -> None:
    token = invite(manager)
    first, second = app.test_client(), app.test_client()
    first.post(f"/desk/invitation/{token}", data={"new_password": PASSWORD})
    for answer in (
        second.get(f"/desk/invitation/{token}"),
        second.post(f"/desk/invitation/{token}", data={"new_password": "another long enough one"}),
    ):
        assert answer.status_code == 404
        assert "works no more" in answer.text
    assert sign_in(first, "nora@example.com").status_code == 302


def test_a_link_works_for_three_days(
    app: Flask, manager: FlaskClient, time: time_machine.Traveller
) -> None:
    token = invite(manager)
    time.shift(timedelta(days=3) - timedelta(seconds=1))
    assert app.test_client().get(f"/desk/invitation/{token}").status_code == 200
    time.shift(timedelta(seconds=1))
    assert app.test_client().get(f"/desk/invitation/{token}").status_code == 404


def test_a_new_link_ends_the_one_before(app: Flask, manager: FlaskClient) -> None:
    token, person = invite(manager), find_by_email("nora@example.com")
    page = f"/desk/people/{person.id}/link"
    renewed = submit(manager, page)
    new_token = LINK.search(renewed.text).group(1)
    statuses = [
        app.test_client().get(f"/desk/invitation/{each}").status_code for each in (token, new_token)
    ]
    assert statuses == [404, 200]


def test_a_link_is_shown_once_and_kept_as_its_digest_only(manager: FlaskClient) -> None:
    token = invite(manager)
    person = find_by_email("nora@example.com")
    assert token not in manager.get(f"/desk/people/{person.id}").text
    digests = list(db.session.scalars(select(StaffInvitation.token_digest)))
    assert digests != []
    assert token not in digests


def test_a_weak_password_is_refused_and_uses_nothing_up(app: Flask, manager: FlaskClient) -> None:
    token, newcomer = invite(manager), app.test_client()
    for weak, why in (("short", "12 characters"), ("Nora.Quill.2026", "your own name")):
        answer = newcomer.post(f"/desk/invitation/{token}", data={"new_password": weak})
        assert (answer.status_code, why in answer.text) == (422, True)
    assert newcomer.get(f"/desk/invitation/{token}").status_code == 200


@pytest.mark.parametrize("is_set", [True, False])
def test_invariant_10_the_link_is_mailed_in_neutral_words_where_mail_is_set_up(
    app: Flask, manager: FlaskClient, is_set: bool
) -> None:
    app.config["SMTP_URL"] = "console" if is_set else ""
    token = invite(manager)
    mails = list(db.session.scalars(select(Message).filter_by(kind="staff_invitation")))
    assert [(mail.recipient, token in mail.body) for mail in mails] == (
        [("nora@example.com", True)] if is_set else []
    )
    for mail in mails:
        said = f"{mail.subject} {mail.body}".lower()
        assert not [word for word in ("ketamin", "infusion", "clinic", "treat") if word in said]


def test_a_mail_not_yet_sent_is_taken_back_with_its_link(app: Flask, manager: FlaskClient) -> None:
    app.config["SMTP_URL"] = "console"
    invite(manager)
    person = find_by_email("nora@example.com")
    page = f"/desk/people/{person.id}/retire"
    send(manager, form_on(manager, page, page), {})
    db.session.rollback()
    assert list(db.session.scalars(select(Message.status))) == [MessageStatus.RETIRED]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": ""}, "Enter a name"),
        ({"email": "nora"}, "Enter an e-mail address"),
        ({"role": ""}, "Choose a role"),
        ({"email": "manager@example.com"}, "has this e-mail already"),
    ],
)
def test_invariant_15_a_wrong_invitation_says_why_and_keeps_what_was_typed(
    manager: FlaskClient, changed: dict[str, str], why: str
) -> None:
    answer = manager.post("/desk/people/new", data=NEW | changed)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert (NEW | changed)["email"] in answer.text
    assert find_by_email("nora@example.com") is None


def test_the_first_manager_is_invited_by_the_operator(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    command = ["staff", "invite", "first@example.com", "--name", "First Manager"]
    token = LINK.search(run(args=command).output).group(1)
    app.test_client().post(f"/desk/invitation/{token}", data={"new_password": PASSWORD})
    assert find_by_email("first@example.com").role is Role.MANAGER
    assert "somebody active has" in run(args=command).output
