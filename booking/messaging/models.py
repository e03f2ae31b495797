"""The outbox: messages owed, attempts to send them, opt-outs by number, texts received."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus, ReplyMeaning

# Written out, not bound: only then do both databases use the partial index.
PLANNED = text("status = 'planned'")
SENDING = text("status = 'sending'")
SENT = text("sent_at IS NOT NULL")
UNREPORTED = text("status = 'sent' AND channel = 'sms'")
UNREAD = text("read_at IS NULL")
UNDELIVERED = text("status IN ('failed', 'unknown')")


class Message(Model):
    """One text or e-mail owed to one person, from the moment it is planned to what became of it.

    The topic is opaque here ("appointment:12"); revision, kind, channel and recipient make the
    message unique within it. `person` is opaque too ("patient:12"): limits count persons, whose number
    others may share. Subject and body are as they stood when planned, and once it is being sent as they
    are sent. Nothing is sent from `expires_at` on.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint(
            "topic",
            "revision",
            "kind",
            "channel",
            "recipient",
            name="uq_message_owed_once",
        ),
        CheckConstraint("status <> 'skipped' OR reason IS NOT NULL", name="skipped_for_a_reason"),
        CheckConstraint(
            "status <> 'sending' OR claimed_until IS NOT NULL",
            name="sending_has_a_lease",
        ),
        Index("ix_message_due", "send_at", postgresql_where=PLANNED, sqlite_where=PLANNED),
        Index(
            "ix_message_leased",
            "claimed_until",
            postgresql_where=SENDING,
            sqlite_where=SENDING,
        ),
        Index(
            "ix_message_undelivered",
            "failed_at",
            postgresql_where=UNDELIVERED,
            sqlite_where=UNDELIVERED,
        ),
        Index("ix_message_sent", "sent_at", postgresql_where=SENT, sqlite_where=SENT),
        Index(
            "ix_message_unreported",
            "sent_at",
            postgresql_where=UNREPORTED,
            sqlite_where=UNREPORTED,
        ),
        Index("ix_message_recipient", "recipient", "id"),
        Index("ix_message_person", "person", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    recipient: Mapped[str] = mapped_column(String(254))  # E.164 number or e-mail address
    # The recipient itself, if nobody is known.
    person: Mapped[str] = mapped_column(String(254), server_default="")
    # What its words are made of; only whoever owes it reads that.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    subject: Mapped[str] = mapped_column(Text, default="")  # e-mail only
    body: Mapped[str] = mapped_column(Text)
    attachment: Mapped[str | None] = mapped_column(Text)
    attachment_type: Mapped[str | None] = mapped_column(String(80))  # a MIME type with parameters
    language: Mapped[str] = mapped_column(String(8))
    time_zone: Mapped[str] = mapped_column(String(64))  # IANA name, where the recipient is
    immediate: Mapped[bool] = mapped_column(default=False)  # answers what the person just did
    send_at: Mapped[datetime] = mapped_column(UtcDateTime)  # a retry moves it
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[MessageStatus] = mapped_column(enum_column(MessageStatus, "status"))
    reason: Mapped[str | None] = mapped_column(String(40))  # why it was not sent: rules.Reason
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    error_code: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # also set while being sent
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # or given up as unknown
    # Of the ages at which the provider is asked how it fares, those that are over.
    ages_asked_at: Mapped[int] = mapped_column(default=0, server_default="0")


class Attempt(Model):
    """One attempt at sending, with the words it was made with.

    Without an outcome it is under way or was interrupted.
    """

    __tablename__ = "attempt"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(enum_column(AttemptOutcome))
    provider_id: Mapped[str | None] = mapped_column(String(255))
    error_code: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(Text)  # none was kept before revision 0008
    body: Mapped[str | None] = mapped_column(Text)


class OptOut(Model):
    """A number that said STOP, and when; lifted by START. The row stays, as the number's record."""

    __tablename__ = "opt_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(String(32), unique=True)  # E.164
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(40))  # "inbound" or "provider 21610"
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EmailPreference(Model):
    """An e-mail address that reminders went to, the token by which they are stopped, and whether they were.

    It covers the address, whoever reads it. Answers to what somebody just did go on.
    """

    __tablename__ = "email_preference"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254), unique=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)  # the proof, in the link
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InboundMessage(Model):
    """A text that someone sent us, once by the provider's id, and what it was taken to mean."""

    __tablename__ = "inbound"
    __table_args__ = (
        Index("ix_inbound_sender", "sender", "received_at"),
        Index("ix_inbound_unread", "sender", postgresql_where=UNREAD, sqlite_where=UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    sender: Mapped[str] = mapped_column(String(32))  # E.164 or a short code
    recipient: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    # Pictures and files that came with it; they stay with the provider.
    media_count: Mapped[int] = mapped_column(default=0, server_default="0")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    meaning: Mapped[ReplyMeaning] = mapped_column(enum_column(ReplyMeaning, "meaning"))
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # or dealt with by the program
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Restoration(Model):
    """A backup made at `backed_up_at` that was restored. While any is unsettled, nothing is sent.

    What was planned in it may have been sent since, by the database that is lost.
    """

    __tablename__ = "restoration"

    id: Mapped[int] = mapped_column(primary_key=True)
    backed_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
