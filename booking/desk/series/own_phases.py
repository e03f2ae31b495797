"""A series' own phases from a session on: edited, shown with what becomes of the visits, then changed."""

from collections.abc import Sequence

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import FieldList, FormField

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import series_version, submitted_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import ChangeForm
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.changing import (
    render_change,
    series_address,
    series_or_404,
    submit_change,
    try_preview,
)
from booking.desk.series.named_phases import (
    NamedPhaseForm,
    parse_typed_phases,
    read_phases_for_form,
)
from booking.desk.series.rearranging import MAX_PHASES, is_rearrangement, rearrange_phases
from booking.series import personal_changes
from booking.series.models import InfusionSeries
from booking.series.personal_phases import rest_of_phases
from booking.series.personal_plans import TailWithLengths
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases
from booking.series.rules import Phase
from booking.series.template_changes import compare_phases_from

APPLY = "apply"  # the button that changes the phases as they were shown


class OwnPhasesForm(ChangeForm):
    """The phases of a series from a session on, and why they change."""

    phases = FieldList(FormField(NamedPhaseForm), max_entries=MAX_PHASES, label=_l("Phases"))

    def read_rest(self, originals: Sequence[Phase]) -> tuple[Phase, ...] | None:
        """Return the phases typed, or None with what is wrong at its field; it began with `originals`."""
        is_valid = self.phases.validate(self)
        forms = [entry.form for entry in self.phases.entries]
        rest, problem = parse_typed_phases(forms, originals)
        if problem:
            self.form_errors.append(problem)
        return rest if is_valid else None


@blueprint.get("/series/<int:series_id>/phases")
@access(Access.PRACTITIONER)
def plan_phases(series_id: int) -> AnyResponse | str:
    """Show the phases from the session asked for on, or from the next one, to be changed."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE:
        return redirect(series_address(series))
    number = _requested_number(series)
    values = {"phases": read_phases_for_form(rest_of_phases(get_phases(series), number))}
    return _page(series, OwnPhasesForm(formdata=None, data=values), number)


@blueprint.post("/series/<int:series_id>/phases")
@access(Access.PRACTITIONER)
def change_phases(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Move phases in the form, show what they would change, or change them as it was shown."""
    series, step = series_or_404(series_id), request.form.get("step", "")
    number = _requested_number(series)
    originals = rest_of_phases(get_phases(series), number)
    if is_rearrangement(step):
        return _rearranged(series, number, step)
    form = OwnPhasesForm()
    rest = form.read_rest(originals)
    if rest is None or (step == APPLY and not form.validate()):
        outdated = explain_stale_version(series_version(series_id)) if step == APPLY else ""
        return _page(series, form, number, rest, outdated, is_wrong=True), 422
    if step != APPLY:
        return _page(series, form, number, rest, version=submitted_version())
    return submit_change(
        series,
        lambda: _changed(series, number, rest, form),
        lambda problem: _page(series, form, number, rest, problem),
    )


def _requested_number(series: InfusionSeries) -> int:
    """Return the session that the address or the form asks for, or else the first that can change."""
    numbers = personal_changes.list_changeable_numbers(series, clock.now())
    number = request.values.get("first_number", type=int)
    return number if number in numbers else numbers[0]


def _rearranged(series: InfusionSeries, number: int, step: str) -> str:
    fields, focus = rearrange_phases(request.form, step)
    form = OwnPhasesForm(MultiDict(fields))
    return _page(series, form, number, version=submitted_version(), focus=focus)


def _changed(
    series: InfusionSeries, number: int, rest: Sequence[Phase], form: OwnPhasesForm
) -> str:
    personal_changes.change_phases(
        series.id,
        number,
        rest,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
        expected_key=request.form.get("plan", ""),
    )
    return str(_("The phases are changed from session %(number)s on.", number=number))


def _page(
    series: InfusionSeries,
    form: OwnPhasesForm,
    number: int,
    rest: Sequence[Phase] | None = None,
    problem: str = "",
    *,
    version: str | None = None,
    focus: int | None = None,
    is_wrong: bool = False,
) -> str:
    """With `rest` what those phases would change is shown, too; `version` is what was shown at first."""
    series = series_or_404(series.id)
    change, obstacle = _preview(series, form, number, rest)
    tail = change.tail if change else None
    return render_change(
        "desk/series/own_phases.html",
        series,
        form,
        problem or obstacle,
        number=number,
        numbers=personal_changes.list_changeable_numbers(series, clock.now()),
        change_shown=change,
        differences=compare_phases_from(get_phases(series), tail.phases, number) if tail else [],
        rows=list_change_rows(series, tail.remaining, tail.cancelled, tail.added, tail.holes)
        if tail
        else [],
        version=version or series_version(series.id),
        focus=focus,
        is_wrong=is_wrong,
    )


def _preview(
    series: InfusionSeries, form: OwnPhasesForm, number: int, rest: Sequence[Phase] | None
) -> tuple[TailWithLengths | None, str]:
    if rest is None:
        return None, ""
    return try_preview(
        form, lambda: personal_changes.preview_phases(series, number, rest, clock.now())
    )
