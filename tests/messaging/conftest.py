"""A provider to send to."""

import pytest

from tests.messaging.builders import ObedientSender


@pytest.fixture
def sender() -> ObedientSender:
    """A provider that accepts everything."""
    return ObedientSender()
