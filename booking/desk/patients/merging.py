"""Two records of one person: looked at beside each other, merged, and parted again."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.queries import find_appointment
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_merge_version, require_row_version
from booking.desk.patients.comparison import compare_records, describe_appointment
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.merging import operations as merging
from booking.merging.models import PatientMerge
from booking.merging.obstacles import MergeConflict, MergeRefused, list_obstacles
from booking.merging.rules import CHOOSABLE, MergeObstacle, UndoObstacle
from booking.patients import distinct
from booking.patients.models import Patient
from booking.patients.queries import find_patient, get_patient
from booking.staff.queries import get_staff_names

OTHER = "other"  # a field's choice: as the record says that is merged


@blueprint.get("/patients/<int:patient_id>/merge/<int:other_id>")
@access(Access.STAFF)
def compare_patients(patient_id: int, other_id: int) -> str:
    """Show both records, and what is kept of each."""
    return _page(*_records_or_404(patient_id, other_id))


@blueprint.post("/patients/<int:patient_id>/merge/<int:other_id>")
@access(Access.STAFF)
def merge_patients(patient_id: int, other_id: int) -> AnyResponse | tuple[str, int]:
    """Make all of the other record this one's."""
    survivor, other = _records_or_404(patient_id, other_id)
    try:
        return submit_once(lambda: _merged(survivor.id, other.id)).to_response()
    except MergeRefused:
        return _page(*_records_or_404(patient_id, other_id)), 422
    except FORM_REFUSALS as refusal:
        return _page(*_records_or_404(patient_id, other_id), explain_refusal(refusal)), 422


def _merged(survivor_id: int, other_id: int) -> RedirectWithNotice:
    require_merge_version(survivor_id, other_id)
    taken_fields = [name for name in CHOOSABLE if request.form.get(name) == OTHER]
    now = clock.now()
    today = clock.local_date(now, last_used_location().zone.key)
    merging.merge_patients(survivor_id, other_id, taken_fields, current_user.id, today, now)
    page = url_for("desk.show_patient", patient_id=survivor_id, _anchor="merges")
    return RedirectWithNotice(page, str(_("Merged. It can be undone on this page.")))


@blueprint.post("/patients/<int:patient_id>/merge/<int:other_id>/distinct")
@access(Access.STAFF)
def mark_distinct(patient_id: int, other_id: int) -> AnyResponse | tuple[str, int]:
    """Keep that the two records are two people's: they aren't named as alike any more."""
    return _tell_apart(patient_id, other_id, distinct.mark_distinct, _("Kept: two people."))


@blueprint.post("/patients/<int:patient_id>/merge/<int:other_id>/alike")
@access(Access.STAFF)
def unmark_distinct(patient_id: int, other_id: int) -> AnyResponse | tuple[str, int]:
    """Take back that they are two people's."""
    notice = _("They are named as alike again.")
    return _tell_apart(patient_id, other_id, distinct.unmark_distinct, notice)


def _tell_apart(
    patient_id: int, other_id: int, change: Callable[[int, int, int, datetime], None], notice: str
) -> AnyResponse | tuple[str, int]:
    """Change what is kept of two records, as the page showed them."""
    survivor, other = _records_or_404(patient_id, other_id)

    def make_change() -> RedirectWithNotice:
        require_merge_version(survivor.id, other.id)
        change(survivor.id, other.id, current_user.id, clock.now())
        return RedirectWithNotice(url_for("desk.show_patient", patient_id=survivor.id), notice)

    try:
        return submit_once(make_change).to_response()
    except FORM_REFUSALS as refusal:
        return _page(*_records_or_404(patient_id, other_id), explain_refusal(refusal)), 422


@blueprint.get("/merges/<int:merge_id>")
@access(Access.STAFF)
def show_merge(merge_id: int) -> str:
    """Show a merge, and what parting the records would do."""
    return _merge_page(_merge_or_404(merge_id))


@blueprint.post("/merges/<int:merge_id>/undo")
@access(Access.STAFF)
def undo_merge(merge_id: int) -> AnyResponse | tuple[str, int]:
    """Part two records again."""
    _merge_or_404(merge_id)
    try:
        return submit_once(lambda: _undone(merge_id)).to_response()
    except merging.MergeUndoRefused as refusal:
        return _merge_page(_merge_or_404(merge_id), _explain_undo(refusal.obstacle)), 422
    except FORM_REFUSALS as refusal:
        return _merge_page(_merge_or_404(merge_id), explain_refusal(refusal)), 422


def _undone(merge_id: int) -> RedirectWithNotice:
    require_row_version(PatientMerge, merge_id)
    merge = merging.undo_merge(merge_id, current_user.id, clock.now())
    page = url_for("desk.show_patient", patient_id=merge.merged_id)
    return RedirectWithNotice(page, str(_("Undone: this record has what it had.")))


def _records_or_404(patient_id: int, other_id: int) -> tuple[Patient, Patient]:
    survivor, other = find_patient(patient_id), find_patient(other_id)
    if survivor is None or other is None or survivor.id == other.id:
        abort(404)
    return survivor, other


def _merge_or_404(merge_id: int) -> PatientMerge:
    return merging.find_merge(merge_id) or abort(404)


def _page(survivor: Patient, other: Patient, problem: str = "") -> str:
    now = clock.now()
    today = clock.local_date(now, last_used_location().zone.key)
    return render_template(
        "desk/patients/compare.html",
        survivor=survivor,
        other=other,
        lines=compare_records(survivor, other, now),
        distinct=(mark := distinct.find_distinct(survivor.id, other.id)),
        names=get_staff_names({mark.marked_by_id}) if mark else {},
        zone=last_used_location().zone.key,
        choices=request.form,
        obstacles=[_explain(each) for each in list_obstacles(survivor, other, today)],
        problem=problem,
    )


def _merge_page(merge: PatientMerge, problem: str = "") -> str:
    staff_ids = {merge.merged_by_id, merge.undone_by_id or merge.merged_by_id}
    return render_template(
        "desk/patients/merge.html",
        merge=merge,
        survivor=get_patient(merge.survivor_id),
        merged=get_patient(merge.merged_id),
        names=get_staff_names(staff_ids),
        zone=last_used_location().zone.key,
        problem=problem,
    )


def _explain(conflict: MergeConflict) -> str:
    """Return what stands against a merge, and what to do about it."""
    words: dict[MergeObstacle, str] = {
        MergeObstacle.ERASED: _("One of these records was erased."),
        MergeObstacle.MERGED_ALREADY: _("One of these records was merged into another already."),
        MergeObstacle.SAME_TIME: _("Both have a visit at the same time. Move or cancel one first:"),
        MergeObstacle.INFUSIONS_SAME_DAY: _(
            "Both have an infusion on one day. Move or cancel one first:"
        ),
        MergeObstacle.INFUSIONS_TOO_CLOSE: _(
            "Two infusions would be closer than the series allows. Move or cancel one first:"
        ),
        MergeObstacle.TWO_SERIES: _(
            "Both have a series that goes on. A practitioner stops one of them first."
        ),
        MergeObstacle.BOTH_ASKED: _(
            "Both are asked about new times after one closure. Settle that first, on its page."
        ),
    }
    appointments = [find_appointment(number) for number in conflict.appointment_ids]
    listed = "; ".join(describe_appointment(each) for each in appointments if each is not None)
    return f"{words[conflict.obstacle]} {listed}".strip()


def _explain_undo(obstacle: UndoObstacle) -> str:
    words: dict[UndoObstacle, str] = {
        UndoObstacle.UNDONE_ALREADY: _("This merge was undone already."),
        UndoObstacle.MERGED_ON: _(
            "The kept record was merged into another since. Undo that merge first."
        ),
    }
    return words[obstacle]
