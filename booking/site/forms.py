"""What patients type, checked field by field and kept when something is wrong."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Optional, ValidationError

from booking.db.idempotency import new_idempotency_key
from booking.patients.call_requests import MAX_CALLER_NAME_LENGTH as LONGEST_FULL_NAME
from booking.patients.contacts import format_email, format_phone
from booking.patients.rules import EARLIEST_BIRTH, Contact
from booking.reminders.lost_links import LinkRequest
from booking.web.contacts import parse_email, parse_name, parse_phone, require_textable
from booking.web.worded_forms import WordedForm

YEAR_DIGITS = 4
Problems = list[tuple[str, str]]


def _tidy(text: str | None) -> str | None:
    return text.strip() if text else text


def _read(parse: Callable[[str], str], field: StringField) -> str:
    """Return what a field says, as `parse` brings it to one form; refuse it in the words of `parse`."""
    try:
        return parse(field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


class CallRequestForm(WordedForm):
    """A name and a phone number: for those who would rather be called; sent twice, it asks once."""

    key = HiddenField(default=new_idempotency_key)

    name = StringField(_l("Your name"), [DataRequired(_l("Enter your name."))], filters=[_tidy])
    phone = StringField(
        _l("Phone number"), [DataRequired(_l("Enter a phone number."))], filters=[_tidy]
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        self.person = _read(partial(parse_name, longest=LONGEST_FULL_NAME), field)

    def validate_phone(self, field: StringField) -> None:
        """Refuse what can't be a phone number."""
        self.number = _read(parse_phone, field)


class ContactDetailsForm(WordedForm):
    """Who the appointment is for, and whether texts may be sent; the e-mail may be left out."""

    given_name = StringField(
        _l("First name"), [DataRequired(_l("Enter your first name."))], filters=[_tidy]
    )
    family_name = StringField(
        _l("Last name"), [DataRequired(_l("Enter your last name."))], filters=[_tidy]
    )
    phone = StringField(
        _l("Phone number"), [DataRequired(_l("Enter a phone number."))], filters=[_tidy]
    )
    email = StringField(_l("E-mail (optional)"), [Optional()], filters=[_tidy])
    sms_consent = BooleanField()

    def validate_given_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        self.given = _read(parse_name, field)

    def validate_family_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        self.family = _read(parse_name, field)

    def validate_phone(self, field: StringField) -> None:
        """Refuse what can't be a phone number."""
        self.number = _read(parse_phone, field)

    def validate_email(self, field: StringField) -> None:
        """Refuse what can't be an e-mail address."""
        self.address = _read(parse_email, field)

    def validate_sms_consent(self, field: BooleanField) -> None:
        """Refuse a wish for texts to a number that gets none."""
        if field.data and not self.phone.errors:
            try:
                require_textable(self.number)
            except ValueError as error:
                raise ValidationError(str(error)) from error

    def contact(self, language: str) -> Contact:
        """Return what was typed, once it is valid."""
        email = self.address if self.email.data else None
        return Contact(self.given, self.family, self.number, email, language)

    @classmethod
    def fill_from(cls, contact: Contact | None, sms_consent: bool) -> "ContactDetailsForm":
        """Return the form with what was typed before."""
        values = contact.to_dict() if contact else {}
        if contact and contact.phone:
            values["phone"] = format_phone(contact.phone)
        if contact and contact.email:
            values["email"] = format_email(contact.email)
        return cls(formdata=None, data={**values, "sms_consent": sms_consent})


class BirthDateForm(WordedForm):
    """A birth date in three fields."""

    birth_month = StringField(_l("Month"), filters=[_tidy])
    birth_day = StringField(_l("Day"), filters=[_tidy])
    birth_year = StringField(_l("Year"), filters=[_tidy])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.birth_date: date | None = None
        self.birth_date_errors: list[str] = []

    def read_birth_date(self, today: date) -> None:
        """Set `birth_date`, or say in `birth_date_errors` what is wrong with it."""
        parts = [field.data or "" for field in (self.birth_year, self.birth_month, self.birth_day)]
        if parts[0].isdecimal() and len(parts[0]) < YEAR_DIGITS:
            self.birth_date_errors = [_("Enter the year of birth in four digits, like 1984.")]
            return
        try:
            if not all(part.isdecimal() for part in parts):  # int() reads +3 and 1_984 as well
                raise ValueError
            self.birth_date = date(*map(int, parts))
        except (ValueError, OverflowError):
            self.birth_date_errors = [_("Enter a date of birth, like 3 27 1984.")]
            return
        if not EARLIEST_BIRTH <= self.birth_date <= today:
            self.birth_date_errors = [_("Enter a date of birth in the past.")]

    @property
    def birth_date_problems(self) -> Problems:
        """Return what is wrong with it, with the id of the place to mend it."""
        return [("birth_month", text) for text in self.birth_date_errors]


class LostLinkForm(BirthDateForm):
    """Who has lost a link: family name, birth date, and a phone number or an e-mail."""

    family_name = StringField(
        _l("Last name"), [DataRequired(_l("Enter your last name."))], filters=[_tidy]
    )
    reached_at = StringField(
        _l("Phone number or e-mail"),
        [DataRequired(_l("Enter a phone number or an e-mail address."))],
        filters=[_tidy],
    )

    def validate_family_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        self.family = _read(parse_name, field)

    def validate_reached_at(self, field: StringField) -> None:
        """Refuse what is neither a phone number nor an e-mail address."""
        is_email = "@" in (field.data or "")
        self.email = _read(parse_email, field) if is_email else None
        self.number = None if is_email else _read(parse_phone, field)

    def read_request(self, today: date) -> LinkRequest | None:
        """Return what was typed; None when something is missing or wrong."""
        is_valid = self.validate()
        self.read_birth_date(today)
        if not is_valid or self.birth_date is None or self.birth_date_errors:
            return None
        return LinkRequest(self.family, self.birth_date, self.number, self.email)

    @property
    def problems(self) -> Problems:
        """Return what is wrong, in the order of the page."""
        problems = list_form_problems(self)
        names = [problem for problem in problems if problem[0] == "family_name"]
        others = [problem for problem in problems if problem[0] != "family_name"]
        return [*names, *self.birth_date_problems, *others]


def list_form_problems(form: WordedForm) -> Problems:
    """Return what is wrong with a form's fields, with their ids."""
    return [
        (field.id, str(error))
        for field in form
        if field.name != "csrf_token"
        for error in field.errors
    ]


class ReadinessForm:
    """A yes or no to each of three questions before an infusion; none is chosen at first."""

    def __init__(self, sent: Mapping[str, str]) -> None:
        self.questions = {
            "has_ride": _("Is someone picking you up and taking you home?"),
            "is_fasting": _("Did you eat and drink as we told you, or will you?"),
            "is_well": _("Do you feel well enough to come?"),
        }
        self.chosen = {slug: sent.get(f"q-{slug}") for slug in self.questions}
        self.wrong: dict[str, str] = {}

    def is_complete(self) -> bool:
        """Tell whether each question is answered; say which ones aren't."""
        self.wrong = {
            slug: _("Choose yes or no.")
            for slug, answer in self.chosen.items()
            if answer not in ("yes", "no")
        }
        return not self.wrong

    @property
    def answers(self) -> dict[str, bool]:
        """The answers, once it is complete."""
        return {slug: answer == "yes" for slug, answer in self.chosen.items()}

    @property
    def problems(self) -> Problems:
        """What is missing, with the id of the place to mend it."""
        return [
            (f"q-{slug}-yes", _("Question %(number)d: choose yes or no.", number=number))
            for number, slug in enumerate(self.questions, start=1)
            if slug in self.wrong
        ]
