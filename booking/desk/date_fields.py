"""Fields of a day and of a time of day that refuse what can't be one in the clinic's own words."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, Field, TimeField


class _WordedField(Field):
    """A field whose `refusal` is said in place of WTForms' own words."""

    refusal: object

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent. Raises `ValueError`, which the form shows at the field."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(self.refusal)) from error


class DayField(_WordedField, DateField):
    """A local date; anything else is refused by asking for a day."""

    refusal = _("Enter a day.")


class ClockField(_WordedField, TimeField):
    """A local time of day; anything else is refused with an example."""

    refusal = _("Enter a time, like 10:00.")
