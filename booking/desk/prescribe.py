"""Prescribing a series: choose a template, make it the patient's own, and go on to its plan."""

from datetime import timedelta

from flask import abort, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import offering
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.patient import patient_or_404
from booking.desk.prescription import PrescribeForm, Prescription, suggested
from booking.desk.refusals import REFUSALS, difference, sentence
from booking.desk.submitting import Done, submit
from booking.desk.versions import require_treatment, treatment_version
from booking.desk.words import clearance_sentence
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.series import operations as series
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.progress import SeriesStatus
from booking.series.reading import going_on, templates
from booking.series.rules import Template


@blueprint.get("/patients/<int:patient_id>/prescribe")
@access(Access.PRACTITIONER)
def choose_template(patient_id: int) -> str:
    """Show the templates to choose from, and whether anything stands in the way."""
    found = patient_or_404(patient_id)
    clearance = screening.clearance_of(
        found.id, clock.local_date(clock.now(), usual_place().zone.key)
    )
    return render_template(
        "desk/templates.html",
        patient=found,
        templates=[(row, Template.from_data(row.data)) for row in templates()],
        obstacle="" if clearance is Clearance.CLEARED else clearance_sentence(clearance),
        goes_on=_goes_on(found.id, SeriesStatus.ACTIVE),
        prescribed=_goes_on(found.id, SeriesStatus.PROPOSED),
    )


def _goes_on(patient_id: int, status: SeriesStatus) -> InfusionSeries | None:
    return next((one for one in going_on(patient_id) if one.status is status), None)


@blueprint.get("/patients/<int:patient_id>/prescribe/<int:template_id>")
@access(Access.PRACTITIONER)
def personalise(patient_id: int, template_id: int) -> str:
    """Show a template's numbers, to be made the patient's own."""
    found, row = patient_or_404(patient_id), _template_or_404(template_id)
    place, now = usual_place(), clock.now()
    tomorrow = clock.local_date(now, place.zone.key) + timedelta(days=1)
    template = Template.from_data(row.data)
    form = PrescribeForm(formdata=None, data=suggested(template.phases, place.slug, tomorrow))
    return _page(found, row, form)


@blueprint.post("/patients/<int:patient_id>/prescribe/<int:template_id>")
@access(Access.PRACTITIONER)
def prescribe(patient_id: int, template_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the prescription; nothing is booked yet."""
    found, row = patient_or_404(patient_id), _template_or_404(template_id)
    form = PrescribeForm().offer(_locations())
    today = clock.local_date(clock.now(), usual_place().zone.key)
    wanted = form.check(Template.from_data(row.data).phases, today)
    if wanted is None:
        return _page(found, row, form, difference(treatment_version(found.id))), 422
    try:
        return submit(lambda: _prescribed(found, row, wanted)).answer()
    except REFUSALS as refusal:
        return _page(patient_or_404(patient_id), row, form, sentence(refusal)), 422


def _prescribed(patient: Patient, row: ScheduleTemplate, wanted: Prescription) -> Done:
    require_treatment(patient.id)
    made = series.prescribe(
        patient,
        row.id,
        wanted.phases,
        wanted.preferences,
        wanted.location,
        wanted.first_day,
        current_user.id,
        clock.now(),
        note=wanted.note,
    )
    return Done(url_for("desk.plan", series_id=made.id))


def _template_or_404(template_id: int) -> ScheduleTemplate:
    found = [row for row in templates() if row.id == template_id]
    return found[0] if found else abort(404)


def _locations() -> list[tuple[str, str]]:
    return [(place.slug, place.name) for place in offering.catalogue().places.values()]


def _page(patient: Patient, row: ScheduleTemplate, form: PrescribeForm, problem: str = "") -> str:
    return render_template(
        "desk/prescribe.html",
        patient=patient,
        template=Template.from_data(row.data),
        row=row,
        form=form.offer(_locations()),
        problem=problem,
    )
