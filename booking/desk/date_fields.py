"""Fields of a day and of a time of day that refuse what can't be one in the clinic's own words."""

from flask_babel import gettext as _
from wtforms import DateField, TimeField


class DayField(DateField):
    """A local date; anything else is refused by asking for a day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent. Raises `ValueError`, which the form shows at the field."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Enter a day.")) from error


class ClockField(TimeField):
    """A local time of day; anything else is refused with an example."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent. Raises `ValueError`, which the form shows at the field."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Enter a time, like 10:00.")) from error
