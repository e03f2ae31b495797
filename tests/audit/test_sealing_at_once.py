"""Two schedulers that seal at the same moment: the chain stays one line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from booking.audit import operations as audit
from booking.db import transaction
from booking.extensions import db
from tests.builders import NOW

SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)


def entry(minutes: int) -> None:
    audit.record("cli", "test", "thing", 1, NOW + timedelta(minutes=minutes))


def seal_elsewhere(app: Flask) -> int:
    """Seal as another process would, with a session of its own."""
    with app.app_context():
        try:
            return audit.seal(LATER)
        finally:
            db.session.remove()


@pytest.mark.parametrize("sealed_before", [0, 1])
def test_the_second_waits_and_goes_on_where_the_first_ended(app: Flask, sealed_before: int) -> None:
    entry(0)
    if sealed_before:
        audit.seal(SOON)
    entry(0)
    entry(5)  # settled for the second only
    with ThreadPoolExecutor(1) as other:
        with transaction():
            assert audit.seal(SOON) == 2 - sealed_before
            db.session.flush()
            second = other.submit(seal_elsewhere, app)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        assert second.result(15) == 1
    assert audit.verify() == 3
