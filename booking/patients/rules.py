"""Who is who: what a person tells of themselves, and when two records mean one person."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

EARLIEST_BIRTH = date(1900, 1, 1)  # before it a year is mistyped
NOTE_EDITABLE = timedelta(minutes=10)
MAX_NAME_KEY_LENGTH = 80  # its column's length; one letter may become several, as ß does
MAX_PHONE_LENGTH = 32  # its column's length, with an extension
MAX_NAME_LENGTH = 80  # of a given or a family name, its column's length
SPELLING = 10  # marks of a lower combining class (nukta, virama, kana voicing) make another letter
# Control and format characters, line breaks, private use; the two joiners belong to Persian and Indic names.
UNWRITTEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"
VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))  # marks that choose a glyph, not a letter
BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"  # Hangul fillers: letters that show nothing
# "www.", "http", or a dot that runs on into a word, which phones and mail programs make a link of.
LINK = re.compile(r"https?\b|://|\bwww\.|[^\W_][.\u3002][^\W_]{2,}", re.IGNORECASE)


class InvalidName(ValueError):
    """The text can't be a name; `reason` is "empty", "long", "unwritten" or "link"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_name(text: str, longest: int = MAX_NAME_LENGTH) -> str:
    """Return a name as it is kept: composed (NFC), single spaces; raise `InvalidName`.

    It stands in messages, so it holds a letter, nothing invisible, no line break and no link.
    """
    name = re.sub(r" +", " ", unicodedata.normalize("NFC", text.strip()).replace("\xa0", " "))
    if any(_is_invisible(letter) for letter in name):
        raise InvalidName("unwritten")
    if not any(letter.isalpha() for letter in name):
        raise InvalidName("empty")
    if len(name) > longest:
        raise InvalidName("long")
    if LINK.search(unicodedata.normalize("NFKC", name)):
        raise InvalidName("link")
    return name


def _is_invisible(letter: str) -> bool:
    if letter in BLANK_LETTERS:
        return True
    return unicodedata.category(letter) in UNWRITTEN and letter not in JOINERS


@dataclass(frozen=True, slots=True)
class Contact:
    """What a person gives of themselves; `phone` or `email` may be missing.

    `phone` as `contacts.parse_phone` returns it: E.164, and the extension where there is one.
    """

    given_name: str
    family_name: str
    phone: str | None
    email: str | None
    language: str = "en"
    preferred_name: str | None = None  # what they want to be called, where it is another

    @property
    def full_name(self) -> str:
        """The name as it is written, given name first."""
        return f"{self.given_name} {self.family_name}"

    @property
    def greeting_name(self) -> str:
        """What the person is called in greetings."""
        return self.preferred_name or self.given_name

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Contact":
        """Read a contact from plain data, as kept under a hold."""
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Return the contact as plain data."""
        return asdict(self)


def is_note_editable(written_at: datetime, now: datetime) -> bool:
    """Tell whether a slip in a note may still be mended; later it is struck out, and another written."""
    return now - written_at < NOTE_EDITABLE


@dataclass(frozen=True, slots=True)
class ContactPreferences:
    """What a person allows on their phone, apart from consent; `leave_voicemail` is None until asked.

    Texts keep to the night where they live: `time_zone`, an IANA name, or None for that of the location.
    """

    safe_to_text: bool = True  # False: somebody else may read it, so nothing is texted
    leave_voicemail: bool | None = None
    time_zone: str | None = None


def strip_extension(phone: str) -> str:
    """Return the E.164 number of a phone that may carry an extension (+16025550123;ext=44)."""
    return phone.partition(";")[0]


def normalize_name(name: str) -> str:
    """Return `name` as it is compared: no accents, no case, only letters and digits.

    So "O'Brien", "OBRIEN" and "o’brien" are one.
    """
    decomposed = unicodedata.normalize("NFKD", name)
    letters = "".join(filter(_is_spelling, decomposed.casefold()))
    return letters[:MAX_NAME_KEY_LENGTH]


def _is_spelling(letter: str) -> bool:
    if letter.isalnum():
        return True
    is_mark = unicodedata.category(letter) in ("Mn", "Mc")
    return is_mark and letter not in VARIANTS and unicodedata.combining(letter) < SPELLING


def normalize_given_name(name: str) -> str:
    """Return a given name as it is compared: as `normalize_name`, and without middle initials.

    A first initial or a nickname is another name here: twins often share them.
    """
    first, *more_names = name.replace(".", " ").split() or [""]
    return normalize_name(
        " ".join(
            [first, *(name_part for name_part in more_names if len(normalize_name(name_part)) > 1)]
        )
    )


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """What a record says of who somebody is, as far as it is compared."""

    given_name: str
    family_key: str
    birth_date: date
    phone: str | None
    email: str | None


class MatchStrength(Enum):
    """How surely what was typed is about the person of a record."""

    SAME = "same"
    DOUBTFUL = "doubtful"  # a person has to look
    OTHER = "other"


def match_identity(record: IdentityRecord, contact: Contact, birth_date: date) -> MatchStrength:
    """Compare a record with what somebody typed (invariant 14).

    The same: both names, the birth date, and the phone or the e-mail. Doubtful when one of them differs:
    a twin on one phone, a new number and a new address, a new family name, a mistyped birth date.
    """
    signs = (
        normalize_given_name(record.given_name) == normalize_given_name(contact.given_name),
        record.family_key == normalize_name(contact.family_name),
        record.birth_date == birth_date,
        _reached_alike(record.phone, record.email, contact),
    )
    if all(signs):
        return MatchStrength.SAME
    return MatchStrength.DOUBTFUL if sum(signs) == len(signs) - 1 else MatchStrength.OTHER


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
    return family_key == normalize_name(contact.family_name) or _reached_alike(
        phone, email, contact
    )


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

    Given and family name must both match; of a flag from before given names were kept, the family name.
    """
    if birth_date != contact_birth_date:
        return False
    same_given = given_key in (None, normalize_name(contact.given_name))
    same_name = same_given and family_key == normalize_name(contact.family_name)
    return same_name or _reached_alike(phone, email, contact)


def _reached_alike(phone: str | None, email: str | None, contact: Contact) -> bool:
    if phone and contact.phone and strip_extension(phone) == strip_extension(contact.phone):
        return True
    return email is not None and email == contact.email
