"""Requests are counted by customer, in all processes together."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import create_app
from booking.appointments.rules import MAX_HOLDS
from booking.db.transactions import transaction, was_commit_attempted
from booking.extensions import db
from booking.web import limits
from booking.web.limit_storage import DatabaseStorage, delete_old_windows
from booking.web.limits import client_address_key
from booking.web.models import RateWindow
from booking.web.page_language import SWITCH
from tests.builders import NOW, a_clinic
from tests.databases import settings_for
from tests.site.steps import hold


@pytest.fixture
def storage(app: Flask) -> Iterator[DatabaseStorage]:
    with time_machine.travel(NOW, tick=False):
        yield DatabaseStorage()


def test_a_window_counts_until_it_ends(storage: DatabaseStorage) -> None:
    assert [storage.incr("a", 60), storage.incr("a", 60), storage.incr("b", 60)] == [1, 2, 1]
    assert (storage.get("a"), storage.get_expiry("a")) == (2, NOW.timestamp() + 60)
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert storage.get("a") == 0
        assert storage.incr("a", 60) == 1


def test_windows_can_be_forgotten(storage: DatabaseStorage) -> None:
    storage.incr("a", 60)
    storage.incr("b", 120)
    delete_old_windows(NOW + timedelta(seconds=60))
    assert db.session.scalars(select(RateWindow.key)).all() == ["b"]
    storage.clear("b")
    assert storage.get("b") == 0
    storage.incr("a", 60)
    storage.reset()
    assert storage.get("a") == 0
    assert storage.check()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_after_a_count_alone_a_page_may_say_that_nothing_was_changed(
    storage: DatabaseStorage,
) -> None:
    storage.incr("a", 60)
    db.session.remove()
    assert storage.get("a") == 1
    assert not was_commit_attempted()


@transaction()
def count_and_fail(storage: DatabaseStorage) -> None:
    storage.incr("a", 60)
    raise LookupError


def test_a_count_inside_a_transaction_is_undone_with_it(storage: DatabaseStorage) -> None:
    with pytest.raises(LookupError):
        count_and_fail(storage)
    assert storage.get("a") == 0


def test_processes_count_together(app: Flask) -> None:
    a_clinic()
    settings = settings_for(app.config["DATABASE_URL"]) | {"LIMITS_STORAGE_URL": "database://"}
    statuses = []
    for _ in range(2):
        process = create_app(settings)
        browser = process.test_client()
        statuses += [browser.post("/book/call", data={}).status_code for _ in range(3)]
        with process.app_context():
            db.engine.dispose()
    assert statuses == [422] * 5 + [429]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_a_customers_addresses_count_as_one(
    sqlite_app: Flask, first: str, second: str, is_one: bool
) -> None:
    keys = []
    for address in (first, second):
        with sqlite_app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            keys.append(client_address_key())
    assert (keys[0] == keys[1]) is is_one
    assert first not in keys[0]


def test_an_address_that_many_share_may_do_ten_times_as_much(app: Flask) -> None:
    a_clinic()
    settings = settings_for(app.config["DATABASE_URL"]) | {
        "LIMITS_STORAGE_URL": "database://",
        "SHARED_ADDRESSES": "192.0.2.0/28, 2001:db8:1::/48",
    }
    process = create_app(settings)
    statuses = {
        address: [try_call(process, address) for _ in range(6)]
        for address in (
            "192.0.2.9",
            "::ffff:192.0.2.1",
            "2001:db8:1:9::7",
            "192.0.2.16",
            "2001:db8:2::1",
        )
    }
    with process.app_context():
        db.engine.dispose()
    shared, others = list(statuses.values())[:3], list(statuses.values())[3:]
    assert shared == [[422] * 6] * 3
    assert others == [[422] * 5 + [429]] * 2


def try_call(process: Flask, address: str) -> int:
    response = process.test_client().post(
        "/book/call", data={}, environ_overrides={"REMOTE_ADDR": address}
    )
    return response.status_code


def test_an_address_that_many_share_holds_ten_times_as_much(client: FlaskClient) -> None:
    client.application.config["SHARED_ADDRESSES"] = "127.0.0.1"
    with time_machine.travel(NOW, tick=False):
        a_clinic()
        browsers = [client.application.test_client() for _ in range(MAX_HOLDS + 1)]
        responses = [hold(browser, 9 + number) for number, browser in enumerate(browsers)]
    assert [response.status_code for response in responses] == [302] * (MAX_HOLDS + 1)


def test_switching_the_language_of_a_form_takes_none_of_its_tries(app: Flask) -> None:
    app.config["LIMITS_STORAGE_URL"] = "database://"
    limits.init_app(app)
    a_clinic()
    browser, who = app.test_client(), {"name": "Ana", "phone": "602 555 0123"}
    for language in ("es", "en") * 6:
        page = browser.post("/book/call", data={**who, SWITCH: language})
        assert (page.status_code, "602 555 0123" in page.text) == (200, True)
    assert browser.post("/book/call", data=who).status_code == 302
    assert db.session.scalars(select(RateWindow.count)).all() == [1, 1]  # a minute, an hour
