"""Phases as they are typed one after the other: of a template, or of what is left of a series."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, Optional

from booking.desk.series.phase_form import (
    GAPS,
    PARTS,
    BoundedIntegerField,
    PhaseForm,
    read_phase_numbers,
    refuse,
)
from booking.desk.series.words import format_miss_rule
from booking.numbers import parse_number
from booking.series.rules import (
    MAX_SESSIONS,
    Gap,
    InvalidSchedule,
    MissRule,
    Phase,
    require_valid_phases,
)

MAX_NAME_LENGTH = 80


class NamedPhaseForm(PhaseForm):
    """A phase with its name, and after how many of its sessions a practitioner looks at the series."""

    name = StringField(
        _l("Name"),
        [
            DataRequired(_l("Enter a name.")),
            Length(max=MAX_NAME_LENGTH, message=_l("Use 80 characters at most.")),
        ],
    )
    review_every = BoundedIntegerField(_l("Review after"), 1, MAX_SESSIONS, Optional())
    after_miss = SelectField(
        _l("After a missed session"),
        choices=lambda: [SelectChoice(rule.value, format_miss_rule(rule)) for rule in MissRule],
        default=MissRule.REPEAT.value,
    )
    origin = HiddenField()  # the index of the phase that it began as

    def read_phase(self, originals: Sequence[Phase]) -> Phase:
        """Return the phase typed; what no field shows stays as it was. Raises `InvalidSchedule`."""
        gap = Gap(*(self[name].data for name in GAPS))
        parts = {name: self[name].data for name in PARTS}
        values = {
            "name": (self.name.data or "").strip(), "sessions": self.sessions.data, "gap": gap,
            "review_every": self.review_every.data, "after_miss": MissRule(self.after_miss.data),
            **parts,
        }  # fmt: skip
        original = self._original(originals)
        return replace(original, **values) if original else Phase(**values)

    def _original(self, originals: Sequence[Phase]) -> Phase | None:
        index = parse_number(self.origin.data or "")
        return originals[index] if index is not None and index < len(originals) else None


def read_phases_for_form(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    """Return what a form holds of phases at first."""
    return [
        {
            **read_phase_numbers(phase),
            "name": phase.name,
            "review_every": phase.review_every,
            "after_miss": phase.after_miss.value,
            "origin": str(index),
        }
        for index, phase in enumerate(phases)
    ]


def parse_typed_phases(
    forms: Sequence[NamedPhaseForm], originals: Sequence[Phase]
) -> tuple[tuple[Phase, ...] | None, str]:
    """Return validated forms as a schedule; None with what is wrong at its field, or in a sentence."""
    checks = [form.is_possible() and not form.errors for form in forms]
    checks += [
        refuse(form.sessions, _("Enter how many: only the last phase may go on without an end."))
        for form in forms[:-1]
        if form.sessions.data is None and not form.sessions.errors
    ]
    if not forms:
        return None, str(_("Add a phase."))
    if not all(checks):
        return None, ""
    if sum(form.sessions.data or 0 for form in forms) > MAX_SESSIONS:
        return None, str(_("All phases together have 60 sessions at most."))
    try:
        return require_valid_phases([form.read_phase(originals) for form in forms]), ""
    except InvalidSchedule:
        return None, str(_("All phases together take three years at most."))
