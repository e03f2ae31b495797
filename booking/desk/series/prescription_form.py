"""The form on which a practitioner makes a schedule template the patient's own."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    FormField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, Optional

from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.series.phase_form import PhaseForm, read_phase_numbers, refuse
from booking.desk.typed_dates import validate_date
from booking.series.rules import InvalidSchedule, Phase
from booking.series.templates import Preferences

MORNING, EVENING = time(8), time(18)  # suggested; the location's hours bind in any case


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
        checks += [entry.is_possible() for entry in self._forms()]
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
        return refuse(form.sessions, _("Enter how many."))

    def _starts_later(self, today: date) -> bool:
        problem = validate_date(self.first_day.data, today)
        return refuse(self.first_day, problem) if problem else True

    def _has_hours(self) -> bool:
        earliest, latest = self.earliest.data, self.latest.data
        if earliest is None or latest is None or earliest < latest:
            return True
        return refuse(self.latest, _("Enter a time after the first."))


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
        "phases": [read_phase_numbers(phase) for phase in phases],
    }
