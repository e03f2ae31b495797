"""Forms that refuse in our words alone: what WTForms says by itself is said as our catalogue has it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form
from wtforms.meta import DefaultMeta

CHOOSE, NUMBER = _l("Choose from what is offered."), _l("Enter a number.")
# WTForms' own refusals of fields whose form names none; of the rest `_("…")` below is true, too.
WORDS = {
    "Not a valid choice.": CHOOSE,
    "Invalid Choice: could not coerce.": CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": CHOOSE,
    "'%(value)s' is not a valid choice for this field.": CHOOSE,
    "Not a valid integer value.": NUMBER,
    "Not a valid decimal value.": NUMBER,
    "Not a valid float value.": NUMBER,
    "Not a valid date value.": _l("Enter a day."),
    "Not a valid time value.": _l("Enter a time, like 10:00."),
    "Not a valid datetime value.": _l("Enter a day and a time."),
    "This field is required.": _l("Please fill this in."),
}


class _OurWords:
    """What WTForms asks for its texts in the language of a page."""

    def gettext(self, text: str) -> str:
        return str(WORDS.get(text) or _("Please check what you entered here."))

    def ngettext(self, singular: str, _plural: str, _number: int) -> str:
        return self.gettext(singular)


OUR_WORDS = _OurWords()


class _OurMeta:
    def get_translations(self, _form: Any) -> _OurWords:
        """Return the words in which fields are refused."""
        return OUR_WORDS


class WordedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form of a page; it carries the token that Flask-WTF checks."""

    class Meta(_OurMeta, FlaskForm.Meta):  # type: ignore[misc]  # as above
        """Our words in place of WTForms'."""


class WordedSubform(Form):
    """Fields that several times stand within a form."""

    class Meta(_OurMeta, DefaultMeta):
        """Our words in place of WTForms'."""
