"""What two records become as one, and why they can't."""

from collections.abc import Collection, Mapping
from enum import StrEnum

Values = Mapping[str, str | None]  # of a record, by field, as its history keeps them
# What may stand differently in two records of one person, and staff choose
CHOOSABLE = (
    *("given_name", "family_name", "preferred_name", "birth_date"),
    *("phone", "email", "language", "time_zone"),
)
STRICTEST = "no"


class MergeObstacle(StrEnum):
    """Why two records can't be one as things stand."""

    MERGED_ALREADY = "merged_already"
    ERASED = "erased"
    SAME_TIME = "same_time"  # two appointments at once
    INFUSIONS_SAME_DAY = "infusions_same_day"
    INFUSIONS_TOO_CLOSE = "infusions_too_close"
    TWO_SERIES = "two_series"  # both have one that goes on
    BOTH_ASKED = "both_asked"  # both are asked about new times after one closure


class UndoObstacle(StrEnum):
    """Why a merge can't be undone as things stand."""

    UNDONE_ALREADY = "undone_already"
    MERGED_ON = "merged_on"  # the kept record was merged into another since


def list_conflicting_fields(survivor: Values, other: Values) -> list[str]:
    """Return the fields that staff choose between: both records have one, and not the same."""
    return [
        name
        for name in CHOOSABLE
        if survivor[name] != other[name] and survivor[name] is not None and other[name] is not None
    ]


def merge_values(
    survivor: Values, other: Values, taken_fields: Collection[str]
) -> dict[str, str | None]:
    """Return what the kept record says once another is merged into it.

    What it lacks it gets; of what differs, `taken_fields` become the other's. What is allowed on the phone
    is the stricter of both.
    """
    differing = list_conflicting_fields(survivor, other)
    values = {
        name: other[name]
        if survivor[name] is None or (name in taken_fields and name in differing)
        else survivor[name]
        for name in CHOOSABLE
    }
    for name in ("safe_to_text", "leave_voicemail"):
        values[name] = _stricter(survivor[name], other[name])
    return values


def _stricter(answer: str | None, other: str | None) -> str | None:
    return STRICTEST if STRICTEST in (answer, other) else answer or other
