"""Endpoints of other programs, what each is owed, and up to which change of each appointment."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.appointments.rules import Status
from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.webhooks.rules import MAX_URL_LENGTH, DeliveryStatus, EventKind, StopReason

# Written out, not bound: only then do both databases use the partial index.
UNSENT = text("status IN ('planned', 'sending')")


class WebhookEndpoint(Model):
    """Where a program is told of appointments. Its secret is made of `secret_seed`, and kept nowhere."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(MAX_URL_LENGTH))
    kinds: Mapped[list[str]] = mapped_column(JSON)  # rules.EventKind
    secret_seed: Mapped[str] = mapped_column(String(43))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since its last success
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_reason: Mapped[StopReason | None] = mapped_column(enum_column(StopReason))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def event_kinds(self) -> list[EventKind]:
        """What it is told of."""
        return [EventKind(kind) for kind in self.kinds]


class WebhookDelivery(Model):
    """One event owed to one endpoint, its body as it was when the change was seen, and what became of it."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        CheckConstraint(
            "status <> 'sending' OR claimed_until IS NOT NULL", name="sending_has_a_lease"
        ),
        Index("ix_webhook_delivery_due", "send_at", postgresql_where=UNSENT, sqlite_where=UNSENT),
        Index("ix_webhook_delivery_appointment", "appointment_id", "endpoint_id"),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[str] = mapped_column(String(43))  # the `webhook-id`, the same at each try
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE")
    )
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[DeliveryStatus] = mapped_column(enum_column(DeliveryStatus))
    send_at: Mapped[datetime] = mapped_column(UtcDateTime)  # a failure moves it
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None]  # of the last answer
    error_code: Mapped[str | None] = mapped_column(String(40))  # why there was none
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookSnapshot(Model):
    """An appointment as endpoints were last told of it, or would have been."""

    __tablename__ = "webhook_observation"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]  # the appointment's
    status: Mapped[Status] = mapped_column(enum_column(Status, "observed_status"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
