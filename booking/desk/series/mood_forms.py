"""The form between the visits of a series: a practitioner switches it on and off, and reads the answers."""

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import mood_version, require_mood_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.words import format_rhythm
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.locations import operations as locations
from booking.mood import operations as mood
from booking.mood.messages import list_form_addresses
from booking.mood.operations import SeriesOver
from booking.mood.queries import draw_series_scores, find_schedule, list_forms
from booking.mood.rules import RHYTHMS
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON
from booking.series.queries import find_series, get_series
from booking.web.worded_forms import WordedForm


class RhythmForm(WordedForm):
    """How often the form between visits is asked for."""

    every_days = SelectField(_l("How often"), coerce=int)

    def set_choices(self) -> "RhythmForm":
        """Offer the rhythms there are; return the form."""
        self.every_days.choices = [(days, format_rhythm(days)) for days in RHYTHMS]
        return self


@blueprint.get("/series/<int:series_id>/forms")
@access(Access.PRACTITIONER)
def show_mood_forms(series_id: int) -> str:
    """Show whether forms are asked for, what was answered, and the scores over the infusions."""
    return _page(_series_or_404(series_id), RhythmForm(formdata=None).set_choices())


@blueprint.post("/series/<int:series_id>/forms/on")
@access(Access.PRACTITIONER)
def switch_forms_on(series_id: int) -> AnyResponse | tuple[str, int]:
    """Ask for forms from now on, or at another rhythm."""
    series, form = _series_or_404(series_id), RhythmForm().set_choices()
    if not form.validate():
        return _page(series, form, explain_stale_version(mood_version(series_id))), 422
    try:
        return submit_once(lambda: _switched_on(series_id, form)).to_response()
    except SeriesOver:
        return _page(get_series(series_id), form, _("The series is over.")), 422
    except FORM_REFUSALS as refusal:
        return _page(get_series(series_id), form, explain_refusal(refusal)), 422


@blueprint.post("/series/<int:series_id>/forms/off")
@access(Access.PRACTITIONER)
def switch_forms_off(series_id: int) -> AnyResponse | tuple[str, int]:
    """Ask for no more forms; what was answered stays."""
    series, form = _series_or_404(series_id), RhythmForm(formdata=None).set_choices()
    try:
        return submit_once(lambda: _switched_off(series_id)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(series, form, explain_refusal(refusal)), 422


def _switched_on(series_id: int, form: RhythmForm) -> RedirectWithNotice:
    require_mood_version(series_id)
    mood.start_mood_schedule(series_id, form.every_days.data, current_user.id, clock.now())
    return RedirectWithNotice(_address(series_id), str(_("The form is asked for from now on.")))


def _switched_off(series_id: int) -> RedirectWithNotice:
    require_mood_version(series_id)
    mood.end_mood_schedule(series_id, current_user.id, clock.now())
    return RedirectWithNotice(_address(series_id), str(_("The form is no longer asked for.")))


def _series_or_404(series_id: int) -> InfusionSeries:
    return find_series(series_id) or abort(404)


def _address(series_id: int) -> str:
    return url_for("desk.show_mood_forms", series_id=series_id)


def _page(series: InfusionSeries, form: RhythmForm, problem: str = "") -> str:
    patient = patient_or_404(series.patient_id)
    return render_template(
        "desk/series/mood_forms.html",
        series=series,
        patient=patient,
        location=locations.get_location(series.location_id),
        schedule=find_schedule(series.id),
        goes_on=series.status in GOING_ON,
        channels=[channel.value for channel in list_form_addresses(patient)],
        forms=list_forms(series.id),
        chart=draw_series_scores(series),
        form=form,
        problem=problem,
        now=clock.now(),
    )
