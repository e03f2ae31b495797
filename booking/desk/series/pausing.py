"""Letting a series rest, from a day to a day or until further notice: a practitioner's decision."""

from flask import redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import series_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import PauseForm, typed_in_address
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.changing import (
    render_change,
    series_address,
    series_or_404,
    submit_change,
    today_at,
    try_preview,
)
from booking.series import pauses
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus


@blueprint.get("/series/<int:series_id>/pause")
@access(Access.PRACTITIONER)
def plan_pause(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Ask from when to when a series rests; once that stands in the address, show which visits it cancels."""
    series = series_or_404(series_id)
    if series.status is not SeriesStatus.ACTIVE:
        return redirect(series_address(series))
    if not request.args:
        return _page(series, PauseForm(formdata=None, data={"first_day": today_at(series)}))
    form = PauseForm(**typed_in_address())
    return _page(series, form) if form.is_shown(today_at(series)) else (_page(series, form), 422)


@blueprint.post("/series/<int:series_id>/pause")
@access(Access.PRACTITIONER)
def pause_series(series_id: int) -> AnyResponse | tuple[str, int]:
    """Let a series rest: its visits in that time are cancelled."""
    series, form = series_or_404(series_id), PauseForm()
    if not (form.is_shown(today_at(series)) and form.validate()):
        return _page(series, form, explain_stale_version(series_version(series_id))), 422
    return submit_change(
        series, lambda: _paused(series, form), lambda problem: _page(series, form, problem)
    )


def _paused(series: InfusionSeries, form: PauseForm) -> str:
    pauses.pause_series(
        series.id,
        form.days,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
    )
    return str(_("The series rests."))


def _page(series: InfusionSeries, form: PauseForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    preview, obstacle = try_preview(
        form, lambda: pauses.preview_pause(series, form.days, clock.now())
    )
    rows = list_change_rows(series, preview.remaining, preview.cancelled) if preview else []
    return render_change(
        "desk/series/pause.html", series, form, problem or obstacle, preview=preview, rows=rows
    )
