"""A patient's record is erased at a manager's hand, or has to be preserved: said first what stays."""

from collections.abc import Callable

from flask import current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from booking import clock
from booking.access import Access, access
from booking.db.versions import lock_row, require_version
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import contact_version, require_contact_version, submitted_version
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.patients.erasure_words import explain_obstacle
from booking.desk.patients.views import patient_or_404, record_or_404
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.erasure.obstacles import ErasureRefused
from booking.erasure.operations import (
    HoldStands,
    erase_patient,
    lift_hold,
    list_holds,
    place_hold,
    preview_erasure,
)
from booking.erasure.policy import parse_policy
from booking.patients.models import Patient
from booking.staff.queries import get_staff_names
from booking.web.worded_forms import WordedForm


class HoldForm(WordedForm):
    """Why a record has to be preserved."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Write the reason.")),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )


@blueprint.get("/patients/<int:patient_id>/erase")
@access(Access.MANAGER, confirmed=True)
def confirm_erasure(patient_id: int) -> str:
    """Show what goes and what stays, or why neither, and ask."""
    return _page(patient_or_404(patient_id), HoldForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/erase")
@access(Access.MANAGER, confirmed=True)
def erase_record(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Erase a patient's record for good; pressed twice, the second time is answered as the first."""
    patient = record_or_404(patient_id)

    def produce() -> RedirectWithNotice:
        require_contact_version(patient.id)
        erase_patient(patient.id, clock.now(), current_user.actor)
        page = url_for("desk.show_patient", patient_id=patient.id)
        return RedirectWithNotice(page, str(_("Erased. Visits stay in counts, without a name.")))

    return _answer(patient, HoldForm(formdata=None), produce)


@blueprint.post("/patients/<int:patient_id>/hold")
@access(Access.MANAGER, confirmed=True)
def place_legal_hold(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Forbid that a record is erased."""
    patient, form = patient_or_404(patient_id), HoldForm()
    if not form.validate():
        return _page(patient, form, explain_stale_version(_version(patient))), 422

    def produce() -> RedirectWithNotice:
        _require_version(patient)
        staff_id, reason = current_user.id, form.reason.data or ""
        place_hold(patient.id, reason, staff_id, clock.now(), current_user.actor)
        return RedirectWithNotice(_address(patient), str(_("The record is preserved.")))

    return _answer(patient, form, produce)


@blueprint.post("/patients/<int:patient_id>/hold/lift")
@access(Access.MANAGER, confirmed=True)
def lift_legal_hold(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Let a record be erased again."""
    patient = patient_or_404(patient_id)

    def produce() -> RedirectWithNotice:
        _require_version(patient)
        lift_hold(patient.id, current_user.id, clock.now(), current_user.actor)
        return RedirectWithNotice(_address(patient), str(_("The legal hold is lifted.")))

    return _answer(patient, HoldForm(formdata=None), produce)


def _answer(
    patient: Patient, form: HoldForm, produce: Callable[[], RedirectWithNotice]
) -> AnyResponse | tuple[str, int]:
    """Make a change once; say on the page why it can't be made."""
    try:
        return submit_once(produce).to_response()
    except ErasureRefused as refusal:
        problem = " ".join(explain_obstacle(obstacle) for obstacle in refusal.obstacles)
    except HoldStands:
        problem = str(_("Somebody else has changed this meanwhile. Look at it again."))
    except FORM_REFUSALS as refusal:
        problem = explain_refusal(refusal)
    record = record_or_404(patient.id)
    if record.erased_at is not None:  # by somebody else meanwhile: its page says so
        return redirect(url_for("desk.show_patient", patient_id=record.id))
    return _page(record, form, problem), 422


def _version(patient: Patient) -> str:
    """Return which legal holds a record has and had."""
    return f"{patient.id}:" + ",".join(
        f"{hold.id}{'' if hold.lifted_at else '!'}" for hold in list_holds(patient.id)
    )


def _require_version(patient: Patient) -> None:
    """Lock a record; raise `StaleVersion` unless its holds are as the form showed them."""
    lock_row(Patient, patient.id)
    require_version(_version(patient), submitted_version())


def _address(patient: Patient) -> str:
    return url_for("desk.confirm_erasure", patient_id=patient.id)


def _page(patient: Patient, form: HoldForm, problem: str = "") -> str:
    holds = list_holds(patient.id)
    staff_ids = {hold.placed_by_id for hold in holds}
    staff_ids |= {hold.lifted_by_id for hold in holds if hold.lifted_by_id}
    return render_template(
        "desk/patients/erase.html",
        patient=patient,
        preview=preview_erasure(patient),
        erasure_version=contact_version(patient),
        hold_version=_version(patient),
        holds=holds,
        names=get_staff_names(staff_ids),
        policy=parse_policy(current_app.config),
        form=form,
        zone=home_zone(),
        problem=problem,
    )
