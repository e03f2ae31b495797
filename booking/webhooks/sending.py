"""Sending what endpoints are owed, until they have it: at least once, always under the same id.

Leased in one transaction, sent with none open, the result written in another. What was on its way when a
scheduler died is sent again once its lease has run out: the receiver knows it by its id.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update

from booking import clock
from booking.calendars import availability
from booking.calendars.deadlines import after_business_hours
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.extensions import db
from booking.messaging.provider_rules import parse_retry_after
from booking.public_addresses import BadAddress
from booking.public_http import NotAnswered, PostAnswer, post
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.operations import SUBJECT, stop_endpoint
from booking.webhooks.queries import lock_due_deliveries
from booking.webhooks.rules import (
    GONE,
    LONGEST_PAUSE,
    DeliveryStatus,
    StopReason,
    has_failed_long,
    is_delivered,
    next_try,
)
from booking.webhooks.signing import derive_secret, sign_headers

ACTOR = "webhooks"
LEASE = timedelta(minutes=2)  # longer than a batch takes: its size by how long one may take
LIMIT, THREADS = 20, 4
SEE_TO_WITHIN = timedelta(hours=8)  # of opening: somebody looks at an endpoint that fails

Post = Callable[[str, bytes, dict[str, str]], PostAnswer]


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery that is ours to send for a while."""

    id: int
    endpoint_id: int
    try_number: int
    url: str
    secret_seed: str
    event_id: str
    body: str


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What came of a try: a status, or why there is none."""

    delivery: LeasedDelivery
    status: int | None = None
    error_code: str | None = None
    retry_after: timedelta | None = None


def send_due_events(
    now: datetime, worker: str, secret_key: str, *, with_loopback: bool = False
) -> int:
    """Send what is due; return how many were taken on lease. Several workers may do so at once."""
    expire_deliveries(now)
    leased = lease_deliveries(now, worker)
    send = partial(post, with_loopback=with_loopback)
    with ThreadPoolExecutor(THREADS) as pool:
        for result in pool.map(partial(_attempt, secret_key=secret_key, send=send), leased):
            record_result(result, worker, clock.now())
    return len(leased)


@transaction()
def lease_deliveries(now: datetime, worker: str) -> list[LeasedDelivery]:
    """Take what is due for `worker` until its lease has run out."""
    leased = []
    for delivery, endpoint in lock_due_deliveries(now, LIMIT):
        delivery.status, delivery.tries = DeliveryStatus.SENDING, delivery.tries + 1
        delivery.claimed_by, delivery.claimed_until = worker, now + LEASE
        leased.append(
            LeasedDelivery(
                *(delivery.id, endpoint.id, delivery.tries, endpoint.url, endpoint.secret_seed),
                *(delivery.event_id, delivery.body),
            )
        )
    return leased


def _attempt(delivery: LeasedDelivery, secret_key: str, send: Post) -> DeliveryResult:
    now = clock.now()
    secret = derive_secret(secret_key, delivery.secret_seed)
    headers = sign_headers(secret, delivery.event_id, delivery.body, now)
    try:
        answer = send(delivery.url, delivery.body.encode(), headers)
    except (NotAnswered, BadAddress) as error:
        code = error.failure.value if isinstance(error, NotAnswered) else "bad address"
        return DeliveryResult(delivery, error_code=code)
    retry_after = parse_retry_after(answer.retry_after, now, LONGEST_PAUSE)
    return DeliveryResult(delivery, status=answer.status, retry_after=retry_after)


@transaction()
def record_result(result: DeliveryResult, worker: str, now: datetime) -> None:
    """Keep what came of a try. One whose lease another worker has taken by then counts if it arrived."""
    delivery = lock_row(WebhookDelivery, result.delivery.id)
    is_ours = (delivery.claimed_by, delivery.tries) == (worker, result.delivery.try_number)
    if delivery.status is not DeliveryStatus.SENDING:
        return
    endpoint = lock_row(WebhookEndpoint, delivery.endpoint_id)
    if is_delivered(result.status):
        delivery.status, delivery.finished_at = DeliveryStatus.DELIVERED, now
        delivery.status_code, delivery.error_code = result.status, None
        endpoint.failing_since = None
    elif is_ours:
        delivery.status, delivery.status_code = DeliveryStatus.PLANNED, result.status
        delivery.error_code = result.error_code
        delivery.send_at = next_try(delivery.tries, now, result.retry_after)
        _record_failure(endpoint, result.status, now)


def _record_failure(endpoint: WebhookEndpoint, status: int | None, now: datetime) -> None:
    """Stop an endpoint that wants no more, or has failed for days, and have somebody look at it."""
    endpoint.failing_since = endpoint.failing_since or now
    if status == GONE:
        stop_endpoint(endpoint.id, now, ACTOR, StopReason.GONE)
    elif has_failed_long(endpoint.failing_since, now):
        stop_endpoint(endpoint.id, now, ACTOR, StopReason.FAILING)
    else:
        return
    _open_task(endpoint.id, now)


@transaction()
def expire_deliveries(now: datetime) -> None:
    """Give up what was owed for days, and have somebody look at its endpoint."""
    late = update(WebhookDelivery).where(
        WebhookDelivery.status == DeliveryStatus.PLANNED, WebhookDelivery.expires_at <= now
    )
    given_up = late.values(status=DeliveryStatus.FAILED, finished_at=now)
    rows = db.session.execute(given_up.returning(WebhookDelivery.endpoint_id))
    for endpoint_id in sorted(set(rows.scalars())):
        _open_task(endpoint_id, now)


def _open_task(endpoint_id: int, now: datetime) -> None:
    locations = availability.current_catalogue().locations.values()
    due_at = after_business_hours(locations, now, SEE_TO_WITHIN).at
    tasks.open_task(TaskKind.MEND_CONTACT, Owner.FRONT_DESK, SUBJECT, endpoint_id, due_at, now)
