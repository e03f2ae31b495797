"""Phone numbers and e-mail addresses as people type them, checked and brought to one form."""

import re
from collections.abc import Collection

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from booking.patients.rules import strip_extension

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
REGION = "US"  # where a number without a country code belongs
MAX_EXTENSION_LENGTH = 7
NATIONAL = ("US", "CA")  # shown without +1; of the other countries that share it, not
TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class InvalidContact(ValueError):
    """The text is no phone number, or no e-mail address that mail can be sent to."""


def parse_phone(text: str) -> str:
    """Return the number in E.164, with its extension as RFC 3966 writes it: +16025550123;ext=44.

    Raises `InvalidContact` for a number in no numbering plan; 555-0100 to 555-0199, kept for fiction, are
    in North America's.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise InvalidContact(str(error)) from error
    extension = number.extension or ""
    if not phonenumbers.is_valid_number(number) or len(extension) > MAX_EXTENSION_LENGTH:
        raise InvalidContact("not a valid number")
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{dialled};ext={extension}" if extension else dialled


def format_phone(phone: str) -> str:
    """Return a number as people here write it: (602) 555-0123 ext. 44, or +34 … from abroad.

    What is none in E.164, as a short code or a name that texts come from, stays as it is.
    """
    if not can_be_called(phone):
        return phone
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        return phone
    at_home = phonenumbers.region_code_for_number(number) in NATIONAL
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def can_be_texted(phone: str, countries: Collection[str]) -> bool:
    """Tell whether texts may go to a number: one that can be a mobile of these countries (ISO 3166 codes).

    So none at a premium, shared-cost, toll-free or satellite number; +1 alone names no country.
    """
    try:
        number = phonenumbers.parse(strip_extension(phone), REGION)
    except phonenumbers.NumberParseException:  # a sender's name, a short code
        return False
    if phonenumbers.region_code_for_number(number) not in countries:
        return False
    return phonenumbers.number_type(number) in TEXTABLE


def parse_text_countries(setting: str) -> frozenset[str]:
    """Read a list of countries like "US,CA"; raise `ValueError` for what is none."""
    codes = frozenset(code.strip().upper() for code in setting.split(",") if code.strip())
    if unknown := codes - phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"not a country: {', '.join(sorted(unknown))}")
    return codes


def can_be_called(text: str) -> bool:
    """Tell whether this is a number in E.164; a short code, a name or an address can't be called."""
    return E164.fullmatch(strip_extension(text)) is not None


def parse_email(text: str) -> str:
    """Return the address in lower case, its domain as mail servers know it (xn--…); raise `InvalidContact`.

    Asks no name server. Letters outside ASCII before the @ are refused: few servers take mail for them.
    """
    try:
        validated = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise InvalidContact(str(error)) from error
    return str(validated.ascii_email).lower()


def format_email(address: str) -> str:
    """Return an address as people write it: a domain in its own letters."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return address
