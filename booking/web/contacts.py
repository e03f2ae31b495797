"""Names, numbers and addresses as any form or program sends them: read by one rule, refused in words."""

from babel import Locale
from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from booking.patients import contacts
from booking.patients.contacts import InvalidContact, can_be_texted, parse_text_countries
from booking.patients.rules import MAX_NAME_LENGTH, InvalidName
from booking.patients.rules import parse_name as read_as_name

MAX_TYPED_LENGTH = 40  # characters of a phone number, with what stands between its digits


def parse_name(text: str, longest: int = MAX_NAME_LENGTH) -> str:
    """Return a name as it is kept; raise `ValueError` with a sentence."""
    try:
        return read_as_name(text, longest)
    except InvalidName as error:
        raise ValueError(_name_sentence(error.reason, longest)) from error


def _name_sentence(reason: str, longest: int) -> str:
    sentences: dict[str, str] = {
        "empty": _("Enter a name, in letters."),
        "long": _("Enter a name of %(most)s characters at most.", most=longest),
        "unwritten": _("Enter the name on one line, without invisible characters."),
        "link": _("Enter a name without a web address. Put a space after a dot, as in St. John."),
    }
    return sentences[reason]


def parse_phone(text: str) -> str:
    """Return a number as `contacts.parse_phone` does; raise `ValueError` with a sentence."""
    try:
        if len(text) > MAX_TYPED_LENGTH:
            raise InvalidContact("too long")
        return contacts.parse_phone(text)
    except InvalidContact as error:
        message = _("Enter a phone number, like 602 555 0123. One from abroad begins with +.")
        raise ValueError(message) from error


def parse_email(text: str) -> str:
    """Return an address as `contacts.parse_email` does; raise `ValueError` with a sentence."""
    try:
        return contacts.parse_email(text)
    except InvalidContact as error:
        local = text.rpartition("@")[0]
        if local and not local.isascii():
            message = _(
                "We can't send mail to this address: before the @, use letters a to z only."
            )
        else:
            message = _("Enter an e-mail address, like name@example.com.")
        raise ValueError(message) from error


def require_textable(phone: str) -> None:
    """Raise `ValueError` with a sentence for a number that the clinic sends no texts to."""
    countries = parse_text_countries(str(current_app.config["TEXT_COUNTRIES"]))
    if not can_be_texted(phone, countries):
        names = Locale.parse(str(get_locale())).territories
        countries_text = ", ".join(sorted(names.get(code, code) for code in countries))
        message = _(
            "We can't send texts to this number, only to mobile numbers in: %(countries)s. Choose no "
            "texts, and we call instead.",
            countries=countries_text,
        )
        raise ValueError(message)
