"""The rules by which messages are owed, and up to which change of each appointment they were derived."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class ReminderPolicy(Model):
    """An immutable version of the reminder rules; `rules` as `rules.ReminderRule` data."""

    __tablename__ = "reminder_policy"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Derivation(Model):
    """The version of an appointment, and that of the rules, from which its messages were last derived."""

    __tablename__ = "derivation"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]
    policy_version: Mapped[int] = mapped_column(server_default="0")


class Heartbeat(Model):
    """When a scheduler last finished a tick; `/readyz` reads the newest."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
