"""A one-time code, as it is typed."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from booking.web.worded_forms import WordedForm

LONGEST_CODE = 40


class CodeForm(WordedForm):
    """A code of the app, or a recovery code."""

    code = StringField(
        _l("Code"),
        [
            InputRequired(_l("Enter a code.")),
            Length(max=LONGEST_CODE, message=_l("This is no code.")),
        ],
    )

    @property
    def chosen_code(self) -> str:
        """The code as it was typed, without spaces."""
        return "".join((self.code.data or "").split())
