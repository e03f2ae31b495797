"""A clinic that tells a program on this machine of its appointments."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from booking.webhooks.models import WebhookEndpoint
from booking.webhooks.operations import create_endpoint
from booking.webhooks.rules import SUBSCRIBED_KINDS
from tests.builders import NOW, Clinic, a_clinic
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def clinic(app: Flask) -> Iterator[Clinic]:
    with time_machine.travel(NOW, tick=False):
        yield a_clinic()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def endpoint(clinic: Clinic, receiver: Receiver) -> WebhookEndpoint:
    return create_endpoint(
        receiver.url, SUBSCRIBED_KINDS, clinic.front_desk.id, NOW, with_loopback=True
    )
