"""What browsers send of passkeys, and the site that they are for."""

import json
from typing import Any

from fido2.server import Fido2Server
from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from booking.staff.passkeys import PasskeyRefused, make_server
from booking.web.worded_forms import WordedForm

LONGEST_NAME = 60


class AnswerForm(WordedForm):
    """What a browser answers to a challenge, as JSON; a script fills it in."""

    answer = HiddenField()

    def read_answer(self) -> dict[str, Any]:
        """Return the answer. Raises `PasskeyRefused` for what is none."""
        try:
            answer = json.loads(self.answer.data or "")
        except (ValueError, RecursionError) as error:
            raise PasskeyRefused from error
        if not isinstance(answer, dict):
            raise PasskeyRefused
        return answer


class NewPasskeyForm(AnswerForm):
    """A passkey that a browser has made, and what its owner calls it."""

    name = StringField(
        _l("What to call it"),
        [InputRequired(_l("Enter a name.")), Length(max=LONGEST_NAME)],
        description=_l("So that you know which it is: the phone, the reception's computer"),
    )

    @property
    def chosen_name(self) -> str:
        """What it is called, once the form is valid."""
        return (self.name.data or "").strip()


def this_site() -> Fido2Server:
    """Return what checks passkeys for the address that people open."""
    return make_server(current_app.config["PUBLIC_URL"])
