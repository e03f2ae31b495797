"""Setting up where programs are told of appointments, and sending by hand what they didn't get."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, update

from booking.appointments.rules import new_token
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.extensions import db
from booking.public_addresses import parse_public_url
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.queries import UNFINISHED, list_active_endpoints
from booking.webhooks.recording import (
    build_delivery,
    new_event_id,
    observe_all,
    record_events,
    write_test_body,
)
from booking.webhooks.rules import (
    GIVE_UP_AFTER,
    KEPT,
    MAX_URL_LENGTH,
    DeliveryStatus,
    EventKind,
    StopReason,
)

SUBJECT = "webhook_endpoint"  # of audit entries and tasks


@transaction()
def create_endpoint(
    url: str,
    kinds: Collection[EventKind],
    staff_id: int,
    now: datetime,
    *,
    with_loopback: bool = False,
) -> WebhookEndpoint:
    """Tell an address of events from now on. Raises `BadAddress`."""
    parts = parse_public_url(url, MAX_URL_LENGTH, with_loopback=with_loopback)
    _settle_earlier_changes(now)
    endpoint = WebhookEndpoint(
        url=parts.geturl(),
        kinds=[kind.value for kind in EventKind if kind in kinds],
        secret_seed=new_token(),
        created_at=now,
        created_by_id=staff_id,
    )
    db.session.add(endpoint)
    db.session.flush()
    audit.record(
        staff_actor(staff_id),
        "create",
        SUBJECT,
        endpoint.id,
        now,
        host=parts.hostname or "",
        kinds=",".join(endpoint.kinds),
    )
    return endpoint


def _settle_earlier_changes(now: datetime) -> None:
    """Owe what has changed so far to those who are told already: one that begins is told of the rest."""
    if list_active_endpoints():
        record_events(now)
    else:
        observe_all(now)


@transaction()
def stop_endpoint(
    endpoint_id: int, now: datetime, actor: str, reason: StopReason = StopReason.BY_HAND
) -> None:
    """Send nothing more to an endpoint; what it is owed waits, and goes when it is resumed in time."""
    endpoint = lock_row(WebhookEndpoint, endpoint_id)
    if endpoint.stopped_at is None:
        endpoint.stopped_at, endpoint.stop_reason = now, reason
        audit.record(actor, "stop", SUBJECT, endpoint.id, now, reason=reason.value)


@transaction()
def resume_endpoint(endpoint_id: int, staff_id: int, now: datetime) -> None:
    """Tell an endpoint again, of what it was owed and of what comes; not of what happened meanwhile."""
    endpoint = lock_row(WebhookEndpoint, endpoint_id)
    if endpoint.stopped_at is None:
        return
    _settle_earlier_changes(now)
    endpoint.stopped_at = endpoint.stop_reason = endpoint.failing_since = None
    tasks.close_fulfilled_task(TaskKind.MEND_CONTACT, SUBJECT, endpoint.id, now)
    audit.record(staff_actor(staff_id), "resume", SUBJECT, endpoint.id, now)


@transaction()
def remove_endpoint(endpoint_id: int, staff_id: int, now: datetime) -> None:
    """Tell an endpoint no more; what it was owed is dropped."""
    endpoint = lock_row(WebhookEndpoint, endpoint_id)
    if endpoint.removed_at is not None:
        return
    endpoint.removed_at = now
    owed = update(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.status.in_(UNFINISHED)
    )
    db.session.execute(owed.values(status=DeliveryStatus.DROPPED, finished_at=now))
    tasks.close_fulfilled_task(TaskKind.MEND_CONTACT, SUBJECT, endpoint.id, now)
    audit.record(staff_actor(staff_id), "remove", SUBJECT, endpoint.id, now)


@transaction()
def send_test(endpoint_id: int, staff_id: int, now: datetime) -> WebhookDelivery:
    """Owe an endpoint an event that says nothing."""
    endpoint = lock_row(WebhookEndpoint, endpoint_id)
    delivery = build_delivery(endpoint, new_event_id(), EventKind.TEST, write_test_body(now), now)
    db.session.add(delivery)
    db.session.flush()
    audit.record(staff_actor(staff_id), "test", SUBJECT, endpoint.id, now)
    return delivery


@transaction()
def redeliver(delivery_id: int, staff_id: int, now: datetime) -> None:
    """Send a delivery again, under the same id, for as long as a new one; one on its way stays."""
    delivery = lock_row(WebhookDelivery, delivery_id)
    if delivery.status in (DeliveryStatus.SENDING, DeliveryStatus.DROPPED):
        return
    delivery.status, delivery.send_at = DeliveryStatus.PLANNED, now
    delivery.expires_at, delivery.finished_at = now + GIVE_UP_AFTER, None
    audit.record(
        staff_actor(staff_id),
        "redeliver",
        SUBJECT,
        delivery.endpoint_id,
        now,
        event=delivery.event_id,
    )


@transaction()
def delete_old_deliveries(now: datetime) -> None:
    """Forget what became of deliveries long ago."""
    old = delete(WebhookDelivery).where(WebhookDelivery.finished_at < now - KEPT)
    db.session.execute(old)
