"""What the pages share on which a series that goes on is changed."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.calendars import availability
from booking.calendars.availability import UnknownSlug
from booking.desk.form_versions import require_series_version
from booking.desk.forms import ReasonForm
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, explain_refusal
from booking.desk.series.change_forms import ChangeForm
from booking.desk.series.change_words import explain_invalid_change
from booking.desk.series.obstacles import explain_infusions_not_offered
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.reminders.recipients import is_booking_confirmed, is_reachable
from booking.series.models import InfusionSeries
from booking.series.queries import find_series
from booking.series.refusals import InvalidChange, PlanChanged, SeriesNotPending

Preview = TypeVar("Preview")


def series_or_404(series_id: int) -> InfusionSeries:
    """Return a series; answer 404 when there is none."""
    return find_series(series_id) or abort(404)


def today_at(series: InfusionSeries) -> date:
    """Return the local date at a series' location."""
    location = availability.current_catalogue().locations_by_id[series.location_id]
    return clock.local_date(clock.now(), location.zone.key)


def series_address(series: InfusionSeries) -> str:
    """Return where a series stands on its patient's page."""
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def refuse_not_pending(series: InfusionSeries) -> AnyResponse:
    """Go to the patient's page, which shows how a series stands, and say that nothing was changed."""
    flash(
        _(
            "Nothing was changed: the series is over or booked by now, or the patient has another one "
            "that goes on. It stands as shown here."
        )
    )
    return redirect(series_address(series))


def try_preview(form: ChangeForm, preview: Callable[[], Preview]) -> tuple[Preview | None, str]:
    """Return what a change would do, if what it needs was typed and is right; or why it can't be."""
    is_asked = request.method == "POST" or bool(request.args)
    if not is_asked or any(form[name].errors for name in form.FIELDS):
        return None, ""
    return preview_or_reason(preview)


def preview_or_reason(preview: Callable[[], Preview]) -> tuple[Preview | None, str]:
    """Return what a change would do, or why it can't be."""
    try:
        return preview(), ""
    except (InvalidChange, SeriesNotPending, UnknownSlug) as refusal:
        return None, _explain(refusal)


def _explain(refusal: Exception) -> str:
    if isinstance(refusal, InvalidChange):
        return explain_invalid_change(refusal)
    if isinstance(refusal, SeriesNotPending):
        return str(_("The series is over."))
    if isinstance(refusal, PlanChanged):
        return str(_("Something was booked meanwhile. The page now shows what can be done."))
    return explain_infusions_not_offered()


def submit_change(
    series: InfusionSeries,
    change: Callable[[], str],
    page: Callable[[str], str],
    *,
    require_version: Callable[[int], None] = require_series_version,
    address: Callable[[InfusionSeries], str] = series_address,
) -> AnyResponse | tuple[str, int]:
    """Make a change once, if the series is as the form showed it, and say what was done; or show why not."""
    series_id = series.id  # read before: in the transaction that would read the row unlocked

    def make() -> RedirectWithNotice:
        require_version(series_id)
        return RedirectWithNotice(address(series), change())

    try:
        return submit_once(make).to_response()
    except SeriesNotPending:
        return refuse_not_pending(series)
    except (InvalidChange, PlanChanged, UnknownSlug) as refusal:
        return page(_explain(refusal)), 422
    except REFUSALS as refusal:
        return page(explain_refusal(refusal)), 422


def render_change(
    template: str, series: InfusionSeries, form: ReasonForm, problem: str, **values: object
) -> str:
    """Return a page on which a series is changed; it says whether its patient gets a message."""
    patient = patient_or_404(series.patient_id)
    return render_template(
        template,
        series=series,
        patient=patient,
        zone=availability.current_catalogue().locations_by_id[series.location_id].zone.key,
        is_told=is_reachable(patient),
        is_booking_told=is_booking_confirmed(patient),
        form=form,
        problem=problem,
        **values,
    )
