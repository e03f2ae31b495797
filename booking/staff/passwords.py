"""Passwords: which are refused, and how they are kept (argon2id)."""

from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from booking.staff.rules import SHORTEST_PASSWORD, PasswordWeakness, consists_mostly_of, split_words

HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)  # OWASP's argon2id
NOBODY = HASHER.hash("nobody has this password")  # so that an unknown address takes as long
LEAST_SCORE = 3  # zxcvbn's "safely unguessable": more than 10^8 guesses
JUDGED = 72  # characters zxcvbn looks at; what comes after only makes a password stronger

# Words that passwords here are made of, in Spanish above all: zxcvbn's lists are English.
GUESSED_FIRST = split_words(
    [
        "contraseña clave segura seguro secreta secreto cámbiame bienvenida bienvenido bienvenidos",
        "hola usuario",
        "amor teamo tequiero familia princesa fútbol navidad primavera verano otoño invierno méxico",
        "salud médico doctor doctora enfermera enfermero hospital recepción",
        "password welcome sesame reception nurse spring summer autumn winter arizona phoenix",
    ]
)


class WeakPassword(ValueError):
    """A password is too easy to guess; `fault` says why."""

    def __init__(self, fault: PasswordWeakness) -> None:
        super().__init__(fault.value)
        self.fault = fault


def require_strong_password(password: str, own_words: Collection[str]) -> None:
    """Raise `WeakPassword` for a password that is short, common, or made of `own_words`.

    `own_words` are what a guesser tries first: the person's name and e-mail, the clinic's names.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(PasswordWeakness.TOO_SHORT)
    if consists_mostly_of(password, own_words):
        raise WeakPassword(PasswordWeakness.OWN_WORDS)
    if consists_mostly_of(password, GUESSED_FIRST):
        raise WeakPassword(PasswordWeakness.TOO_COMMON)
    if zxcvbn(password[:JUDGED], user_inputs=list(own_words))["score"] < LEAST_SCORE:
        raise WeakPassword(PasswordWeakness.TOO_COMMON)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the one kept; without one it takes the same work and is False."""
    try:
        HASHER.verify(password_hash or NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
