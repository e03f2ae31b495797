"""Reads that may be a second old come from the replica; nothing else does, and nobody waits for it."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from booking import create_app
from booking.access import Access, access
from booking.db.transactions import transaction
from booking.extensions import db
from booking.web import replica_reads
from booking.web.replica_reads import read_from_replica
from deploy.cluster.postgresql import Pair
from tests.builders import a_clinic
from tests.databases import settings_for
from tests.demo.loopback_builders import until
from tests.survival.pair import DATABASE, migrated_pair

WHERE = text("SELECT pg_is_in_recovery()")


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with migrated_pair() as both:
        yield both


@pytest.fixture(scope="module")
def app(pair: Pair) -> Iterator[Flask]:
    """The app on both, with views that say where they read."""
    replica_url = {"REPLICA_URL": pair.replica_url(DATABASE)}
    made = create_app({**settings_for(pair.primary_url(DATABASE)), **replica_url})

    @made.get("/where/replica")
    @access(Access.PUBLIC)
    @read_from_replica
    def on_replica() -> str:
        return str(db.session.scalar(WHERE))

    @made.get("/where/written")
    @access(Access.PUBLIC)
    @read_from_replica
    def in_transaction() -> str:
        with transaction():
            return str(db.session.scalar(WHERE))

    @made.get("/where/primary")
    @access(Access.PUBLIC)
    def on_primary() -> str:
        return str(db.session.scalar(WHERE))

    with made.app_context():
        a_clinic()
        yield made
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def where(app: Flask, page: str) -> str:
    response = app.test_client().get(f"/where/{page}")
    assert response.status_code == 200
    return response.text


def look_anew(app: Flask) -> None:
    """Forget what is known of the replica."""
    app.extensions.pop("replica_state", None)


def test_only_views_that_may_be_old_read_from_the_replica_and_never_in_a_transaction(
    app: Flask,
) -> None:
    pages = {page: where(app, page) for page in ("replica", "written", "primary")}
    assert pages == {"replica": "True", "written": "False", "primary": "False"}


@pytest.mark.parametrize("path", ["/book/time", "/api/v1/locations", "/api/v1/services"])
def test_pages_of_times_come_from_the_replica_whole(app: Flask, path: str) -> None:
    client = app.test_client()
    for _ in range(2):  # as it is made, then as it is kept
        assert client.get(path).status_code == 200
    assert app.extensions["replica_state"].keeps_up


def test_a_replica_that_goes_away_costs_nobody_an_answer_and_is_used_again(
    app: Flask, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica_reads, "AWAY_FOR", 0.2)
    assert where(app, "replica") == "True"
    pair.kill_replica()
    assert where(app, "replica") == "False"
    assert app.test_client().get("/book/time").status_code == 200
    pair.start_replica()
    time.sleep(0.2)
    until(lambda: where(app, "replica") == "True")


def test_a_replica_that_is_behind_is_not_read(
    app: Flask, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = str(replica_reads.KEEPS_UP).replace("15 seconds", "-1 second")
    monkeypatch.setattr(replica_reads, "KEEPS_UP", text(behind))
    look_anew(app)
    assert where(app, "replica") == "False"
    look_anew(app)


def test_after_the_replica_took_over_the_next_request_is_answered_by_it(
    app: Flask, pair: Pair
) -> None:
    """Connections to the server that takes no writes any more are given up, and the other one is found."""
    old = pair.primary
    assert where(app, "written") == "False"
    pair.processes.stop(old.name)
    pair.promote_replica()
    assert [where(app, page) for page in ("written", "primary")] == ["False"] * 2
    pair.start_replica()
