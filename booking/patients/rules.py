"""Who is who: what a person tells of themselves, and when two records mean one person."""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

EARLIEST_BIRTH = date(1900, 1, 1)  # before it a year is mistyped
LONGEST_KEY = 80  # its column's length; one letter may become several, as ß does


@dataclass(frozen=True, slots=True)
class Contact:
    """What a person gives of themselves. `phone` in E.164; `phone` or `email` may be missing."""

    given_name: str
    family_name: str
    phone: str | None
    email: str | None
    language: str = "en"

    @property
    def whole_name(self) -> str:
        """The name as it is written, given name first."""
        return f"{self.given_name} {self.family_name}"

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Contact":
        """Read a contact from plain data, as kept under a hold."""
        return cls(**data)

    def as_data(self) -> dict[str, Any]:
        """Return the contact as plain data."""
        return asdict(self)


def name_key(name: str) -> str:
    """Return `name` as it is compared: no accents, no case, only letters and digits.

    So "O'Brien", "OBRIEN" and "o’brien" are one.
    """
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(letter for letter in plain.casefold() if letter.isalnum())
    return letters[:LONGEST_KEY]


def is_same_person(
    family_key: str,
    birth_date: date,
    phone: str | None,
    email: str | None,
    contact: Contact,
    contact_birth_date: date,
) -> bool:
    """Tell whether a record is matched online: family name + birth date + phone or e-mail (invariant 14)."""
    if family_key != name_key(contact.family_name) or birth_date != contact_birth_date:
        return False
    return _reached_alike(phone, email, contact)


def may_be_same_person(
    family_key: str | None,
    birth_date: date,
    phone: str | None,
    email: str | None,
    contact: Contact,
    contact_birth_date: date,
) -> bool:
    """Tell whether a record may be about someone: birth date + family name, phone or e-mail."""
    if birth_date != contact_birth_date:
        return False
    return family_key == name_key(contact.family_name) or _reached_alike(phone, email, contact)


def is_flagged_person(
    given_key: str | None,
    family_key: str | None,
    birth_date: date,
    phone: str | None,
    email: str | None,
    contact: Contact,
    contact_birth_date: date,
) -> bool:
    """Tell whether a flag may be about someone: birth date + name, phone or e-mail (invariant 14).

    The name is the whole of it, so that no flag stops everybody of a family name; one without a given name
    is older than that.
    """
    if birth_date != contact_birth_date:
        return False
    same_given = given_key in (None, name_key(contact.given_name))
    same_name = same_given and family_key == name_key(contact.family_name)
    return same_name or _reached_alike(phone, email, contact)


def _reached_alike(phone: str | None, email: str | None, contact: Contact) -> bool:
    same_phone = phone is not None and phone == contact.phone
    return same_phone or (email is not None and email == contact.email)
