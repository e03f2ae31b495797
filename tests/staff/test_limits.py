"""How often one address may try to sign in."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking import create_app
from booking.extensions import db
from booking.staff.models import Staff
from tests.databases import settings_for
from tests.staff.door import sign_in


@pytest.fixture
def limited(app: Flask) -> Iterator[FlaskClient]:
    """A browser of the app as it runs outside tests, with its limits."""
    settings = settings_for(app.config["DATABASE_URL"])
    made = create_app({**settings, "LIMITS_STORAGE_URL": "memory://"})
    yield made.test_client()
    with made.app_context():
        db.engine.dispose()


def try_others(browser: FlaskClient, times: int) -> list[int]:
    """Try one account after the other, so that only the address is counted."""
    return [
        sign_in(browser, f"{number}@example.com", "not this one").status_code
        for number in range(times)
    ]


def test_too_many_tries_from_one_address_are_told_to_wait(
    limited: FlaskClient, person: Staff
) -> None:
    assert try_others(limited, 11) == [422] * 10 + [429]
    refused = sign_in(limited, person.email)
    assert refused.status_code == 429
    assert "Too many tries" in refused.text
    assert "wait a minute" in refused.text
    assert int(refused.headers["Retry-After"]) <= 60


def test_waiting_a_minute_helps(
    limited: FlaskClient, person: Staff, time: time_machine.Traveller
) -> None:
    try_others(limited, 11)
    time.shift(61)
    assert sign_in(limited, person.email).status_code == 302


def test_one_who_tries_too_often_is_in_nobody_elses_way(
    limited: FlaskClient, person: Staff
) -> None:
    try_others(limited, 11)
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    assert sign_in(limited, person.email, environ_base=elsewhere).status_code == 302


def test_a_guest_of_the_same_network_does_not_lock_the_desk_out(
    limited: FlaskClient, person: Staff
) -> None:
    sign_in(limited, person.email)
    limited.post("/desk/sign-out")
    guest = limited.application.test_client()
    assert try_others(guest, 12)[-1] == 429
    assert sign_in(limited, person.email).status_code == 302


def test_sixty_tries_an_hour_are_enough(
    limited: FlaskClient, person: Staff, time: time_machine.Traveller
) -> None:
    for _ in range(60):
        assert sign_in(limited, person.email, "").status_code == 422
        time.shift(7)
    refused = sign_in(limited, person.email)
    assert refused.status_code == 429
    assert "Please wait 53 minutes" in refused.text
