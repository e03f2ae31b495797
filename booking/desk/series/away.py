"""A patient is away from one day to another: the visits in between get other times, in one step."""

from collections.abc import Sequence
from datetime import date

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_series_version, series_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import (
    FORM_REFUSALS,
    REFUSALS,
    explain_refusal,
    explain_stale_version,
)
from booking.desk.series.changing import refuse_not_pending
from booking.desk.series.healing import (
    WHY_NOT,
    describe_result,
    explain_not_healed,
)
from booking.desk.series.healing_forms import AbsenceForm
from booking.desk.series.healing_words import HealingOption, describe_option
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import absences, refusals
from booking.series.absence_queries import list_absences
from booking.series.healing import is_sound, propose_with_fewest
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.queries import find_series, get_series

ASK = "ask"  # the button that leaves the decision to a practitioner


@blueprint.get("/series/<int:series_id>/away")
@access(Access.STAFF)
def choose_absence(series_id: int) -> AnyResponse | str:
    """Ask from when until when the patient is away; with both days, show what would change."""
    series = find_series(series_id) or abort(404)
    if series.status is not SeriesStatus.ACTIVE:
        return redirect(_patient_address(series))
    form = AbsenceForm(request.args or None, meta={"csrf": False})
    return _page(series, form, is_asked=bool(request.args))


@blueprint.post("/series/<int:series_id>/away")
@access(Access.STAFF)
def record_absence(series_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the days and change the visits as it was shown; or keep the days and ask a practitioner."""
    series, form = find_series(series_id) or abort(404), AbsenceForm()
    if not (form.validate() and form.has_days(_today(series))):
        outdated = explain_stale_version(series_version(series.id))
        return _page(series, form, outdated, is_asked=True), 422
    try:
        return submit_once(lambda: _recorded(series, form)).to_response()
    except refusals.SeriesNotPending:
        return refuse_not_pending(get_series(series_id))
    except WHY_NOT as refusal:
        words = explain_not_healed(refusal)
        return _page(get_series(series_id), form, words, is_asked=True), 422
    except REFUSALS as refusal:
        words = explain_refusal(refusal)
        return _page(get_series(series_id), form, words, is_asked=True), 422


@blueprint.post("/series/<int:series_id>/away/<int:absence_id>/remove")
@access(Access.STAFF)
def remove_absence(series_id: int, absence_id: int) -> AnyResponse | tuple[str, int]:
    """Forget days on which the patient was to be away; no visit changes."""
    series = find_series(series_id) or abort(404)
    address = url_for("desk.choose_absence", series_id=series.id)
    days = [absence.id for absence in list_absences(series.patient_id, date.min)]

    def remove() -> RedirectWithNotice:
        require_series_version(series.id)
        if absence_id in days:
            absences.remove_absence(absence_id, current_user.id, clock.now())
        return RedirectWithNotice(address, str(_("Removed. No visit changes.")))

    try:
        return submit_once(remove).to_response()
    except FORM_REFUSALS as refusal:
        form = AbsenceForm(None, meta={"csrf": False})
        return _page(series, form, explain_refusal(refusal), is_asked=False), 422


def _recorded(series: InfusionSeries, form: AbsenceForm) -> RedirectWithNotice:
    require_series_version(series.id)
    order = absences.order_for_absence(series.id, *form.days, form.chosen_way)
    if request.form.get("step") == ASK:
        absences.record_absence(order, current_user.id, clock.now())
        notice = _("The days are noted, and a practitioner is asked. No visit changes until then.")
        return RedirectWithNotice(_patient_address(series), str(notice))
    healing = absences.record_absence_and_heal(
        order, request.form.get(f"plan-{order.way.value}", ""), current_user.id, clock.now(),
        reason=(form.reason.data or "").strip(),
    )  # fmt: skip
    return RedirectWithNotice(
        _patient_address(series), describe_result(healing, patient_or_404(series.patient_id))
    )


def _today(series: InfusionSeries) -> date:
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    return clock.local_date(clock.now(), zone.key)


def _patient_address(series: InfusionSeries) -> str:
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def _propose(series: InfusionSeries, form: AbsenceForm) -> tuple[Sequence[HealingOption], str]:
    """Return what could change, the plan within the limits first; without any, why there is none."""
    order, may_decide = absences.order_for_absence(series.id, *form.days), current_user.may_decide
    try:
        proposals = propose_with_fewest(order, clock.now())
    except WHY_NOT as refusal:
        return [], explain_not_healed(refusal)
    if not is_sound(proposals[0]):
        return [], explain_not_healed(refusals.PlanChanged())
    options = [describe_option(each, may_decide=may_decide) for each in proposals]
    return [each for each in options if each.may_apply] or options[:1], ""


def _page(series: InfusionSeries, form: AbsenceForm, problem: str = "", *, is_asked: bool) -> str:
    today, hindrance = _today(series), ""
    options: Sequence[HealingOption] = []
    if is_asked and form.has_days(today):
        options, hindrance = _propose(series, form)
    return render_template(
        "desk/series/away.html",
        series=series,
        patient=patient_or_404(series.patient_id),
        location=availability.current_catalogue().locations_by_id[series.location_id],
        absences=list_absences(series.patient_id, today),
        options=options,
        chosen=form.chosen_way.value,
        hindrance=hindrance,
        form=form,
        problem=problem,
        ask=ASK,
    )
