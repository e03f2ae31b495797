"""Deciding that suspended visits take place: a practitioner's decision, with a reason."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.forms import ResumeForm
from booking.desk.patient import patient_or_404
from booking.desk.record import read_record
from booking.desk.refusals import FORM_REFUSALS, difference, sentence
from booking.desk.submitting import Done, submit
from booking.desk.versions import require_treatment, treatment_version
from booking.patients.models import Patient
from booking.series import suspending


@blueprint.get("/patients/<int:patient_id>/resume")
@access(Access.PRACTITIONER)
def ask_resume(patient_id: int) -> AnyResponse | str:
    """Ask why suspended visits are to take place; without any, the patient's page has it all."""
    found = patient_or_404(patient_id)
    if not suspending.suspended_visits(found.id, clock.now()):
        return redirect(_patient_address(found))
    return _page(found, ResumeForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/resume")
@access(Access.PRACTITIONER)
def resume(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Let suspended visits take place: reminders go again."""
    found, form = patient_or_404(patient_id), ResumeForm()
    if not form.check(clock.local_date(clock.now(), usual_place().zone.key)):
        return _page(found, form, difference(treatment_version(found.id))), 422
    try:
        return submit(lambda: _resumed(found, form)).answer()
    except FORM_REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, sentence(refusal)), 422


def _resumed(patient: Patient, form: ResumeForm) -> Done:
    require_treatment(patient.id)
    suspending.resume(
        patient.id,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
        valid_until=form.valid_until.data,
    )
    return Done(_patient_address(patient), str(_("Treatment goes on.")))


def _patient_address(patient: Patient) -> str:
    return url_for("desk.patient", patient_id=patient.id)


def _page(found: Patient, form: ResumeForm, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/resume.html",
        patient=found,
        record=read_record(found, now, usual_place()),
        visits=suspending.suspended_visits(found.id, now),
        form=form,
        problem=problem,
    )
