"""Managers set up which programs are told of visits, see what became of it, and send again by hand."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.rules import DeliveryStatus, EventKind
from booking.webhooks.signing import derive_secret
from tests.builders import NOW, Clinic
from tests.desk.page_forms import forms_on
from tests.desk.signed_in import sign_in
from tests.staff.managers import a_manager, confirm

LIST, URL = "/desk/webhooks", "https://hooks.example.com/clinic"


@pytest.fixture
def manager(app: Flask, clinic: Clinic) -> FlaskClient:
    return confirm(sign_in(app, a_manager()))


def press(
    browser: FlaskClient, page: str, action: str, typed: dict[str, object] | None = None
) -> TestResponse:
    """Send the form of a page that goes to an address."""
    form = next(each for each in forms_on(browser.get(page).text, page) if each.action == action)
    return browser.post(action, data={**form.hidden, **(typed or {})})


def set_up(manager: FlaskClient, **typed: object) -> TestResponse:
    return press(manager, LIST, LIST, {"url": URL, "kinds": ["appointment.booked"], **typed})


def endpoint() -> WebhookEndpoint:
    db.session.expire_all()
    return db.session.scalars(select(WebhookEndpoint)).one()


def test_an_address_is_set_up_with_a_secret_and_is_on_record(
    app: Flask, manager: FlaskClient
) -> None:
    response = set_up(manager)
    own = endpoint()
    assert response.location == f"{LIST}/{own.id}"
    assert (own.url, own.event_kinds) == (URL, [EventKind.BOOKED])
    page = manager.get(response.location).text
    assert derive_secret(app.config["SECRET_KEY"], own.secret_seed) in page
    assert "A visit is booked" in page
    (entry,) = db.session.scalars(select(AuditEntry).filter_by(subject_kind="webhook_endpoint"))
    assert (entry.action, entry.facts["host"]) == ("create", "hooks.example.com")
    assert "secret" not in str(entry.facts)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"url": "http://hooks.example.com/"}, "begins with https://"),
        ({"url": "https://10.0.0.1/hook"}, "is not on the internet"),
        ({"url": ""}, "begins with https://"),
        ({"url": "https://example.com/" + "x" * 600}, "too long"),
        ({"kinds": []}, "Choose what it is told of"),
        ({"kinds": ["webhook.test"]}, "Choose what it is told of"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    manager: FlaskClient, typed: dict[str, object], problem: str
) -> None:
    response = set_up(manager, **typed)
    assert response.status_code == 422
    assert problem in response.text
    assert f'value="{typed.get("url", URL)}"' in response.text
    assert db.session.scalars(select(WebhookEndpoint)).all() == []


def test_it_is_stopped_resumed_and_removed(manager: FlaskClient) -> None:
    set_up(manager)
    page = f"{LIST}/{endpoint().id}"
    for action, state in (("stop", "Stopped by hand"), ("resume", "Told")):
        assert press(manager, page, f"{page}/{action}").status_code == 302
        assert re.search(rf"<dd>{state}", manager.get(page).text)
    assert press(manager, page, f"{page}/remove").location == LIST
    assert manager.get(page).status_code == 404
    assert URL not in manager.get(LIST).text
    actions = [e.action for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert [a for a in actions if a in ("stop", "resume", "remove")] == ["stop", "resume", "remove"]


def test_a_test_is_sent_and_what_became_of_it_is_seen(manager: FlaskClient) -> None:
    set_up(manager)
    page = f"{LIST}/{endpoint().id}"
    press(manager, page, f"{page}/test")
    delivery = db.session.scalars(select(WebhookDelivery)).one()
    assert "Waits to be sent" in manager.get(page).text
    delivery.status, delivery.status_code, delivery.tries = DeliveryStatus.DELIVERED, 204, 1
    delivery.finished_at = NOW
    db.session.commit()
    assert "Delivered, answered 204" in manager.get(page).text
    event_id = delivery.event_id
    press(manager, page, f"{LIST}/deliveries/{delivery.id}/again")
    db.session.expire_all()
    again = db.session.scalars(select(WebhookDelivery)).one()
    assert (again.status, again.event_id) == (DeliveryStatus.PLANNED, event_id)


def test_invariant_15_an_outdated_page_changes_nothing_and_a_press_counts_once(
    manager: FlaskClient,
) -> None:
    set_up(manager)
    page = f"{LIST}/{endpoint().id}"
    form = next(
        each for each in forms_on(manager.get(page).text, page) if each.action.endswith("/stop")
    )
    sent = [manager.post(form.action, data=form.hidden).status_code for _ in range(2)]
    assert sent == [302, 302]
    press(manager, page, f"{page}/resume")
    test = next(
        each for each in forms_on(manager.get(page).text, page) if each.action.endswith("/test")
    )
    press(manager, page, f"{page}/stop")
    stale = manager.post(test.action, data=test.hidden)
    assert stale.status_code == 422
    assert db.session.scalars(select(WebhookDelivery)).all() == []
