"""The clinic that patients book at, on the builders' day."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.builders import NOW, Clinic, a_clinic


@pytest.fixture
def clinic(client: FlaskClient) -> Iterator[Clinic]:
    with time_machine.travel(NOW, tick=False):
        yield a_clinic()
