"""Prescribing a series: choose a template, make it the patient's own, and go on to its plan."""

from datetime import timedelta

from flask import abort, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_treatment_version, treatment_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.prescription_form import PrescribeForm, Prescription, build_initial_values
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.progress import SeriesStatus
from booking.series.queries import list_current_series, list_templates
from booking.series.templates import Template


@blueprint.get("/patients/<int:patient_id>/prescribe")
@access(Access.PRACTITIONER)
def choose_template(patient_id: int) -> str:
    """Show the templates to choose from, and whether anything stands in the way."""
    patient = patient_or_404(patient_id)
    return render_template(
        "desk/series/templates.html",
        patient=patient,
        templates=[(row, Template.from_dict(row.data)) for row in list_templates()],
        clearance=_get_clearance(patient),
        goes_on=_goes_on(patient.id, SeriesStatus.ACTIVE),
        prescribed=_goes_on(patient.id, SeriesStatus.PROPOSED),
    )


def _get_clearance(patient: Patient) -> Clearance:
    """Return whether something can be prescribed today."""
    today = clock.local_date(clock.now(), last_used_location().zone.key)
    return screening.get_clearance(patient.id, today)


def _goes_on(patient_id: int, status: SeriesStatus) -> InfusionSeries | None:
    return next(
        (series for series in list_current_series(patient_id) if series.status is status), None
    )


@blueprint.get("/patients/<int:patient_id>/prescribe/<int:template_id>")
@access(Access.PRACTITIONER)
def personalise_template(patient_id: int, template_id: int) -> str:
    """Show a template's numbers, to be made the patient's own."""
    patient, row = patient_or_404(patient_id), _template_or_404(template_id)
    location, now = last_used_location(), clock.now()
    tomorrow = clock.local_date(now, location.zone.key) + timedelta(days=1)
    template = Template.from_dict(row.data)
    form = PrescribeForm(
        formdata=None, data=build_initial_values(template.phases, location.slug, tomorrow)
    )
    return _page(patient, row, form)


@blueprint.post("/patients/<int:patient_id>/prescribe/<int:template_id>")
@access(Access.PRACTITIONER)
def prescribe_series(patient_id: int, template_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the prescription; nothing is booked yet."""
    patient, row = patient_or_404(patient_id), _template_or_404(template_id)
    form = PrescribeForm().set_choices(_locations())
    today = clock.local_date(clock.now(), last_used_location().zone.key)
    prescription = form.validated_prescription(Template.from_dict(row.data).phases, today)
    if prescription is None:
        outdated = explain_stale_version(treatment_version(patient.id))
        return _page(patient, row, form, outdated, is_wrong=True), 422
    try:
        return submit_once(lambda: _prescribed(patient, row, prescription)).to_response()
    except REFUSALS as refusal:
        return _page(patient_or_404(patient_id), row, form, explain_refusal(refusal)), 422


def _prescribed(
    patient: Patient, row: ScheduleTemplate, prescription: Prescription
) -> RedirectWithNotice:
    require_treatment_version(patient.id)
    new_series = series_operations.prescribe_series(
        patient,
        row.id,
        prescription.phases,
        prescription.preferences,
        prescription.location,
        prescription.first_day,
        current_user.id,
        clock.now(),
        note=prescription.note,
    )
    return RedirectWithNotice(url_for("desk.show_plan", series_id=new_series.id))


def _template_or_404(template_id: int) -> ScheduleTemplate:
    templates = [row for row in list_templates() if row.id == template_id]
    return templates[0] if templates else abort(404)


def _locations() -> list[tuple[str, str]]:
    return [
        (location.slug, location.name)
        for location in availability.current_catalogue().locations.values()
    ]


def _page(
    patient: Patient,
    row: ScheduleTemplate,
    form: PrescribeForm,
    problem: str = "",
    *,
    is_wrong: bool = False,
) -> str:
    return render_template(
        "desk/series/prescribe.html",
        patient=patient,
        template=Template.from_dict(row.data),
        row=row,
        form=form.set_choices(_locations()),
        problem=problem,
        clearance=Clearance.CLEARED if problem else _get_clearance(patient),
        is_wrong=is_wrong,
    )
