"""Stopping a series, or withdrawing one not booked yet: a practitioner's decision, with a reason."""

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_series_version, series_version
from booking.desk.forms import ReasonForm
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON, SeriesStatus
from booking.series.queries import find_series, get_progress, get_series


@blueprint.get("/series/<int:series_id>/stop")
@access(Access.PRACTITIONER)
def confirm_stop(series_id: int) -> AnyResponse | str:
    """Ask why the series is to be stopped; one that is over is on the patient's page."""
    series = find_series(series_id) or abort(404)
    if not _goes_on(series):
        return redirect(_patient_address(series))
    return _page(series, ReasonForm(formdata=None))


@blueprint.post("/series/<int:series_id>/stop")
@access(Access.PRACTITIONER)
def stop_series(series_id: int) -> AnyResponse | tuple[str, int]:
    """Stop a series; one that is over stays as it is."""
    series, form = find_series(series_id) or abort(404), ReasonForm()
    if not form.validate():
        return _page(series, form, explain_stale_version(series_version(series_id))), 422
    try:
        return submit_once(lambda: _stopped(series, form)).to_response()
    except FORM_REFUSALS as refusal:
        series = get_series(series_id)
        return _page(series, form, explain_refusal(refusal)), 422


def _stopped(series: InfusionSeries, form: ReasonForm) -> RedirectWithNotice:
    require_series_version(series.id)
    if not _goes_on(series):
        return RedirectWithNotice(_patient_address(series))
    reason = (form.reason.data or "").strip()
    if series.status is SeriesStatus.PROPOSED:
        series_operations.withdraw_prescription(
            series.id, clock.now(), current_user.actor, reason=reason
        )
        return RedirectWithNotice(
            _patient_address(series), str(_("The prescription is withdrawn."))
        )
    endings.stop_series(series.id, clock.now(), current_user.actor, reason=reason)
    return RedirectWithNotice(_patient_address(series), str(_("The series is stopped.")))


def _goes_on(series: InfusionSeries) -> bool:
    return series.status in GOING_ON


def _patient_address(series: InfusionSeries) -> str:
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def _page(series: InfusionSeries, form: ReasonForm, problem: str = "") -> str:
    return render_template(
        "desk/series/stop.html",
        patient=patient_or_404(series.patient_id),
        series=series,
        progress=get_progress(series),
        form=form,
        problem=problem,
    )
