"""What a calendar program asks."""

import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import NOW


def ask(client: FlaskClient, token: str, **headers: str) -> TestResponse:
    """Ask for a feed at NOW."""
    with time_machine.travel(NOW, tick=False):
        return client.get(f"/feeds/{token}.ics", headers=headers)
