"""How often an open-ended series is, from a day on: which visits stay is shown before it is decided."""

from flask import redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import series_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import FrequencyForm, typed_in_address
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.change_words import format_frequency
from booking.desk.series.changing import (
    render_change,
    series_address,
    series_or_404,
    submit_change,
    today_at,
    try_preview,
)
from booking.series import frequency_changes
from booking.series.frequencies import FREQUENCIES, nearest_frequency_days
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases
from booking.series.revisions import is_rolling


@blueprint.get("/series/<int:series_id>/frequency")
@access(Access.PRACTITIONER)
def plan_frequency(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Ask how often from when on; once that stands in the address, show what it makes of the visits."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE or not is_rolling(series):
        return redirect(series_address(series))
    if not request.args:
        wider = next((days for days in FREQUENCIES if days > _current(series)), 7)
        form = FrequencyForm(formdata=None, data={"days": wider, "first_day": today_at(series)})
        return _page(series, form.set_choices())
    form = FrequencyForm(**typed_in_address()).set_choices()
    return _page(series, form) if form.is_shown(today_at(series)) else (_page(series, form), 422)


@blueprint.post("/series/<int:series_id>/frequency")
@access(Access.PRACTITIONER)
def change_frequency(series_id: int) -> AnyResponse | tuple[str, int]:
    """Change the frequency as it was shown, or not at all."""
    series = series_or_404(series_id)
    form = FrequencyForm().set_choices()
    if not (form.is_shown(today_at(series)) and form.validate()):
        return _page(series, form, explain_stale_version(series_version(series_id))), 422
    return submit_change(
        series, lambda: _changed(series, form), lambda problem: _page(series, form, problem)
    )


def _current(series: InfusionSeries) -> int:
    return nearest_frequency_days(get_phases(series)[-1].gap)


def _changed(series: InfusionSeries, form: FrequencyForm) -> str:
    frequency_changes.change_frequency(
        series.id,
        *form.chosen,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
        expected_key=request.form.get("plan", ""),
    )
    often = format_frequency(form.days.data)
    return str(_("From now on the series is %(often)s.", often=often))


def _page(series: InfusionSeries, form: FrequencyForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    tail, obstacle = try_preview(
        form,
        lambda: frequency_changes.preview_frequency(series, *form.chosen, clock.now()),
    )
    rows = (
        list_change_rows(series, tail.remaining, tail.cancelled, tail.added, tail.holes)
        if tail
        else []
    )
    return render_change(
        "desk/series/frequency.html", series, form, problem or obstacle,
        tail=tail, rows=rows, current=_current(series),
    )  # fmt: skip
