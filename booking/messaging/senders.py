"""What the outbox asks of a provider, whoever it is."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TextIO, runtime_checkable

from booking.messaging.rules import Channel


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What a provider needs to know. `id` is ours, stable over every attempt.

    `stop_token` is in the link by which e-mails like this one are stopped; empty where there is no such.
    """

    id: int
    channel: Channel
    recipient: str
    subject: str
    body: str
    attachment: str | None = None
    attachment_type: str | None = None
    language: str = "en"
    stop_token: str = ""

    @classmethod
    def from_message(cls, row: Any) -> "OutgoingMessage":
        """Return what a provider needs to know of a message's row."""
        return cls(
            id=row.id,
            channel=row.channel,
            recipient=row.recipient,
            subject=row.subject,
            body=row.body,
            attachment=row.attachment,
            attachment_type=row.attachment_type,
            language=row.language,
        )


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """The provider accepted the message under this id."""

    provider_id: str


class SendFailed(Exception):
    """The provider surely did not accept the message. `permanent`: nor will it ever."""

    def __init__(self, permanent: bool, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.permanent = permanent
        self.code = code
        self.retry_after = retry_after  # how long the provider asks to be left alone


class DeliveryUnknown(Exception):
    """The provider may have accepted the message: it is asked before anything is sent again."""

    def __init__(self, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after  # as above


class LookupUnsupported(Exception):
    """The provider can never say what it has: nothing is sent again."""


class MessageSender(Protocol):
    """A provider. One instance may be used by several threads."""

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Hand `message` over. Raises `SendFailed` or `DeliveryUnknown`."""

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Return the ids of what the provider has like `message`, accepted at `since` or later.

        The same text to the same recipient may be there several times: the caller knows which ids
        are other messages'. Raises `LookupUnsupported` when it never can, and `DeliveryUnknown` when not now.
        """


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How a message fares, in the provider's words, and its error code, if any."""

    status: str
    error_code: str | None


@runtime_checkable
class StatusSource(Protocol):
    """A provider that can be asked how a message fares that it took."""

    def read_status(self, provider_id: str) -> DeliveryReport:
        """Return how it fares. Raises `DeliveryUnknown` when it can't say now."""


CONSOLE = "console"  # in place of a provider's account or address: print what would be sent


class ConsoleSender:
    """Prints what would be sent, for development: never to a log."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream = stream

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Print `message`."""
        print(f"{message.channel} to {message.recipient}", file=self.stream)
        print(
            *filter(None, (message.subject, message.body)),
            sep="\n",
            file=self.stream,
            flush=True,
        )
        return SendReceipt(f"console-{message.id}")

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """A terminal can't be asked."""
        raise LookupUnsupported
