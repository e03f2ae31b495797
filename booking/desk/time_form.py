"""Choosing a time: one that is listed, or one typed; and why, where a rule stands against it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length, Optional, ValidationError

from booking.desk.forms import MAX_NOTE_LENGTH
from booking.web.worded_forms import WordedForm

OTHER = "other"  # the choice of a time that isn't listed


class TimeForm(WordedForm):
    """A time chosen among the free ones or typed, and a reason where a rule asks for it.

    `accepted_start` is the time, once it was said what it goes against, and accepted.
    """

    start = StringField(_l("Time"))
    other_time = StringField(_l("Another time"))
    accepted_start = StringField(_l("Book it all the same"), [Optional()])
    reason = StringField(
        _l("Reason for going against the rule"),
        [
            Optional(),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )

    @property
    def has_own_time(self) -> bool:
        """Tell whether a time was typed, and none of those listed chosen."""
        return self.start.data == OTHER or (not self.start.data and bool(self.other_time.data))

    def validate_start(self, field: StringField) -> None:
        """Refuse no time at all, and two."""
        if not (field.data or self.other_time.data):
            raise ValidationError(_("Choose a time."))
        if self.other_time.data and not self.has_own_time:
            raise ValidationError(_("Choose a time of the list, or type another: not both."))
