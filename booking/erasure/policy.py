"""How long the clinic keeps what, as its settings say."""

from collections.abc import Mapping
from typing import Any

from booking.erasure.rules import RetentionPolicy

KINDS = ("RECORD", "MESSAGE", "DRAFT")


def parse_policy(config: Mapping[str, Any]) -> RetentionPolicy:
    """Return the clinic's policy."""
    return RetentionPolicy(*(config[f"RETAIN_{kind}_YEARS"] for kind in KINDS))
