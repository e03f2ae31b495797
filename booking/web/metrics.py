"""Figures for Prometheus: how pages are answered, how the outbox stands, whether a scheduler works.

What the web counts, a host's workers add up in files (gunicorn.conf.py); all else is read from the database
when it is asked for, so that every host says the same.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from time import perf_counter

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from booking import clock
from booking.access import Access, access
from booking.messaging.outbox_figures import OutboxFigures, read_outbox_figures
from booking.reminders.queries import read_scheduler_health
from booking.web.replica_reads import read_from_replica

blueprint = Blueprint("metrics", __name__)
REQUESTS = Counter(
    "booking_requests",
    "Requests answered, by view and status.",
    ("endpoint", "method", "status"),
    registry=None,
)
DURATIONS = Histogram(
    "booking_request_seconds",
    "How long answers took, by view.",
    ("endpoint",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=None,
)
NO_VIEW = "none"  # no address of ours: one label for whatever strangers try


def init_app(app: Flask) -> None:
    """Count each request, and how long its answer took."""
    app.before_request(start_clock)
    app.after_request(count_response)


def start_clock() -> None:
    """Note when the request began."""
    g.request_began = perf_counter()


def count_response(response: Response) -> Response:
    """Count an answer under its view: addresses hold patients' tokens and are no label."""
    endpoint = request.endpoint or NO_VIEW
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    if (began := g.get("request_began")) is not None:
        DURATIONS.labels(endpoint).observe(perf_counter() - began)
    return response


@blueprint.get("/metrics")
@access(Access.MONITORING)
@read_from_replica
def show_metrics() -> Response:
    """Answer whoever carries the token; without one in the settings there is no such page."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    require_bearer(str(token))
    registry = CollectorRegistry()
    registry.register(StateCollector(clock.now()))
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client has no type for it
    else:
        registry.register(REQUESTS)
        registry.register(DURATIONS)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def require_bearer(token: str) -> None:
    """Refuse a request without this bearer token, and say what is wanted (RFC 6750, 3).

    The scheme's case doesn't matter (RFC 9110, 11.1). Raises `Unauthorized`.
    """
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    is_known = compare_digest(credentials.strip(" ").encode(), token.encode())
    if scheme.lower() != "bearer" or not is_known:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "booking metrics"}))


class StateCollector(Collector):
    """What the database says at one moment, as gauges."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return each gauge; a scheduler that never ran has none."""
        outbox = read_outbox_figures(self.now)
        yield from _outbox_gauges(outbox, self.now)
        if last_seen_at := read_scheduler_health(self.now).last_seen_at:
            yield GaugeMetricFamily(
                "booking_scheduler_heartbeat_age_seconds",
                "Since any scheduler finished a tick.",
                (self.now - last_seen_at).total_seconds(),
            )


def _outbox_gauges(outbox: OutboxFigures, now: datetime) -> Iterator[GaugeMetricFamily]:
    counts = (
        ("owed", "Messages planned, whenever they are to go.", outbox.planned),
        ("due", "Messages whose time has come.", outbox.due),
        ("late", "Messages due for more than five minutes.", outbox.late),
        ("sending", "Messages under way, or interrupted and not settled yet.", outbox.sending),
        ("sent_last_hour", "Messages that a provider took in the last hour.", outbox.sent_recently),
        (
            "failed_last_hour",
            "Messages that failed, or ended unknown, in the last hour.",
            outbox.undelivered_recently,
        ),
    )
    for name, description, count in counts:
        yield GaugeMetricFamily(f"booking_messages_{name}", description, count)
    waited = (now - outbox.oldest_due).total_seconds() if outbox.oldest_due else 0
    yield GaugeMetricFamily(
        "booking_messages_oldest_due_seconds", "How long the longest-waiting has been due.", waited
    )
