"""How long sign-ins and invitations last, how often one may be tried, which passwords are too easy."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

MAX_SESSION = timedelta(hours=12)  # a working day; then signing in again is asked for
CONFIRMED_FOR = timedelta(minutes=5)  # after saying once more who one is (ASVS 5.0, 7.5.1)
AWAITED_FOR = timedelta(minutes=10)  # between the password and the second factor
CHALLENGE_LIFETIME = timedelta(minutes=5)  # for a browser to answer with a passkey
CODE_STEP = 30  # seconds for which an app shows a code (RFC 6238, 4.1)
CODE_DIGITS = 6
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
RECOVERY_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another; 4.9 bits each
INVITATION_LIFETIME = timedelta(days=3)  # over a weekend
SHORTEST_PASSWORD = 12
FREE_TRIES = 5  # wrong passwords in a row before the first wait
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
FAILURE_RETENTION = timedelta(days=1)  # after so long without one, failures are forgotten
SHORTEST_WORD = 3  # letters; shorter parts of a name say too little to look for
LEAST_BEYOND_OWN_WORDS = 8  # letters of a password besides names and the clinic's words
SIGNS = str.maketrans("013457@$!|+", "oieastasiit")  # how letters are often written

# In the order in which they are looked for: each of the first also names the later ones
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "FxiOS": "Firefox",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


class PasswordWeakness(StrEnum):
    """Why a password is refused (ASVS 5.0, 6.2.1, 6.2.4 and 6.2.11)."""

    TOO_SHORT = "too_short"
    OWN_WORDS = "own_words"
    TOO_COMMON = "too_common"


def is_session_valid(
    signed_in_at: datetime,
    seen_at: datetime,
    ended_at: datetime | None,
    now: datetime,
    idle: timedelta,
) -> bool:
    """Tell whether a sign-in still counts: not ended, not idle too long (HIPAA 164.312(a)(2)(iii))."""
    return ended_at is None and now - seen_at < idle and now - signed_in_at < MAX_SESSION


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Tell whether somebody has lately said once more who they are: what sensitive changes ask for."""
    return confirmed_at is not None and now - confirmed_at < CONFIRMED_FOR


def describe_device(user_agent: str) -> tuple[str, str]:
    """Return the names of browser and system that a User-Agent gives; empty where it gives none."""
    return _first_named(user_agent, BROWSERS), _first_named(user_agent, SYSTEMS)


def _first_named(user_agent: str, names: Mapping[str, str]) -> str:
    return next((name for sign, name in names.items() if sign in user_agent), "")


def is_one_time_code(text: str) -> bool:
    """Tell whether a text has the form of an app's code."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit()


def new_recovery_code(choose: Callable[[str], str]) -> str:
    """Return a code of letters chosen at random, in two halves."""
    letters = "".join(choose(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH))
    return f"{letters[: RECOVERY_LENGTH // 2]}-{letters[RECOVERY_LENGTH // 2 :]}"


def normalize_recovery_code(text: str) -> str:
    """Return a recovery code without case, hyphens and spaces."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def parse_words(text: str) -> list[str]:
    """Return the words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def sign_in_delay(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: none at first, then 30 s, doubling."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 10)  # beyond ten the longest wait is long reached
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def split_words(texts: Iterable[str]) -> set[str]:
    """Return the words, as they are compared, that `texts` (names, e-mail addresses) are made of."""
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", _plain(text))}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def consists_mostly_of(password: str, words: Collection[str]) -> bool:
    """Tell whether too little of `password` is left without `words`, as in "scottsdale2026".

    Words are found written backwards and with signs for letters, as in "$c0tt5d4l3". Once one is found,
    only letters count for the rest: a year is guessed with any name.
    """
    letters = _plain(password)
    spellings = [
        letters.translate(signs) for signs in (SIGNS, SIGNS | {ord("1"): "l", ord("!"): "l"})
    ]
    covered = {at for text in (letters, *spellings) for at in _covered(text, words)}
    uncovered = sum(letter.isalpha() for at, letter in enumerate(letters) if at not in covered)
    return bool(covered) and uncovered < LEAST_BEYOND_OWN_WORDS


def _covered(text: str, words: Collection[str]) -> set[int]:
    """Return which characters of `text` belong to one of `words`, read forwards or backwards."""
    either = {spelling for word in words for spelling in (word, word[::-1])}
    return {
        at
        for word in either
        for match in re.finditer(f"(?={re.escape(word)})", text)
        for at in range(match.start(), match.start() + len(word))
    }


def _plain(text: str) -> str:
    """Return a text without case and accents, letter by letter."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
