"""What other systems write of appointments and patients that stand, and of those that don't any more."""

from collections.abc import Iterable

from booking.importing.outcomes import RowRefused
from booking.patients.rules import normalize_name

# Words anywhere in a status, as `normalize_name` writes it: "Late Cancelled", "cancelado por el paciente".
CANCELLED = (
    *("cancel", "noshow", "noasisti", "didnot", "didnt", "missed", "absent", "reject", "declin"),
    *("denied", "delet", "archiv", "void", "expired", "withdrawn", "enteredinerror"),
)
STANDING = frozenset(
    (
        *("", "booked", "scheduled", "confirmed", "confirm", "unconfirmed", "notconfirmed"),
        *("notyetconfirmed", "pending", "pendingconfirmation", "awaitingconfirmation", "new"),
        *("active", "upcoming", "future", "planned", "reserved", "accepted", "approved", "open"),
        *("filled", "expected", "arrived", "show", "checkedin", "checkin"),
    )
)
LEFT = {
    "deceased there": ("deceas", "died"),
    "archived or deleted there": ("archiv", "delet", "merged", "duplicate"),
    "banned there": ("banned", "blocked"),
}
NO = frozenset({"no", "n", "false", "f", "0", "none", "never", "null", "n/a", "-", "–", "—"})
MAX_QUOTED = 40  # characters of an unknown status


def is_marked(texts: Iterable[str]) -> bool:
    """Tell whether cells of columns like "Canceled" or "Archived at" say so: with anything but a no."""
    return any(text.casefold() not in NO for text in texts)


def is_cancelled(statuses: Iterable[str]) -> bool:
    """Tell whether a status says that an appointment was cancelled, missed or never agreed to."""
    return any(word in normalize_name(status) for status in statuses for word in CANCELLED)


def require_standing(status: str) -> None:
    """Raise `RowRefused`, naming it, for a status of which we don't know that the appointment stands."""
    if normalize_name(status) not in STANDING:
        quoted = "".join(filter(str.isprintable, status))[:MAX_QUOTED]
        raise RowRefused(f'the status "{quoted}" isn\'t known')


def find_reason_left(statuses: Iterable[str]) -> str:
    """Return why somebody of these statuses is no patient there any more; "" for all others."""
    keys = [normalize_name(status) for status in statuses]
    reasons = (
        reason
        for reason, words in LEFT.items()
        if any(word in key for word in words for key in keys)
    )
    return next(reasons, "")
