"""What became of the rows of a file."""

import enum
from dataclasses import dataclass

ACTOR = "import"


class RowOutcome(enum.StrEnum):
    """What became of a row."""

    NEW = "new"
    HERE = "here already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """A row by its number in the file, what became of it, and why it was refused."""

    number: int
    outcome: RowOutcome
    reason: str = ""


class RowRefused(Exception):
    """A row can't become what it says; the message says why, without its words."""


class NotKept(Exception):
    """A dry run's end of a transaction."""
