"""What an examination says of each part."""

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # works, and may not for long or not for all
    FAULT = "fault"  # patients notice, or will


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one part, and what to do about it; nothing is to be done where it is fine."""

    part: str
    severity: Severity
    text: str
    advice: str = ""


def fine(part: str, text: str) -> Finding:
    """Return that a part works."""
    return Finding(part, Severity.OK, text)


def warn(part: str, text: str, advice: str) -> Finding:
    """Return that a part may not work for long, or not for all."""
    return Finding(part, Severity.WARNING, text, advice)


def fault(part: str, text: str, advice: str) -> Finding:
    """Return that a part doesn't work."""
    return Finding(part, Severity.FAULT, text, advice)
