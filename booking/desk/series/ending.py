"""Giving a series an end, by day or by number, or taking one away: what it cancels is shown first."""

from flask import redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import series_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import EndForm, typed_in_address
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.changing import (
    render_change,
    series_address,
    series_or_404,
    submit_change,
    today_at,
    try_preview,
)
from booking.series import endings
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus


@blueprint.get("/series/<int:series_id>/end")
@access(Access.PRACTITIONER)
def plan_end(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Ask when a series ends; once that stands in the address, show which visits that cancels."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE:
        return redirect(series_address(series))
    if not request.args:
        return _page(series, EndForm(formdata=None))
    form = EndForm(**typed_in_address())
    return _page(series, form) if form.is_shown(today_at(series)) else (_page(series, form), 422)


@blueprint.post("/series/<int:series_id>/end")
@access(Access.PRACTITIONER)
def end_series_after(series_id: int) -> AnyResponse | tuple[str, int]:
    """Give a series an end, or take it away."""
    series, form = series_or_404(series_id), EndForm()
    if not (form.is_shown(today_at(series)) and form.validate()):
        return _page(series, form, explain_stale_version(series_version(series_id))), 422
    return submit_change(
        series, lambda: _ended(series, form), lambda problem: _page(series, form, problem)
    )


def _ended(series: InfusionSeries, form: EndForm) -> str:
    endings.end_series_after(
        series.id,
        form.end,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
    )
    return str(
        _("The series goes on until further notice.")
        if form.when.data == "never"
        else _("The end of the series is set.")
    )


def _page(series: InfusionSeries, form: EndForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    preview, obstacle = try_preview(
        form, lambda: endings.preview_end(series, form.end, clock.now())
    )
    rows = list_change_rows(series, preview.remaining, preview.cancelled) if preview else []
    return render_change(
        "desk/series/end.html", series, form, problem or obstacle, preview=preview, rows=rows
    )
