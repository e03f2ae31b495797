"""The form on which a practitioner makes a schedule template the patient's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, Optional

from booking.desk.date_fields import ClockField, DayField
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.series.phase_form import PhaseForm, read_phase_numbers, refuse
from booking.desk.typed_dates import validate_date
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import InvalidSchedule, Phase
from booking.web.worded_forms import WordedForm

MORNING, EVENING = time(8), time(18)  # suggested; the location's hours bind in any case


class Asked(StrEnum):
    """How days or times are asked for: as a wish, or as a rule."""

    RATHER = "rather"
    ONLY = "only"


class PrescribeForm(WordedForm):
    """Where, from when, on which days and at what times, and each phase's numbers."""

    location = SelectField(_l("Location"), choices=[])
    first_day = DayField(
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
    weekdays_asked = SelectField(_l("These days"), default=Asked.RATHER, choices=[])
    earliest = ClockField(_l("Earliest start"), [InputRequired(_l("Enter a time."))])
    latest = ClockField(_l("Latest start"), [InputRequired(_l("Enter a time."))])
    times_asked = SelectField(_l("These times"), default=Asked.RATHER, choices=[])
    further_locations = SelectMultipleField(
        _l("Also at"),
        description=_l("Sessions may be planned there, too, where that is better."),
        choices=[],
    )
    phases = FieldList(FormField(PhaseForm))
    note = TextAreaField(
        _l("Note"),
        [Optional(), Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most."))],
    )

    def set_choices(self, locations: Sequence[tuple[str, str]]) -> "PrescribeForm":
        """Offer the locations (slug, name) and the days of the week; return the form."""
        self.location.choices = [SelectChoice(slug, name) for slug, name in locations]
        self.further_locations.choices = self.location.choices
        for field in (self.weekdays_asked, self.times_asked):
            field.choices = [
                SelectChoice(Asked.RATHER, _("rather: others are used where they fit better")),
                SelectChoice(Asked.ONLY, _("only: no session at any other")),
            ]
        names = get_day_names("wide", locale=get_locale())
        self.weekdays.choices = [SelectChoice(str(day), names[day]) for day in range(7)]
        return self

    def validated_prescription(
        self, template: Sequence[Phase], today: date
    ) -> "Prescription | None":
        """Return what was prescribed, or None with the errors at their fields."""
        if len(self.phases.entries) != len(template):
            del self.phases.entries[len(template) :]
            self.form_errors.append(_("The template has other phases. Choose it again."))
            return None
        valid = self.validate()
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
            preferences = self._preferences(earliest, latest)
        except InvalidSchedule as error:
            self.form_errors.append(str(error))
            return None
        note = (self.note.data or "").strip()
        return Prescription(phases, preferences, self.location.data, first_day, note)

    def _preferences(self, earliest: time, latest: time) -> Preferences:
        """Return days and times as rules or wishes, each as it was marked."""
        windows = {each: TimeWindow() for each in Asked}
        days, times = Asked(self.weekdays_asked.data), Asked(self.times_asked.data)
        windows[days] = replace(windows[days], weekdays=frozenset(self.weekdays.data or ()))
        windows[times] = replace(windows[times], earliest=earliest, latest=latest)
        further = [slug for slug in self.further_locations.data or () if slug != self.location.data]
        return Preferences(windows[Asked.ONLY], windows[Asked.RATHER], tuple(further))

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


def build_initial_values(phases: Sequence[Phase], location: str, first_day: date) -> dict[str, Any]:
    """Return what the form holds at first: the template's numbers and Mondays to Fridays."""
    return {
        "location": location,
        "first_day": first_day,
        "weekdays": list(range(5)),
        "weekdays_asked": Asked.RATHER,
        "times_asked": Asked.RATHER,
        "further_locations": [],
        "earliest": MORNING,
        "latest": EVENING,
        "phases": [read_phase_numbers(phase) for phase in phases],
    }
