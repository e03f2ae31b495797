"""Patients: finding one, and all that the desk knows of one on a page."""

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import (
    require_row_version,
    require_treatment_version,
    treatment_version,
)
from booking.desk.forms import FindingForm
from booking.desk.message_words import format_skip_reason
from booking.desk.patients.record import read_patient_record
from booking.desk.patients.search import MAX_RESULTS, MAX_SUGGESTIONS, list_matching_patients
from booking.desk.refusals import FORM_REFUSALS, FormRefusal, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.typed_dates import validate_date
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.stopped import find_stop
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.queries import find_patient
from booking.screening import flags, unverified_flags
from booking.screening import operations as screening
from booking.screening.models import Flag
from booking.screening.queries import find_flag
from booking.screening.rules import Finding
from booking.series import suspensions


@blueprint.get("/patients", endpoint="patients")
@access(Access.STAFF)
def search_patients() -> str:
    """Search for a patient."""
    text = request.args.get("q", "")
    return render_template(
        "desk/patients/patients.html", text=text, patients=list_matching_patients(text, MAX_RESULTS)
    )


@blueprint.get("/patients/suggestions")
@access(Access.STAFF)
def suggest_patients() -> str:
    """Show the likeliest while somebody types, as a piece of a page."""
    text = request.args.get("q", "")
    return render_template(
        "desk/patients/_suggestions.html",
        text=text,
        patients=list_matching_patients(text, MAX_SUGGESTIONS),
    )


@blueprint.get("/patients/<int:patient_id>")
@access(Access.STAFF)
def show_patient(patient_id: int) -> AnyResponse | str:
    """Show a patient; a record that was merged leads to the one it was merged into."""
    patient = record_or_404(patient_id)
    if patient.id != patient_id:
        return redirect(url_for("desk.show_patient", patient_id=patient.id))
    if patient.erased_at:
        zone = last_used_location().zone.key
        return render_template("desk/patients/erased.html", patient=patient, zone=zone)
    return _page(patient, FindingForm(formdata=None).set_choices())


@blueprint.post("/patients/<int:patient_id>/finding")
@access(Access.PRACTITIONER)
def record_finding(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Record the practitioner's finding."""
    patient, form = patient_or_404(patient_id), FindingForm().set_choices()
    if not form.validate() or _ends_at_no_time(form):
        return _page(patient, form, explain_stale_version(treatment_version(patient.id))), 422
    try:
        return submit_once(lambda: _finding_recorded(patient, form)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, explain_refusal(refusal)), 422


def _finding_recorded(patient: Patient, form: FindingForm) -> RedirectWithNotice:
    require_treatment_version(patient.id)
    screening.record_finding(
        patient,
        Finding(form.finding.data),
        current_user.id,
        clock.now(),
        valid_until=form.valid_until.data,
        note=(form.note.data or "").strip(),
    )
    suspensions.update_patient_suspension(patient.id, clock.now())
    return RedirectWithNotice(
        url_for("desk.show_patient", patient_id=patient.id), str(_("Finding recorded."))
    )


@blueprint.post("/patients/<int:patient_id>/flags/<int:flag_id>/clear")
@access(Access.PRACTITIONER)
def clear_flag(patient_id: int, flag_id: int) -> AnyResponse | tuple[str, int]:
    """A practitioner has looked into a flag."""
    patient = patient_or_404(patient_id)
    if find_flag(flag_id) is None:
        abort(404)
    page = url_for("desk.show_patient", patient_id=patient.id)
    try:
        return submit_once(
            lambda: clear_flag_and_redirect(flag_id, page, of_patient=patient.id)
        ).to_response()
    except FORM_REFUSALS as refusal:
        return _refused(patient_id, refusal), 422


def clear_flag_and_redirect(
    flag_id: int, page: str, *, of_patient: int | None
) -> RedirectWithNotice:
    """Clear a flag of a patient, or of nobody's record; one that isn't theirs, or open, stays.

    Raises `StaleVersion`.
    """
    require_row_version(Flag, flag_id)
    open_flags = (
        flags.list_unmatched_flags() if of_patient is None else flags.list_open_flags(of_patient)
    )
    if flag_id not in {flag.id for flag in open_flags}:
        return RedirectWithNotice(page)
    flags.clear_flag(flag_id, current_user.id, clock.now())
    if of_patient is not None:
        suspensions.update_patient_suspension(of_patient, clock.now())
    return RedirectWithNotice(page, str(_("Flag cleared.")))


@blueprint.post("/patients/<int:patient_id>/flags/<int:flag_id>/accept")
@access(Access.PRACTITIONER)
def accept_flag(patient_id: int, flag_id: int) -> AnyResponse | tuple[str, int]:
    """A practitioner finds that what somebody said online is about this patient."""
    patient = patient_or_404(patient_id)
    if find_flag(flag_id) is None:
        abort(404)
    try:
        return submit_once(lambda: _flag_accepted(patient, flag_id)).to_response()
    except FORM_REFUSALS as refusal:
        return _refused(patient_id, refusal), 422


def _flag_accepted(patient: Patient, flag_id: int) -> RedirectWithNotice:
    require_row_version(Flag, flag_id)
    page = url_for("desk.show_patient", patient_id=patient.id)
    if flag_id not in {flag.id for flag in flags.list_open_flags(patient.id)}:
        return RedirectWithNotice(page)
    unverified_flags.confirm_flag(flag_id, patient.id, current_user.id, clock.now())
    return RedirectWithNotice(page, str(_("The flag counts from now on.")))


@blueprint.post("/patients/<int:patient_id>/messages/<int:message_id>/send-now")
@access(Access.STAFF)
def send_message_now(patient_id: int, message_id: int) -> AnyResponse | tuple[str, int]:
    """Send a planned message of this patient at once; 404 where it is another's."""
    patient = patient_or_404(patient_id)
    record = read_patient_record(patient, clock.now(), last_used_location())
    if message_id not in {message.id for message in record.messages}:
        abort(404)
    page = url_for("desk.show_patient", patient_id=patient.id, _anchor="messages-heading")
    try:
        return submit_once(lambda: _sent_now(message_id, page)).to_response()
    except FORM_REFUSALS as refusal:
        return _refused(patient_id, refusal), 422


def _sent_now(message_id: int, page: str) -> RedirectWithNotice:
    require_row_version(Message, message_id)
    is_going = messaging.send_now(message_id, current_user.actor, clock.now())
    notice = _("The message goes out now.") if is_going else _explain_not_going(message_id)
    return RedirectWithNotice(page, str(notice))


def _explain_not_going(message_id: int) -> str:
    """Return why a message doesn't go now; nothing where it went meanwhile, or was taken back."""
    reason = find_stop(message_id)
    return str(_("Not sent: %(reason)s.", reason=format_skip_reason(reason))) if reason else ""


def patient_or_404(patient_id: int) -> Patient:
    """Return a patient's record, or the one it was merged into; answer 404 when it is none, or erased."""
    patient = record_or_404(patient_id)
    return abort(404) if patient.erased_at else patient


def record_or_404(patient_id: int) -> Patient:
    """Return a record, an erased one too, or the one it was merged into; answer 404 when there is none."""
    patient = find_patient(patient_id) or abort(404)
    return patients.get_merged_patient(patient)


def _ends_at_no_time(form: FindingForm) -> bool:
    """Tell whether the finding would be over already, or only in another age, and say so at the field."""
    today = clock.local_date(clock.now(), last_used_location().zone.key)
    problem = validate_date(form.valid_until.data, today)
    if problem:
        form.valid_until.errors = [problem]
    return bool(problem)


def _refused(patient_id: int, refusal: FormRefusal) -> str:
    form = FindingForm(formdata=None).set_choices()
    return _page(patient_or_404(patient_id), form, explain_refusal(refusal))


def _page(patient: Patient, form: FindingForm, problem: str = "") -> str:
    record = read_patient_record(patient, clock.now(), last_used_location())
    return render_template(
        "desk/patients/patient.html", record=record, patient=patient, form=form, problem=problem
    )
