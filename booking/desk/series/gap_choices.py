"""A gap over the limit: beside going on, a practitioner may give a phase once more, or end the series."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from booking.desk.patients.views import patient_or_404
from booking.desk.series.change_rows import ChangeRow, list_change_rows
from booking.desk.series.changing import preview_or_reason
from booking.desk.series.telling import describe_telling
from booking.numbers import parse_number
from booking.series import endings
from booking.series.continuations import list_repeatable_phases
from booking.series.models import InfusionSeries
from booking.series.queries import get_series, list_sessions
from booking.series.repeats import preview_repeat, repeat_phase
from booking.series.rules import Phase
from booking.series.tails import Tail

END, REPEAT = "end", "phase"  # "phase-0": the first once more


@dataclass(frozen=True, slots=True)
class GapChoice:
    """What may be chosen, as the form sends it, with what it makes of the visits to come."""

    value: str
    title: str
    facts: Sequence[str]
    rows: Sequence[ChangeRow]
    key: str = ""

    @property
    def ends(self) -> bool:
        """Whether the series is to end."""
        return self.value == END


def list_gap_choices(series: InfusionSeries, now: datetime) -> list[GapChoice]:
    """Return the phases that may be given once more, each with its effect, and the end of the series."""
    repeats = [
        _describe_repeat(series, index, phase, tail)
        for index, phase, tail in _list_repeats(series, now)
    ]
    coming = [each for each in list_sessions(series.id) if each.is_coming(now)]
    facts = [_count_cancelled(len(coming))] if coming else []
    rows = list_change_rows(series, [], coming)
    return [*repeats, GapChoice(END, str(_("End the series")), facts, rows)]


def _list_repeats(series: InfusionSeries, now: datetime) -> Iterator[tuple[int, Phase, Tail]]:
    for index, phase in list_repeatable_phases(series):
        tail, _why_not = preview_or_reason(partial(preview_repeat, series, index, now))
        if tail is not None:
            yield index, phase, tail


def _describe_repeat(series: InfusionSeries, index: int, phase: Phase, tail: Tail) -> GapChoice:
    new, waiting = len(tail.added), len(tail.holes)
    facts = [
        ngettext("%(num)d new visit", "%(num)d new visits", new) if new else "",
        _count_cancelled(len(tail.cancelled)) if tail.cancelled else "",
        ngettext("%(num)d session waits", "%(num)d sessions wait", waiting) if waiting else "",
    ]
    return GapChoice(
        f"{REPEAT}-{index}",
        str(_("Once more: %(phase)s", phase=phase.name)),
        [str(fact) for fact in facts if fact],
        list_change_rows(series, tail.remaining, tail.cancelled, tail.added, tail.holes),
        tail.key,
    )


def _count_cancelled(count: int) -> str:
    return str(ngettext("%(num)d visit is cancelled", "%(num)d visits are cancelled", count))


def is_gap_decision(value: str) -> bool:
    """Tell whether a form's value is to repeat a phase, or to end the series."""
    kind, _dash, index = value.partition("-")
    return value == END or (kind == REPEAT and parse_number(index) is not None)


def apply_gap_choice(series_id: int, value: str, key: str, reason: str, now: datetime) -> str:
    """Do what was chosen, as it was shown, and return what was done, as a notice.

    Raises what `repeat_phase` raises.
    """
    if value == END:
        endings.end_series(series_id, current_user.id, now, reason=reason)
        return str(_("The series is stopped."))
    index = int(value.partition("-")[2])
    tail = repeat_phase(series_id, index, current_user.id, now, reason=reason, expected_key=key)
    patient = patient_or_404(get_series(series_id).patient_id)
    telling = describe_telling(patient, only_booked=not tail.cancelled)
    return f"{_('The phase is given once more.')} {telling}"
