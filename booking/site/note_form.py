"""A short note to the clinic."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from booking.db.idempotency import new_idempotency_key
from booking.reminders.notes import MAX_NOTE_LENGTH
from booking.site.forms import Problems
from booking.web.worded_forms import WordedForm


class NoteForm(WordedForm):
    """What a patient tells the clinic; sent twice, it is told once."""

    key = HiddenField(default=new_idempotency_key)
    body = TextAreaField(
        _l("Your note"),
        [
            DataRequired(_l("Write what you want to tell us.")),
            Length(
                max=MAX_NOTE_LENGTH, message=_l("Write %(max)d characters at most, or call us.")
            ),
        ],
        filters=[lambda text: text.strip() if text else text],
    )

    @property
    def problems(self) -> Problems:
        """Return what is wrong with it."""
        return [("body", str(error)) for error in self.body.errors]
