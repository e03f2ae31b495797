"""What a program that watches the service is told: by its token alone, and true on every host."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from booking.messaging.operations import enqueue
from booking.reminders.operations import record_heartbeat
from tests.builders import NOW
from tests.messaging.builders import owed
from tests.server import ROOT

TOKEN = "not-guessed-by-anybody"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def watched(app: Flask) -> Flask:
    app.config["METRICS_TOKEN"] = TOKEN
    return app


def read_samples(app: Flask) -> dict[tuple[str, ...], float]:
    with time_machine.travel(NOW, tick=False):
        answer = app.test_client().get("/metrics", headers=HEADERS)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(app: Flask) -> None:
    assert app.test_client().get("/metrics").status_code == 404
    bearer = {"Authorization": "Bearer "}
    assert app.test_client().get("/metrics", headers=bearer).status_code == 404


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", TOKEN, "Bearer é", f"Basic {TOKEN}"]
)
def test_who_does_not_carry_the_token_is_told_nothing(
    watched: Flask, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = watched.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="booking metrics"'
    assert "booking_" not in answer.text


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_a_schemes_case_does_not_matter(watched: Flask, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    assert watched.test_client().get("/metrics", headers=headers).status_code == 200


def test_the_outbox_is_counted(watched: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        for number, since_due in enumerate((-60, 1, 11)):
            due_at = NOW - timedelta(minutes=since_due)
            enqueue(owed(topic=f"appointment:{number}", send_at=due_at, immediate=True), NOW)
        record_heartbeat("one", NOW - timedelta(seconds=30))
        record_heartbeat("two", NOW - timedelta(seconds=7))
    samples = read_samples(watched)
    assert samples["booking_messages_owed",] == 3
    assert samples["booking_messages_due",] == 2
    assert samples["booking_messages_late",] == 1
    assert samples["booking_messages_oldest_due_seconds",] == 660
    assert samples["booking_messages_sent_last_hour",] == 0
    assert samples["booking_scheduler_heartbeat_age_seconds",] == 7


def test_requests_are_counted_by_view_and_never_by_address(watched: Flask) -> None:
    before = read_samples(watched)
    client = watched.test_client()
    client.get("/healthz")
    client.get("/a/secret-token-of-a-patient")
    client.get("/wp-login.php")
    after = read_samples(watched)
    for name, method, status in (("health.healthz", "GET", "200"), ("none", "GET", "404")):
        counted = ("booking_requests_total", name, method, status)
        assert after[counted] - before.get(counted, 0) == 1
    took = ("booking_request_seconds_count", "health.healthz")
    assert after[took] - before.get(took, 0) == 1
    assert not any("secret" in part or "wp-login" in part for key in after for part in key)


def test_the_alerts_are_made_of_figures_that_are_told(watched: Flask) -> None:
    record_heartbeat("one", NOW)
    told = {key[0] for key in read_samples(watched)}
    alerts = (ROOT / "deploy" / "prometheus-rules.yml").read_text()
    figures = set(re.findall(r"booking_\w+", alerts))
    assert len(figures) >= 6
    assert figures - told == set()
