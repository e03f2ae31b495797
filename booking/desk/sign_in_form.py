"""The sign-in form."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from booking.web.worded_forms import WordedForm


class SignInForm(WordedForm):
    """E-mail and password."""

    email = StringField(_l("E-mail"), [InputRequired(_l("Enter your e-mail.")), Length(max=254)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Enter your password.")), Length(max=200)]
    )
