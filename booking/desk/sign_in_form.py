"""The sign-in form."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """E-mail and password."""

    email = StringField(_l("E-mail"), [InputRequired(_l("Enter your e-mail.")), Length(max=254)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Enter your password.")), Length(max=200)]
    )
