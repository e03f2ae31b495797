"""How a series goes on after a pause: a practitioner decides, and sees first what it makes of the visits."""

from flask import redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import series_version
from booking.desk.refusals import explain_stale_version
from booking.desk.series.change_forms import ResumptionForm, typed_in_address
from booking.desk.series.change_rows import list_change_rows
from booking.desk.series.changing import (
    render_change,
    series_address,
    series_or_404,
    submit_change,
    today_at,
    try_preview,
)
from booking.series import resumptions
from booking.series.continuations import list_repeatable_phases
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause
from booking.series.resumptions import preview_resumption
from booking.series.tails import Tail


@blueprint.get("/series/<int:series_id>/go-on")
@access(Access.PRACTITIONER)
def plan_resumption(series_id: int) -> AnyResponse | str | tuple[str, int]:
    """Ask how a series goes on that rests; once that stands in the address, show what comes of it."""
    series = series_or_404(series_id)
    pause = find_undecided_pause(series.id)
    if pause is None:
        return redirect(series_address(series))
    if not request.args:
        today = today_at(series)
        first_day = max(pause.last_day + resumptions.A_DAY, today) if pause.last_day else today
        return _page(
            series, _choices(series, ResumptionForm(formdata=None, data={"first_day": first_day}))
        )
    form = _choices(series, ResumptionForm(**typed_in_address()))
    return _page(series, form) if form.is_shown(today_at(series)) else (_page(series, form), 422)


@blueprint.post("/series/<int:series_id>/go-on")
@access(Access.PRACTITIONER)
def resume_series(series_id: int) -> AnyResponse | tuple[str, int]:
    """Let a series go on, or end it, as decided; what was shown is done, or nothing."""
    series = series_or_404(series_id)
    form = _choices(series, ResumptionForm())
    if not (form.is_shown(today_at(series)) and form.validate()):
        return _page(series, form, explain_stale_version(series_version(series_id))), 422
    return submit_change(
        series, lambda: _decided(series, form), lambda problem: _page(series, form, problem)
    )


def _choices(series: InfusionSeries, form: ResumptionForm) -> ResumptionForm:
    return form.set_choices(list_repeatable_phases(series))


def _decided(series: InfusionSeries, form: ResumptionForm) -> str:
    reason, by, now = (form.reason.data or "").strip(), current_user.id, clock.now()
    if form.ends:
        resumptions.end_paused_series(series.id, by, now, reason=reason)
        return str(_("The series is stopped."))
    resumptions.resume_series(
        series.id, form.resumption, by, now,
        reason=reason, expected_key=request.form.get("plan", ""),
    )  # fmt: skip
    return str(_("The series goes on."))


def _page(series: InfusionSeries, form: ResumptionForm, problem: str = "") -> str:
    series = series_or_404(series.id)
    tail: Tail | None = None
    obstacle = ""
    if not form.ends:
        tail, obstacle = try_preview(
            form, lambda: preview_resumption(series, form.resumption, clock.now())
        )
    rows = (
        list_change_rows(series, tail.remaining, tail.cancelled, tail.added, tail.holes)
        if tail
        else []
    )
    return render_change(
        "desk/series/go_on.html", series, form, problem or obstacle,
        pause=find_undecided_pause(series.id), tail=tail, rows=rows,
    )  # fmt: skip
