"""The form on which a practitioner makes a schedule template the patient's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from booking.calendars.local_days import CELL_MINUTES
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.typed_dates import validate_date
from booking.series.rules import MAX_SESSIONS, Gap, InvalidSchedule, Phase
from booking.series.templates import Preferences

MAX_GAP_DAYS = 120  # days
MAX_PART_MINUTES = 480  # minutes
MORNING, EVENING = time(8), time(18)  # suggested; the location's hours bind in any case
GAPS = ("min_days", "ideal_min_days", "ideal_max_days", "max_days")
PARTS = ("setup", "infusion", "recovery")


class BoundedIntegerField(IntegerField):
    """A whole number from `least` to `most`, with what was expected said in our own words."""

    def __init__(self, label: Any, least: int, most: int, *validators: Any, **field: Any) -> None:
        message = _l("Enter a whole number from %(min)s to %(max)s.")
        super().__init__(label, [*validators, NumberRange(least, most, message)], **field)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number; anything else is refused in words."""
        try:
            self.data = int(valuelist[0]) if valuelist and valuelist[0].strip() else None
        except ValueError as error:
            self.data = None
            raise ValueError(_("Enter a whole number.")) from error


def require_calendar_step(_form: Form, field: IntegerField) -> None:
    """Refuse minutes that the calendar can't hold."""
    if field.data is not None and field.data % CELL_MINUTES:
        raise ValidationError(_("Use a multiple of 5."))


class PhaseForm(Form):
    """One phase: sessions, the gap before each in days, the parts of an appointment in minutes."""

    sessions = BoundedIntegerField(_l("Sessions"), 1, MAX_SESSIONS, Optional())
    min_days = BoundedIntegerField(_l("Least"), 1, MAX_GAP_DAYS)
    ideal_min_days = BoundedIntegerField(_l("Ideal from"), 1, MAX_GAP_DAYS)
    ideal_max_days = BoundedIntegerField(_l("Ideal to"), 1, MAX_GAP_DAYS)
    max_days = BoundedIntegerField(_l("Most"), 1, MAX_GAP_DAYS)
    setup = BoundedIntegerField(_l("Setup"), 0, MAX_PART_MINUTES, require_calendar_step)
    infusion = BoundedIntegerField(_l("Infusion"), 5, MAX_PART_MINUTES, require_calendar_step)
    recovery = BoundedIntegerField(_l("Recovery"), 0, MAX_PART_MINUTES, require_calendar_step)

    def personalise(self, phase: Phase) -> Phase:
        """Return the template's phase with the numbers typed. Raises `InvalidSchedule`."""
        sessions = None if phase.sessions is None else self.sessions.data
        gap = Gap(*(self[name].data for name in GAPS))
        return replace(phase, sessions=sessions, gap=gap, **{p: self[p].data for p in PARTS})


class PrescribeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Where, from when, on which days and at what times, and each phase's numbers."""

    location = SelectField(_l("Location"), choices=[])
    first_day = DateField(
        _l("First day possible"),
        [InputRequired(_l("Enter a day."))],
        description=_l("No session before it."),
    )
    weekdays = SelectMultipleField(
        _l("Days that suit"),
        [InputRequired(_l("Choose one day at least."))],
        coerce=int,
        choices=[],
    )
    earliest = TimeField(_l("Earliest start"), [InputRequired(_l("Enter a time."))])
    latest = TimeField(_l("Latest start"), [InputRequired(_l("Enter a time."))])
    phases = FieldList(FormField(PhaseForm))
    note = TextAreaField(
        _l("Note"),
        [Optional(), Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most."))],
    )

    def set_choices(self, locations: Sequence[tuple[str, str]]) -> "PrescribeForm":
        """Offer the locations (slug, name) and the days of the week; return the form."""
        self.location.choices = [SelectChoice(slug, name) for slug, name in locations]
        names = get_day_names("wide", locale=get_locale())
        self.weekdays.choices = [SelectChoice(str(day), names[day]) for day in range(7)]
        return self

    def validated_prescription(
        self, template: Sequence[Phase], today: date
    ) -> "Prescription | None":
        """Return what was prescribed, or None with the errors at their fields."""
        valid = self.validate()
        if len(self.phases.entries) != len(template):
            del self.phases.entries[len(template) :]
            self.form_errors.append(_("The template has other phases. Choose it again."))
            return None
        checks = [
            self._has_sessions(entry, phase)
            for entry, phase in zip(self._forms(), template, strict=True)
        ]
        checks += [self._gaps_rise(entry) for entry in self._forms()]
        checks += [self._starts_later(today), self._has_hours()]
        if not (valid and all(checks)):
            return None
        return self._read(template)

    def _forms(self) -> list[PhaseForm]:
        return [entry.form for entry in self.phases.entries]

    def _read(self, template: Sequence[Phase]) -> "Prescription | None":
        earliest, latest, first_day = self.earliest.data, self.latest.data, self.first_day.data
        if earliest is None or latest is None or first_day is None:
            return None
        try:
            phases = tuple(
                form.personalise(phase) for form, phase in zip(self._forms(), template, strict=True)
            )
            preferences = Preferences(frozenset(self.weekdays.data or ()), earliest, latest)
        except InvalidSchedule as error:
            self.form_errors.append(str(error))
            return None
        note = (self.note.data or "").strip()
        return Prescription(phases, preferences, self.location.data, first_day, note)

    def _has_sessions(self, form: PhaseForm, phase: Phase) -> bool:
        if phase.sessions is None or form.sessions.data is not None:
            return True
        return _refuse(form.sessions, _("Enter how many."))

    def _gaps_rise(self, form: PhaseForm) -> bool:
        gaps = [form[name].data for name in GAPS]
        if None in gaps or gaps == sorted(gaps):
            return True
        return _refuse(form.min_days, _("The four numbers must rise, or stay, from left to right."))

    def _starts_later(self, today: date) -> bool:
        problem = validate_date(self.first_day.data, today)
        return _refuse(self.first_day, problem) if problem else True

    def _has_hours(self) -> bool:
        earliest, latest = self.earliest.data, self.latest.data
        if earliest is None or latest is None or earliest < latest:
            return True
        return _refuse(self.latest, _("Enter a time after the first."))


@dataclass(frozen=True, slots=True)
class Prescription:
    """A series as prescribed; `first_day` and the preferred times are the location's own."""

    phases: tuple[Phase, ...]
    preferences: Preferences
    location: str
    first_day: date
    note: str


def initial_values(phases: Sequence[Phase], location: str, first_day: date) -> dict[str, Any]:
    """Return what the form holds at first: the template's numbers and Mondays to Fridays."""
    return {
        "location": location,
        "first_day": first_day,
        "weekdays": list(range(5)),
        "earliest": MORNING,
        "latest": EVENING,
        "phases": [_numbers(phase) for phase in phases],
    }


def _numbers(phase: Phase) -> dict[str, int | None]:
    gaps = {name: getattr(phase.gap, name) for name in GAPS}
    parts = {name: getattr(phase, name) for name in PARTS}
    return {"sessions": phase.sessions, **gaps, **parts}


def _refuse(field: Any, message: str) -> bool:
    field.errors = [*field.errors, message]
    return False
