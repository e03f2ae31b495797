"""What seals the audit trail: an HMAC chain over its entries, under keys the database doesn't have."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SEAL_PURPOSE = b"audit seal"  # keeps a key made of the secret key apart from its other uses


@dataclass(frozen=True, slots=True)
class SealKeys:
    """Keys of the seals: the first seals, each verifies what it has sealed."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_settings(cls, audit_key: str, secret_key: str) -> "SealKeys":
        """Return the keys of `audit_key` (separated by commas), or one made of `secret_key`."""
        keys = tuple(key.strip().encode() for key in audit_key.split(",") if key.strip())
        derived_key = hmac.digest(secret_key.encode(), SEAL_PURPOSE, "sha256")
        return cls(keys or (derived_key,))

    @property
    def newest(self) -> bytes:
        """The key that seals."""
        return self.keys[0]

    def find(self, key_id: str) -> bytes | None:
        """Return the key that a seal names, or None when it isn't among them."""
        return next((key for key in self.keys if compute_key_id(key) == key_id), None)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of the chain: how many entries are sealed, and the newest seal's digest (hex)."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{self.count}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> "ChainHead":
        """Read a head as it was printed. Raises `ValueError`."""
        count, _, digest = text.strip().partition(":")
        if not count.isdecimal() or len(digest) != hashlib.sha256().digest_size * 2:
            raise ValueError(f"{text!r} is not a head, like 1042:9f86d0…")
        return cls(int(count), digest)


EMPTY_CHAIN = ChainHead(0, "")  # before the first seal


def staff_actor(staff_id: int) -> str:
    """Return how the trail names a member of staff who did something."""
    return f"staff:{staff_id}"


def parse_staff_actor(actor: str) -> int | None:
    """Return the id of the member of staff whom the trail names; None for a program or a patient."""
    kind, _colon, number = actor.partition(":")
    return int(number) if kind == "staff" and number.isdecimal() else None


def compute_key_id(key: bytes) -> str:
    """Return what names a key without giving it away (16 hex digits)."""
    return hmac.digest(key, b"key id", "sha256").hex()[:16]


def extend_chain(
    head: ChainHead, entries: Sequence[Sequence[Any]], sealed_at: datetime, key: bytes
) -> ChainHead:
    """Return the head after sealing `entries`, each the values of its columns.

    The digest covers the one before it and the running count, so that a cut, an insertion or
    a change anywhere before shows in every later one.
    """
    count = head.count + len(entries)
    digest = hmac.new(key, digestmod="sha256")
    digest.update(json.dumps([head.digest, count, sealed_at.isoformat()]).encode())
    for entry in entries:
        digest.update(json.dumps(list(entry), sort_keys=True, default=str).encode())
    return ChainHead(count, digest.hexdigest())
