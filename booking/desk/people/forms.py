"""What is typed on the pages of staff and their accounts, checked field by field."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from booking.desk.people.showing import format_role
from booking.staff.models import Role
from booking.staff.rules import SHORTEST_PASSWORD, PasswordWeakness
from booking.web.contacts import parse_email, parse_name
from booking.web.worded_forms import WordedForm

LONGEST_NAME, LONGEST_PASSWORD = 80, 200


class RoleForm(WordedForm):
    """A person's role."""

    role = SelectField(_l("Role"), [InputRequired(_l("Choose a role."))], choices=[])

    def set_choices(self) -> "RoleForm":
        """Offer every role; return the form."""
        self.role.choices = [
            ("", _l("Choose…")),
            *((role.value, format_role(role)) for role in Role),
        ]
        return self

    @property
    def chosen(self) -> Role:
        """The role chosen, once the form is valid."""
        return Role(self.role.data)


class InvitationForm(RoleForm):
    """Who is invited, and as what."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter a name."))],
        description=_l("As patients read it where they choose a practitioner"),
    )
    email = StringField(_l("E-mail"), [InputRequired(_l("Enter an e-mail address."))])

    @property
    def chosen_name(self) -> str:
        """The name as it is kept, once the form is valid."""
        return parse_name(self.name.data or "", LONGEST_NAME)

    @property
    def chosen_email(self) -> str:
        """The address as it is kept, once the form is valid."""
        return parse_email(self.email.data or "")

    def validate_name(self, field: Field) -> None:
        """Refuse what can't be a name."""
        with _at_its_field():
            parse_name(field.data, LONGEST_NAME)

    def validate_email(self, field: Field) -> None:
        """Refuse what can't be an e-mail address."""
        with _at_its_field():
            parse_email(field.data)


class NewPasswordForm(WordedForm):
    """A password to come."""

    new_password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a password.")), Length(max=LONGEST_PASSWORD)],
        description=_l("At least 12 characters. Four unrelated words are easy to remember."),
    )

    @property
    def chosen_password(self) -> str:
        """The password to come, as it was typed: nothing is cut off or changed (ASVS 5.0, 6.2.8)."""
        return self.new_password.data or ""

    def refuse(self, weakness: PasswordWeakness) -> None:
        """Say at the field why a password is not taken."""
        self.new_password.errors = [explain_weakness(weakness)]


class PasswordForm(WordedForm):
    """The password of whoever is signed in."""

    password = PasswordField(
        _l("Your password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST_PASSWORD)],
    )


@contextmanager
def _at_its_field() -> Iterator[None]:
    """Say at a field what a text read inside is not."""
    try:
        yield
    except ValueError as error:
        raise ValidationError(str(error)) from error


def explain_weakness(weakness: PasswordWeakness) -> str:
    """Return why a password is refused and what to do."""
    words: dict[PasswordWeakness, str] = {
        PasswordWeakness.TOO_SHORT: _(
            "Use at least %(count)s characters.", count=SHORTEST_PASSWORD
        ),
        PasswordWeakness.OWN_WORDS: _("Use more than your own name and the clinic's words."),
        PasswordWeakness.TOO_COMMON: _(
            "This is too easy to guess. Take four unrelated words, for example."
        ),
    }
    return words[weakness]
