"""Patients: finding one, and all that the desk knows of one on a page."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.finding import find_patients
from booking.desk.forms import FindingForm
from booking.desk.record import read_record
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding


@blueprint.get("/patients", endpoint="patients")
@access(Access.STAFF)
def find() -> str:
    """Search for a patient."""
    text = request.args.get("q", "")
    return render_template("desk/patients.html", text=text, found=find_patients(text))


@blueprint.get("/patients/<int:patient_id>")
@access(Access.STAFF)
def patient(patient_id: int) -> AnyResponse | str:
    """Show a patient; a record that was merged leads to the one it was merged into."""
    found = patient_or_404(patient_id)
    if found.id != patient_id:
        return redirect(url_for("desk.patient", patient_id=found.id))
    return _page(found, FindingForm(formdata=None).offer())


@blueprint.post("/patients/<int:patient_id>/finding")
@access(Access.PRACTITIONER)
def record_finding(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Record the practitioner's finding."""
    found, form = patient_or_404(patient_id), FindingForm().offer()
    if not form.validate() or _ends_before_today(form):
        return _page(found, form), 422
    screening.record_finding(
        found,
        Finding(form.finding.data),
        current_user.id,
        clock.now(),
        valid_until=form.valid_until.data,
        note=(form.note.data or "").strip(),
    )
    flash(_("Finding recorded."))
    return redirect(url_for("desk.patient", patient_id=found.id))


@blueprint.post("/patients/<int:patient_id>/flags/<int:flag_id>/clear")
@access(Access.PRACTITIONER)
def clear_flag(patient_id: int, flag_id: int) -> AnyResponse:
    """A practitioner has looked into a flag."""
    found = patient_or_404(patient_id)
    if flag_id in {flag.id for flag in screening.open_flags(found.id)}:
        screening.clear_flag(flag_id, current_user.id, clock.now())
        flash(_("Flag cleared."))
    return redirect(url_for("desk.patient", patient_id=found.id))


@blueprint.post("/patients/<int:patient_id>/messages/<int:message_id>/send-now")
@access(Access.STAFF)
def send_now(patient_id: int, message_id: int) -> AnyResponse:
    """Let a message that is still to come go at once, as after a change of the same day."""
    found = patient_or_404(patient_id)
    record = read_record(found, clock.now(), usual_place())
    if message_id not in {message.id for message in record.messages}:
        abort(404)
    if messaging.send_now(message_id, current_user.actor, clock.now()):
        flash(_("The message goes out now."))
    return redirect(url_for("desk.patient", patient_id=found.id, _anchor="messages-heading"))


def patient_or_404(patient_id: int) -> Patient:
    """Return a patient's record, or the one it was merged into; answer 404 when there is none."""
    found = db.session.get(Patient, patient_id) or abort(404)
    return patients.survivor(found)


def _ends_before_today(form: FindingForm) -> bool:
    """Tell whether the finding would be over already, and say so at the field."""
    last = form.valid_until.data
    if last is None or last >= clock.local_date(clock.now(), usual_place().zone.key):
        return False
    form.valid_until.errors = [_("Choose today or a later day.")]
    return True


def _page(found: Patient, form: FindingForm) -> str:
    record = read_record(found, clock.now(), usual_place())
    return render_template("desk/patient.html", record=record, patient=found, form=form)
