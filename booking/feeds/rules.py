"""What a calendar feed shows: its days, and of a patient nothing but initials."""

from datetime import datetime, timedelta

PAST, AHEAD = timedelta(days=14), timedelta(days=92)  # of the appointments that a feed lists
REFRESH = timedelta(minutes=15)  # how often a calendar program is told to ask again (RFC 7986, 5.7)


def feed_span(now: datetime) -> tuple[datetime, datetime]:
    """Return the instants between which a feed's appointments begin, the last not included."""
    return now - PAST, now + AHEAD


def initials(given_name: str, family_name: str) -> str:
    """Return a person's initials, "T. P.": all that leaves the clinic about who comes (invariant 10)."""
    letters = (name.strip()[:1].upper() for name in (given_name, family_name))
    return " ".join(f"{letter}." for letter in letters if letter)
