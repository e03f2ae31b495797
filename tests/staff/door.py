"""The sign-in page, as a browser uses it."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a password for tests"


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    """Send the form."""
    return client.post("/desk/sign-in", data={"email": email, "password": password}, **more)


def is_in(client: FlaskClient) -> bool:
    """Tell whether a page of the desk opens."""
    return client.get("/desk/tasks").status_code == 200
