"""Phone numbers and e-mail addresses as people type them, checked and brought to one form."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
REGION = "US"  # where a number without a country code belongs


class ContactError(ValueError):
    """The text is no phone number, or no e-mail address."""


def read_phone(text: str) -> str:
    """Return the number in E.164 (+16025550123); raise `ContactError` when it can't be one.

    Only the length is checked beyond the form: the carrier knows which numbers are in use.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ContactError(str(error)) from error
    if not phonenumbers.is_possible_number(number):
        raise ContactError("not a possible number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(number: str) -> str:
    """Return an E.164 number as people here write it: (602) 555-0123, or +34 … from abroad.

    What is no number, as some senders of texts, stays as it is.
    """
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == 1
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if home else style.INTERNATIONAL)


def can_be_called(text: str) -> bool:
    """Tell whether this is a number in E.164; a short code, a name or an address can't be called."""
    return E164.fullmatch(text) is not None


def read_email(text: str) -> str:
    """Return the address in lower case; raise `ContactError`. Asks no name server."""
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise ContactError(str(error)) from error
