"""A provider that does as it is told, and the scheduler that ticks by it."""

import pytest
from flask import Flask

from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import Tick, ticking


@pytest.fixture
def sender(app: Flask) -> ObedientSender:
    return ObedientSender()


@pytest.fixture
def tick(sender: ObedientSender) -> Tick:
    return ticking(sender)
