"""What a practitioner types to change a series that goes on: first its effect is shown, then it is done."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Optional

from booking.desk.date_fields import DayField
from booking.desk.forms import ReasonForm
from booking.desk.series.change_words import format_frequency
from booking.desk.series.phase_form import BoundedIntegerField
from booking.desk.typed_dates import validate_date
from booking.series.endings import SeriesEnd
from booking.series.frequencies import FREQUENCIES
from booking.series.pause_rules import PauseDays
from booking.series.progress import PauseDecision
from booking.series.resumptions import Resumption
from booking.series.rules import MAX_SESSIONS, Phase


class ChangeForm(ReasonForm):
    """A change with its reason; `FIELDS` are what its effect is shown of, before a reason is asked for."""

    FIELDS: tuple[str, ...] = ()

    def is_shown(self, today: date) -> bool:
        """Tell whether its effect can be shown; what is wrong is at its field. `today` is the location's."""
        checks = [
            self[name].validate(self) for name in self.FIELDS
        ]  # all of them: each says its own
        checks += [self._has_date(name, today) for name in self.FIELDS]
        return all(checks)

    def _has_date(self, name: str, today: date) -> bool:
        field = self[name]
        problem = validate_date(field.data, today) if isinstance(field, DayField) else ""
        if problem:
            field.errors = [*field.errors, problem]
        return not problem


class PauseForm(ChangeForm):
    """From when to when a series rests."""

    FIELDS = ("first_day", "last_day")
    first_day = DayField(_l("First day of the pause"), [InputRequired(_l("Enter a day."))])
    last_day = DayField(
        _l("Last day of the pause"),
        [Optional()],
        description=_l("Empty: until further notice."),
    )

    @property
    def days(self) -> PauseDays:
        """The days of the pause, once they are right."""
        return PauseDays(self.first_day.data or date.max, self.last_day.data)


class ResumptionForm(ChangeForm):
    """How a series goes on after a pause, and from when."""

    FIELDS = ("decision", "first_day")
    decision = RadioField(
        _l("How does it go on?"), [InputRequired(_l("Choose how it goes on."))], choices=[]
    )
    first_day = DayField(
        _l("From which day"),
        [InputRequired(_l("Enter a day."))],
        description=_l("No session before it."),
    )

    def set_choices(self, phases: Sequence[tuple[int, Phase]]) -> "ResumptionForm":
        """Offer to go on, to repeat one of the phases (by index), or to end; return the form."""
        self.decision.choices = [
            SelectChoice(PauseDecision.GO_ON.value, _("Go on where it was")),
            *(
                SelectChoice(
                    f"{PauseDecision.REPEAT}-{index}", _("Once more: %(phase)s", phase=phase.name)
                )
                for index, phase in phases
            ),
            SelectChoice(PauseDecision.END.value, _("End the series")),
        ]
        return self

    @property
    def ends(self) -> bool:
        """Whether the series is to end."""
        return bool(self.decision.data == PauseDecision.END.value)

    @property
    def resumption(self) -> Resumption:
        """From when the series goes on, and which phase is given once more, once that is right."""
        decision, _dash, index = (self.decision.data or "").partition("-")
        repeats = int(index) if decision == PauseDecision.REPEAT.value else None
        return Resumption(self.first_day.data or date.max, repeats)


class FrequencyForm(ChangeForm):
    """How often from which day on."""

    FIELDS = ("days", "first_day")
    days = SelectField(_l("How often"), coerce=int, choices=[])
    first_day = DayField(
        _l("From which day on"),
        [InputRequired(_l("Enter a day."))],
        description=_l("Visits before it stay as they are."),
    )

    def set_choices(self) -> "FrequencyForm":
        """Offer every frequency; return the form."""
        self.days.choices = [SelectChoice(days, format_frequency(days)) for days in FREQUENCIES]
        return self

    @property
    def chosen(self) -> tuple[int, date]:
        """The days between sessions, and the day from which they count, once both are right."""
        return self.days.data, self.first_day.data or date.max


class EndForm(ChangeForm):
    """When a series ends."""

    FIELDS = ("when", "last_day", "sessions")
    when = RadioField(
        _l("When does it end?"),
        [InputRequired(_l("Choose when it ends."))],
        choices=[
            SelectChoice("day", _l("After a day")),
            SelectChoice("sessions", _l("After a number of sessions more")),
            SelectChoice("never", _l("No end: booked on until further notice")),
        ],
    )
    last_day = DayField(_l("Last day"), [Optional()])
    sessions = BoundedIntegerField(_l("Sessions more"), 1, MAX_SESSIONS, Optional())

    def is_shown(self, today: date) -> bool:
        """Tell whether its effect can be shown: what was chosen has its day or number."""
        valid = super().is_shown(today)
        needed = {"day": self.last_day, "sessions": self.sessions}.get(self.when.data or "")
        if needed is not None and needed.data is None and not needed.errors:
            needed.errors = [_("Enter it, or choose otherwise.")]
            return False
        return valid

    @property
    def end(self) -> SeriesEnd:
        """The end, once it is right."""
        return SeriesEnd(
            self.last_day.data if self.when.data == "day" else None,
            self.sessions.data if self.when.data == "sessions" else None,
        )


def typed_in_address() -> Mapping[str, object]:
    """Return how a form is made of what stands in the address: looking needs no token."""
    return {"formdata": request.args, "meta": {"csrf": False}}
