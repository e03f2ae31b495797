"""A new password: which are refused, and what ends with the old one."""

from collections.abc import Collection
from datetime import datetime
from importlib import import_module

from sqlalchemy import delete

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.staff import operations, passwords, sign_in_attempts
from booking.staff.models import Staff, StaffDevice
from booking.staff.rules import SHORTEST_PASSWORD, PasswordWeakness, consists_mostly_of, split_words

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
CLINIC_WORDS = {
    "ketamine",
    "ketamina",
    "clinic",
    "clinica",
    "infusion",
    "infusiones",
    "booking",
    "lounge",
}


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
    # Not with the others above: its lists take megabytes, which few processes need
    guesses = import_module("zxcvbn").zxcvbn(password[:JUDGED], user_inputs=list(own_words))
    if guesses["score"] < LEAST_SCORE:
        raise WeakPassword(PasswordWeakness.TOO_COMMON)


@transaction()
def set_password(email: str, password: str, now: datetime, actor: str = "cli") -> None:
    """Set a member of staff's password, end their sign-ins and forget their browsers.

    Raises `LookupError`, `WeakPassword`.
    """
    person = operations.find_active_staff(email.strip().lower())
    if person is None:
        raise LookupError(email)
    replace_password(person, password, now, actor)


@transaction()
def replace_password(person: Staff, password: str, now: datetime, actor: str) -> None:
    """Let a person sign in with a new password only, anywhere anew. Raises `WeakPassword`."""
    require_strong_password(password, _own_words(person))
    person.password_hash = passwords.HASHER.hash(password)
    operations.end_sessions(person.id, now)
    db.session.execute(delete(StaffDevice).filter_by(staff_id=person.id))
    sign_in_attempts.reset_attempts(sign_in_attempts.attempt_counter_key(person.email, None, ""))
    audit.record(actor, "set_password", "staff", person.id, now)


def _own_words(person: Staff) -> set[str]:
    location_names = [
        f"{location.name} {location.address}" for location in locations.list_active_locations()
    ]
    return split_words([person.name, person.email, *location_names]) | CLINIC_WORDS
