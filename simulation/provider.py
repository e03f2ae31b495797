"""A provider of texts and mail that has calm days and storms, and keeps its own log of what it took."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from booking import clock
from booking.messaging.rules import Channel
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendFailed,
    SendReceipt,
)

CALM, STORM = 0.02, 0.4  # the share of attempts that go wrong
# How: refused for now twice as often as each of the others
TROUBLES = ("busy", "busy", "lost before", "lost after", "not a mobile number")


@dataclass(frozen=True, slots=True)
class AcceptedMessage:
    """What the provider took, and when by the simulation's clock (UTC); whether the sender heard of it."""

    provider_id: str
    at: datetime
    message: OutgoingMessage
    is_acknowledged: bool = True


@dataclass
class Provider:
    """Both senders in one. An attempt's fate depends on the seed, the message and how often it was tried."""

    seed: int
    trouble_share: float = CALM
    accepted: list[AcceptedMessage] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Take `message`, or make trouble: threads come in any order, so no common dice are thrown."""
        with self._lock:
            self.attempts[message.id] += 1
            dice = random.Random(f"{self.seed}/{message.id}/{self.attempts[message.id]}")
            trouble = dice.choice(TROUBLES) if dice.random() < self.trouble_share else None
            if trouble == "busy":
                raise SendFailed(False, "20429")
            if trouble == "not a mobile number" and message.channel is Channel.SMS:
                raise SendFailed(True, "21614")
            if trouble == "lost before":
                raise DeliveryUnknown("ReadTimeout")
            receipt = SendReceipt(f"SM{message.id}-{self.attempts[message.id]}")
            is_lost = trouble == "lost after"
            self.accepted.append(
                AcceptedMessage(receipt.provider_id, clock.now(), message, not is_lost)
            )
            if is_lost:
                raise DeliveryUnknown("ReadTimeout")
            return receipt

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Say which texts like this one it has; of mail nobody can say."""
        if message.channel is Channel.EMAIL:
            raise LookupUnsupported
        return [
            taken.provider_id
            for taken in self.accepted
            if taken.at >= since
            and taken.message.recipient == message.recipient
            and taken.message.body == message.body
        ]
