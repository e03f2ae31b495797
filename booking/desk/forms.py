"""What staff type and choose at the desk, checked field by field."""

from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from booking import clock
from booking.appointments.rules import Outcome, allowed_outcomes
from booking.calendars import availability
from booking.desk.date_fields import DayField
from booking.desk.words import format_finding, format_outcome
from booking.languages import LANGUAGES
from booking.patients.rules import EARLIEST_BIRTH, Contact
from booking.patients.search_terms import parse_birth_date
from booking.screening.rules import Finding
from booking.web.contacts import parse_email, parse_name, parse_phone, require_textable
from booking.web.page_language import list_language_names
from booking.web.worded_forms import WordedForm

MAX_NOTE_LENGTH = 1000
BY_PATIENT, BY_CLINIC, CANNOT_BE = "patient", "clinic", "impossible"


class OutcomeForm(WordedForm):
    """What became of an appointment that took place."""

    outcome = SelectField(
        _l("Outcome"),
        [InputRequired(_l("Choose what became of the visit."))],
        choices=[],
    )

    def set_choices(self, *, is_infusion: bool, has_started: bool = True) -> "OutcomeForm":
        """Offer the outcomes that this kind of appointment can have; return the form."""
        outcomes = allowed_outcomes(is_infusion, has_started=has_started)
        self.outcome.choices = [("", _l("Choose…"))]
        self.outcome.choices += [(o.value, format_outcome(o)) for o in outcomes]
        return self

    @property
    def chosen(self) -> Outcome:
        """The outcome chosen, once the form is valid."""
        return Outcome(self.outcome.data)


class CancelForm(WordedForm):
    """Whose wish it is, and why."""

    who = RadioField(
        _l("Who cancels?"),
        [InputRequired(_l("Choose who cancels."))],
        choices=[
            SelectChoice(BY_PATIENT, _l("The patient")),
            SelectChoice(BY_CLINIC, _l("The clinic, by choice")),
            SelectChoice(
                CANNOT_BE, _l("It can't take place: somebody is ill, something is broken")
            ),
        ],
    )
    reason = StringField(
        _l("Reason"),
        [
            Optional(),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )


class ReasonForm(WordedForm):
    """Why something is done that can't be undone."""

    reason = StringField(
        _l("Reason"),
        [
            DataRequired(_l("Enter a reason.")),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )


class ResumeForm(ReasonForm):
    """Why treatment goes on, and until when."""

    valid_until = DayField(
        _l("Valid until"),
        [Optional()],
        description=_l("The last day on which an infusion may be given; empty: until changed."),
    )

    def validate_until(self, today: date) -> bool:
        """Tell whether it is right; what is wrong is at its field. `today` is the desk's."""
        valid = bool(self.validate())
        if self.valid_until.data is not None and self.valid_until.data < today:
            self.valid_until.errors = [_("Choose today or a later day.")]
            return False
        return valid


class FindingForm(WordedForm):
    """A practitioner's finding after the consultation."""

    finding = RadioField(_l("Finding"), [InputRequired(_l("Choose a finding."))], choices=[])
    valid_until = DayField(
        _l("Valid until"),
        [Optional()],
        description=_l("The last day on which an infusion may be given; empty: until changed."),
    )
    note = TextAreaField(
        _l("Note"),
        [
            Optional(),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )

    def set_choices(self) -> "FindingForm":
        """Offer every finding, in words; return the form."""
        self.finding.choices = [(finding.value, format_finding(finding)) for finding in Finding]
        return self


def _text(field: StringField) -> str:
    return (field.data or "").strip()


def parse_field(parse: Callable[[str], str], field: StringField) -> str | None:
    """Return what a field says as `parse` brings it to one form, None when nothing was typed."""
    try:
        return parse(text) if (text := _text(field)) else None
    except ValueError as error:
        raise ValidationError(str(error)) from error


class NewPatientForm(WordedForm):
    """Who calls, as they say it; a phone number or an e-mail address may be missing, not both."""

    given_name = StringField(_l("First name"), [DataRequired(_l("Enter the first name."))])
    family_name = StringField(_l("Last name"), [DataRequired(_l("Enter the last name."))])
    birth_date = StringField(
        _l("Birth date"),
        [DataRequired(_l("Enter the birth date."))],
        description=_l("Month/day/year, for example 02/29/1980"),
    )
    phone = StringField(_l("Phone number"))
    email = StringField(_l("E-mail"), [Optional()])
    language = SelectField(
        _l("Language of messages"), choices=list_language_names, default=LANGUAGES[0]
    )
    texts = RadioField(
        _l("May we text them?"),
        [InputRequired(_l("Ask, and choose yes or no."))],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
    )
    is_new = BooleanField(_l("None of these: make a new record"))

    def validate_given_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        parse_field(parse_name, field)

    def validate_family_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        parse_field(parse_name, field)

    def validate_birth_date(self, field: StringField) -> None:
        """Refuse what is no date, or a mistyped year."""
        today = availability.get_clinic_date(clock.now())
        birth_date = parse_birth_date(_text(field), today)
        if birth_date is None or not EARLIEST_BIRTH <= birth_date <= today:
            raise ValidationError(_("Enter a birth date, like 02/29/1980."))

    def validate_phone(self, field: StringField) -> None:
        """Refuse what can't be a phone number, and someone who can't be reached at all."""
        if not _text(field) and not _text(self.email):
            raise ValidationError(_("Enter a phone number or an e-mail address."))
        parse_field(parse_phone, field)

    def validate_email(self, field: StringField) -> None:
        """Refuse what can't be an e-mail address."""
        parse_field(parse_email, field)

    def validate_texts(self, field: RadioField) -> None:
        """Refuse a yes to texts for a number that gets none."""
        if (
            field.data == "yes"
            and not self.phone.errors
            and (phone := parse_field(parse_phone, self.phone))
        ):
            try:
                require_textable(phone)
            except ValueError as error:
                raise ValidationError(str(error)) from error

    @property
    def parsed_birth_date(self) -> date:
        """The birth date, once the form is valid."""
        return (
            parse_birth_date(_text(self.birth_date), availability.get_clinic_date(clock.now()))
            or date.max
        )

    @property
    def contact(self) -> Contact:
        """Who it is and how to reach them, once the form is valid."""
        return Contact(
            parse_name(_text(self.given_name)),
            parse_name(_text(self.family_name)),
            parse_field(parse_phone, self.phone),
            parse_field(parse_email, self.email),
            self.language.data,
        )


class TaskForm(WordedForm):
    """What came of a task."""

    note = StringField(
        _l("What came of it"),
        [
            DataRequired(_l("Write in a few words what came of it.")),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )
