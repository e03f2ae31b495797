"""How long a sign-in lasts, how often one may be tried, and which passwords are too easy."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(hours=12)  # a working day; then signing in again is asked for
SHORTEST_PASSWORD = 12
FREE_TRIES = 5  # wrong passwords in a row before the first wait
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
TRIES_KEPT = timedelta(days=1)  # after so long without one, failures are forgotten
SHORTEST_WORD = 3  # letters; shorter parts of a name say too little to look for
LEAST_BEYOND_OWN_WORDS = 8  # characters of a password besides names and the clinic's words


class PasswordFault(StrEnum):
    """Why a password is refused (ASVS 5.0, 6.2.1, 6.2.4 and 6.2.11)."""

    TOO_SHORT = "too_short"
    OWN_WORDS = "own_words"
    TOO_COMMON = "too_common"


def session_holds(
    signed_in_at: datetime,
    seen_at: datetime,
    ended_at: datetime | None,
    now: datetime,
    idle: timedelta,
) -> bool:
    """Tell whether a sign-in still counts: not ended, not idle too long (HIPAA 164.312(a)(2)(iii))."""
    return ended_at is None and now - seen_at < idle and now - signed_in_at < LONGEST


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: none at first, then 30 s, doubling."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 10)  # beyond ten the longest wait is long reached
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the words, casefolded, that `texts` (names, e-mail addresses) are made of."""
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold())}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def is_mostly(password: str, own_words: Iterable[str]) -> bool:
    """Tell whether too little of `password` is left without `own_words`, as in "scottsdale2026"."""
    rest = password.casefold()
    for word in sorted(own_words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(len(password), LEAST_BEYOND_OWN_WORDS)
