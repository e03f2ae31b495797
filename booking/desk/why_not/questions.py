"""“Why not then?”: a local time at a location, asked by a form that changes nothing."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import is_plausible_date
from booking.desk.date_fields import ClockField, DayField
from booking.web.worded_forms import WordedForm

ASKED = "why_time"  # the field without which nothing was asked


@dataclass(frozen=True, slots=True)
class WhyNotQuestion:
    """A local time at a location."""

    day: date
    at: time
    location: LocationCalendar


class WhyNotForm(WordedForm):
    """A day, a time of its clock, and a location; sent by GET."""

    class Meta:
        """It changes nothing, so it needs no token."""

        csrf = False

    why_date = DayField(_l("Day"), [DataRequired(_l("Enter a day."))])
    why_time = ClockField(_l("Time"), [InputRequired(_l("Enter a time, like 10:00."))])
    why_location = SelectField(_l("Location"), choices=[])

    def __init__(self, location: LocationCalendar, day: date, **kwargs: Any) -> None:
        is_asked = ASKED in request.args
        super().__init__(formdata=request.args if is_asked else None, **kwargs)
        locations = {**availability.current_catalogue().locations, location.slug: location}
        self.locations = locations
        self.why_location.choices = [(slug, each.name) for slug, each in locations.items()]
        if not is_asked:
            self.why_date.data = day
        if self.why_location.data not in locations:
            self.why_location.data = location.slug

    def validate_why_date(self, field: DayField) -> None:
        """Refuse a day beyond the calendar."""
        if field.data is not None and not is_plausible_date(field.data):
            raise ValidationError(_("Enter a day."))

    def read_question(self) -> WhyNotQuestion | None:
        """Return what was asked; None when nothing was, or when something is wrong with it."""
        if ASKED not in request.args or not self.validate():
            return None
        day, at = self.why_date.data, self.why_time.data
        location = self.locations[self.why_location.data]
        return WhyNotQuestion(day, at, location) if day and at is not None else None
