"""Asking the API as other programs do."""

import copy
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from booking.extensions import db

BODY: dict[str, Any] = {
    "service": "consultation",
    "location": "ahwatukee",
    "start": "2026-12-01T10:00:00-07:00",
    "patient": {
        "given_name": "Test",
        "family_name": "Person",
        "birth_date": "1980-02-29",
        "phone": "+16025550123",
        "email": "person@example.com",
    },
    "screening": {
        "version": 1,
        "answers": {"danger": False, "psychosis": False, "pregnancy": False},
    },
    "sms_consent": True,
}


def body(**changed: Any) -> dict[str, Any]:
    """Return a body that books, with changes by dotted path (`patient__phone`)."""
    made = copy.deepcopy(BODY)
    for path, value in changed.items():
        *parents, last = path.split("__")
        place = made
        for parent in parents:
            place = place[parent]
        place[last] = value
    return made


def post(client: FlaskClient, sent: Any, key: str | None = "key-1") -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/v1/appointments", json=sent, headers=headers)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def slots(client: FlaskClient, query: str = "") -> TestResponse:
    stem = "/api/v1/slots?service=consultation&start=2026-12-01&end=2026-12-01"
    return client.get(stem + query)
