"""The numbers of one phase as a practitioner types them, of a prescription or of a template."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from booking.calendars.local_days import CELL_MINUTES
from booking.series.rules import MAX_SESSIONS, Gap, Phase
from booking.web.worded_forms import WordedSubform

MAX_GAP_DAYS = 120  # days
MAX_PART_MINUTES = 480  # minutes
MAX_APPOINTMENT_MINUTES = 12 * 60  # minutes
GAPS = ("min_days", "ideal_min_days", "ideal_max_days", "max_days")
PARTS = ("setup", "infusion", "recovery")


class IntegerRange(NumberRange):
    """The range of a whole number of any length: WTForms' own takes none that is no float, and breaks."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least, most)
        self.least, self.most = least, most

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse no number, and one that is out of the range; what was none is refused already."""
        if field.process_errors:
            return
        if field.data is None or not self.least <= field.data <= self.most:
            limits = {"min": self.least, "max": self.most}
            raise ValidationError(_("Enter a whole number from %(min)s to %(max)s.", **limits))


class BoundedIntegerField(IntegerField):
    """A whole number from `least` to `most`, with what was expected said in our own words."""

    def __init__(self, label: Any, least: int, most: int, *validators: Any, **field: Any) -> None:
        super().__init__(label, [*validators, IntegerRange(least, most)], **field)

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


class PhaseForm(WordedSubform):
    """One phase: sessions, the gap before each in days, the parts of an appointment in minutes."""

    sessions = BoundedIntegerField(_l("Sessions"), 1, MAX_SESSIONS, Optional())
    min_days = BoundedIntegerField(_l("Least"), 1, MAX_GAP_DAYS)
    ideal_min_days = BoundedIntegerField(_l("Ideal from"), 1, MAX_GAP_DAYS)
    ideal_max_days = BoundedIntegerField(_l("Ideal to"), 1, MAX_GAP_DAYS)
    max_days = BoundedIntegerField(_l("Most"), 1, MAX_GAP_DAYS)
    setup = BoundedIntegerField(_l("Setup"), 0, MAX_PART_MINUTES, require_calendar_step)
    infusion = BoundedIntegerField(_l("Infusion"), 0, MAX_PART_MINUTES, require_calendar_step)
    recovery = BoundedIntegerField(_l("Recovery"), 0, MAX_PART_MINUTES, require_calendar_step)

    def is_possible(self) -> bool:
        """Tell whether the numbers, each right by itself, fit together; what is wrong is at its field."""
        return self._has_rising_gaps() & self._has_minutes()

    def _has_rising_gaps(self) -> bool:
        gaps = [self[name].data for name in GAPS]
        if None in gaps or gaps == sorted(gaps):
            return True
        return refuse(self.min_days, _("The four numbers must rise, or stay, from left to right."))

    def _has_minutes(self) -> bool:
        minutes = [self[name].data for name in PARTS]
        if None in minutes or 0 < sum(minutes) <= MAX_APPOINTMENT_MINUTES:
            return True
        return refuse(self.infusion, _("All three together are 5 minutes to 12 hours."))

    def personalise(self, phase: Phase) -> Phase:
        """Return the template's phase with the numbers typed. Raises `InvalidSchedule`."""
        sessions = None if phase.sessions is None else self.sessions.data
        gap = Gap(*(self[name].data for name in GAPS))
        return replace(phase, sessions=sessions, gap=gap, **{p: self[p].data for p in PARTS})


def read_phase_numbers(phase: Phase) -> dict[str, int | None]:
    """Return what a form holds of a phase at first."""
    gaps = {name: getattr(phase.gap, name) for name in GAPS}
    parts = {name: getattr(phase, name) for name in PARTS}
    return {"sessions": phase.sessions, **gaps, **parts}


def refuse(field: Any, message: str) -> bool:
    """Say at a field what is wrong with it, beside what was said there already; return False."""
    field.errors = [*field.errors, message]
    return False
