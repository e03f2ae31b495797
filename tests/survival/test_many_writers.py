"""Many processes on one SQLite file: nobody is told that it is locked, and nobody waits long to write.

`WRITING_SECONDS=60 WRITERS=8 make test TESTS=tests/survival/test_many_writers.py` is the long run.
"""

import os
from statistics import quantiles
from typing import Any

import pytest
from flask import Flask

from booking.extensions import db
from tests.builders import a_clinic
from tests.survival.callers import count_overlaps, first_day
from tests.survival.clients import ClientPlan, run_clients
from tests.survival.serial_model import Kind

SECONDS = float(os.environ.get("WRITING_SECONDS", "0"))
WRITERS = int(os.environ.get("WRITERS", "2"))
SHARE: dict[str, Any] = {"seconds": SECONDS} if SECONDS else {"operations": 15}
LONGEST = 2.0  # seconds that 99 writes in 100 take


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_writers_and_readers_at_once_wait_for_each_other_and_never_fail(app: Flask) -> None:
    a_clinic()
    db.session.remove()
    writers = [ClientPlan(n, 20, first_day(), looks=0, **SHARE) for n in range(WRITERS)]
    readers = [ClientPlan(100 + n, 20, first_day(), looks=1, **SHARE) for n in range(WRITERS)]
    seen = run_clients(str(app.config["DATABASE_URL"]), [*writers, *readers])
    assert [error for client in seen for error in client.errors] == []
    operations = [operation for client in seen for _, operation in client.operations]
    writes = [each.returned - each.invoked for each in operations if each.kind is not Kind.LOOK]
    assert len(writes) > 20
    if SECONDS:  # beside all other tests seconds mean nothing
        assert quantiles(writes, n=100)[-1] < LONGEST
    assert count_overlaps() == 0
