"""Two schedulers that seal at the same moment: the chain stays one line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.audit import operations as audit
from booking.audit.rules import SealKeys
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW

KEYS = SealKeys((b"a key of the tests",))
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)


def entry(minutes: int) -> None:
    audit.record("cli", "test", "thing", 1, NOW + timedelta(minutes=minutes))


def count_sealed(now: datetime) -> int:
    """Seal; return how many entries are sealed in all."""
    head = audit.seal_entries(now, KEYS)
    return head.count if head else 0


def seal_elsewhere(app: Flask) -> int:
    """Seal as another process would, with a session of its own."""
    with app.app_context():
        try:
            return count_sealed(LATER)
        finally:
            db.session.remove()


@pytest.mark.parametrize("sealed_before", [0, 1])
def test_the_second_waits_and_goes_on_where_the_first_ended(app: Flask, sealed_before: int) -> None:
    entry(0)
    if sealed_before:
        count_sealed(SOON)
    entry(0)
    entry(5)  # settled for the second only
    with ThreadPoolExecutor(1) as other:
        with transaction():
            assert count_sealed(SOON) == 2
            db.session.flush()
            second = other.submit(seal_elsewhere, app)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        assert second.result(15) == 3
    assert audit.verify_trail(KEYS).head.count == 3
