"""A provider that does as it is told, the scheduler that ticks by it, and the languages it is in."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from booking.languages import LANGUAGES
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import Tick, ticking


@pytest.fixture
def sender(app: Flask) -> ObedientSender:
    return ObedientSender()


@pytest.fixture
def tick(sender: ObedientSender) -> Tick:
    return ticking(sender)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, sqlite_app: Flask) -> Iterator[str]:
    """Each language that messages are written in, as a message's rendering sets it."""
    with force_locale(request.param):
        yield request.param
