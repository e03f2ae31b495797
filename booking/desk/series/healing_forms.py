"""What is chosen when a series is planned anew, and the days on which a patient is away."""

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, Optional

from booking.desk.date_fields import DayField
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.series.phase_form import refuse
from booking.desk.typed_dates import validate_date
from booking.series.absences import MAX_ABSENCE_DAYS
from booking.series.healing import HealingWay
from booking.web.worded_forms import WordedForm

AWAY_WAYS = (HealingWay.REPEAT, HealingWay.FEWEST)


class HealingForm(WordedForm):
    """One of the ways shown, and why, where it goes against a rule."""

    way = RadioField(
        _l("What happens now?"),
        [InputRequired(_l("Choose what to do."))],
        choices=[SelectChoice(way.value, way.value) for way in HealingWay],
        default=None,
    )
    reason = StringField(
        _l("Reason"),
        [Optional(), Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most."))],
    )

    def allow(self, values: Iterable[str]) -> None:
        """Let these be chosen, too."""
        ways = [SelectChoice(way.value, way.value) for way in HealingWay]
        self.way.choices = [*ways, *(SelectChoice(value, value) for value in values)]


class AbsenceForm(WordedForm):
    """From when until when a patient is away, both days included; and why, where a rule asks for it."""

    first_day = DayField(_l("First day away"), [InputRequired(_l("Enter a day."))])
    last_day = DayField(_l("Last day away"), [InputRequired(_l("Enter a day."))])
    way = RadioField(
        _l("How do the visits change?"),
        [Optional()],
        choices=[SelectChoice(way.value, way.value) for way in AWAY_WAYS],
        default=AWAY_WAYS[0].value,
    )
    reason = StringField(
        _l("Reason"),
        [Optional(), Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most."))],
    )

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, once the form has both."""
        return self.first_day.data or date.max, self.last_day.data or date.max

    @property
    def chosen_way(self) -> HealingWay:
        """How the visits change; within the limits where nothing was chosen."""
        return next((way for way in AWAY_WAYS if way.value == self.way.data), AWAY_WAYS[0])

    def has_days(self, today: date) -> bool:
        """Tell whether both days are there and in order; what is wrong is at its field."""
        valid = bool(self.first_day.validate(self) & self.last_day.validate(self))
        first_day, last_day = self.first_day.data, self.last_day.data
        if not valid or first_day is None or last_day is None:
            return False
        if problem := validate_date(last_day, today):
            return refuse(self.last_day, problem)
        if last_day < first_day:
            return refuse(self.last_day, _("Enter a day after the first."))
        if last_day - first_day >= timedelta(days=MAX_ABSENCE_DAYS):
            most = _("Half a year at most: for longer, a practitioner lets the series rest.")
            return refuse(self.last_day, most)
        return True
