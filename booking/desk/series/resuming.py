"""Deciding that suspended appointments take place: a practitioner's decision, with a reason."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_treatment_version, treatment_version
from booking.desk.forms import ResumeForm
from booking.desk.patients.record import read_patient_record
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.patients.models import Patient
from booking.series import suspensions


@blueprint.get("/patients/<int:patient_id>/resume")
@access(Access.PRACTITIONER)
def confirm_resume(patient_id: int) -> AnyResponse | str:
    """Ask why suspended appointments are to take place; without any, the patient's page has it all."""
    patient = patient_or_404(patient_id)
    if not suspensions.list_suspended_appointments(patient.id, clock.now()):
        return redirect(_patient_address(patient))
    return _page(patient, ResumeForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/resume")
@access(Access.PRACTITIONER)
def resume_treatment(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Let suspended appointments take place: reminders go again."""
    patient, form = patient_or_404(patient_id), ResumeForm()
    if not form.validate_until(clock.local_date(clock.now(), last_used_location().zone.key)):
        return _page(patient, form, explain_stale_version(treatment_version(patient.id))), 422
    try:
        return submit_once(lambda: _resumed(patient, form)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, explain_refusal(refusal)), 422


def _resumed(patient: Patient, form: ResumeForm) -> RedirectWithNotice:
    require_treatment_version(patient.id)
    suspensions.resume_treatment(
        patient.id,
        current_user.id,
        clock.now(),
        reason=(form.reason.data or "").strip(),
        valid_until=form.valid_until.data,
    )
    return RedirectWithNotice(_patient_address(patient), str(_("Treatment goes on.")))


def _patient_address(patient: Patient) -> str:
    return url_for("desk.show_patient", patient_id=patient.id)


def _page(patient: Patient, form: ResumeForm, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/series/resume.html",
        patient=patient,
        record=read_patient_record(patient, now, last_used_location()),
        appointments=suspensions.list_suspended_appointments(patient.id, now),
        form=form,
        problem=problem,
    )
