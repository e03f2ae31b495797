"""What staff note about a patient and their appointments: written, mended at once, struck out later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length

from booking import clock
from booking.access import Access, access
from booking.appointments.queries import find_appointment
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import (
    contact_version,
    require_contact_version,
    require_row_version,
    row_version,
)
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.patients import notes
from booking.patients import operations as patients
from booking.patients.models import StaffNote
from booking.patients.notes import NoteClosed
from booking.staff.queries import get_staff_names
from booking.web.worded_forms import WordedForm


class NoteForm(WordedForm):
    """A note, as it is written."""

    body = TextAreaField(
        _l("Note"),
        [
            DataRequired(_l("Write the note.")),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )
    is_clinical = BooleanField(_l("Clinical: only nurses and practitioners read it"))


@dataclass(frozen=True, slots=True)
class ReadableNotes:
    """Notes that whoever is signed in may read, the latest first; `editable_ids`: theirs to change yet."""

    notes: Sequence[StaffNote]
    names: dict[int, str]  # of who wrote and struck out, by id
    editable_ids: frozenset[int]
    zone: str
    may_be_clinical: bool


def read_notes(patient_id: int, appointment_id: int | None = None) -> ReadableNotes:
    """Return the notes on a patient, or on one of their appointments."""
    readable = notes.list_notes(patients.list_record_ids(patient_id), with_clinical=is_clinician())
    if appointment_id is not None:
        readable = [note for note in readable if note.appointment_id == appointment_id]
    staff_ids = {note.written_by_id for note in readable}
    staff_ids |= {note.struck_by_id for note in readable if note.struck_by_id}
    editable = (note.id for note in readable if notes.can_edit(note, current_user.id, clock.now()))
    return ReadableNotes(
        readable,
        get_staff_names(staff_ids),
        frozenset(editable),
        last_used_location().zone.key,
        is_clinician(),
    )


def is_clinician() -> bool:
    """Tell whether whoever is signed in may read clinical notes."""
    return bool(current_user.role.is_clinician)


@blueprint.get("/patients/<int:patient_id>/notes/new")
@access(Access.STAFF)
def new_patient_note(patient_id: int) -> str:
    """Ask for a note about a patient."""
    return _new_page(patient_or_404(patient_id).id, None, NoteForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/notes/new")
@access(Access.STAFF)
def write_patient_note(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Keep a note about a patient."""
    return _write(patient_or_404(patient_id).id, None)


@blueprint.get("/visits/<int:appointment_id>/notes/new")
@access(Access.STAFF)
def new_appointment_note(appointment_id: int) -> str:
    """Ask for a note about an appointment."""
    return _new_page(_patient_id_of(appointment_id), appointment_id, NoteForm(formdata=None))


@blueprint.post("/visits/<int:appointment_id>/notes/new")
@access(Access.STAFF)
def write_appointment_note(appointment_id: int) -> AnyResponse | tuple[str, int]:
    """Keep a note about an appointment."""
    return _write(_patient_id_of(appointment_id), appointment_id)


@blueprint.get("/notes/<int:note_id>")
@access(Access.STAFF)
def show_note(note_id: int) -> str:
    """Show a note, to be mended or struck out."""
    note = _note_or_404(note_id)
    return _note_page(note, NoteForm(formdata=None, data={"body": note.body}))


@blueprint.post("/notes/<int:note_id>")
@access(Access.STAFF)
def edit_note(note_id: int) -> AnyResponse | tuple[str, int]:
    """Mend one's own note."""
    note, form = _note_or_404(note_id), NoteForm()
    if not form.validate():
        return _note_page(note, form, explain_stale_version(row_version(note))), 422
    body = (form.body.data or "").strip()
    return _change(
        note_id, form, lambda: notes.correct_own_note(note_id, body, current_user.id, clock.now())
    )


@blueprint.post("/notes/<int:note_id>/strike")
@access(Access.STAFF)
def strike_note(note_id: int) -> AnyResponse | tuple[str, int]:
    """Strike a note out."""
    note = _note_or_404(note_id)
    form = NoteForm(formdata=None, data={"body": note.body})
    return _change(note_id, form, lambda: notes.strike_note(note_id, current_user.id, clock.now()))


def _write(patient_id: int, appointment_id: int | None) -> AnyResponse | tuple[str, int]:
    form = NoteForm()
    if not form.validate():
        outdated = explain_stale_version(contact_version(patient_or_404(patient_id)))
        return _new_page(patient_id, appointment_id, form, outdated), 422
    try:
        return submit_once(lambda: _written(patient_id, appointment_id, form)).to_response()
    except FORM_REFUSALS as refusal:
        return _new_page(patient_id, appointment_id, form, explain_refusal(refusal)), 422


def _written(patient_id: int, appointment_id: int | None, form: NoteForm) -> RedirectWithNotice:
    require_contact_version(patient_id)
    notes.write_note(
        patient_id,
        (form.body.data or "").strip(),
        current_user.id,
        clock.now(),
        appointment_id=appointment_id,
        is_clinical=is_clinician() and form.is_clinical.data,
    )
    return RedirectWithNotice(_page_of(patient_id, appointment_id))


def _change(
    note_id: int, form: NoteForm, change: Callable[[], None]
) -> AnyResponse | tuple[str, int]:
    def produce() -> RedirectWithNotice:
        require_row_version(StaffNote, note_id)
        change()
        note = _note_or_404(note_id)
        return RedirectWithNotice(_page_of(note.patient_id, note.appointment_id))

    try:
        return submit_once(produce).to_response()
    except NoteClosed:
        problem = _("This note can't be changed any more. Strike it out and write another.")
        return _note_page(_note_or_404(note_id), form, problem), 422
    except FORM_REFUSALS as refusal:
        return _note_page(_note_or_404(note_id), form, explain_refusal(refusal)), 422


def _patient_id_of(appointment_id: int) -> int:
    appointment = find_appointment(appointment_id)
    if appointment is None or appointment.patient_id is None:
        abort(404)
    return appointment.patient_id


def _note_or_404(note_id: int) -> StaffNote:
    """Return a note that whoever is signed in may read; for others there is none."""
    note = notes.find_note(note_id)
    if note is None or (note.is_clinical and not is_clinician()):
        abort(404)
    return note


def _page_of(patient_id: int, appointment_id: int | None) -> str:
    if appointment_id is not None:
        return url_for(
            "desk.show_appointment", appointment_id=appointment_id, _anchor="staff-notes"
        )
    return url_for("desk.show_patient", patient_id=patient_id, _anchor="staff-notes")


def _new_page(
    patient_id: int, appointment_id: int | None, form: NoteForm, problem: str = ""
) -> str:
    return render_template(
        "desk/patients/new_note.html",
        patient=patient_or_404(patient_id),
        back=_page_of(patient_id, appointment_id),
        form=form,
        may_be_clinical=is_clinician(),
        problem=problem,
    )


def _note_page(note: StaffNote, form: NoteForm, problem: str = "") -> str:
    return render_template(
        "desk/patients/note.html",
        note=note,
        form=form,
        back=_page_of(note.patient_id, note.appointment_id),
        patient=patient_or_404(note.patient_id),
        can_edit=notes.can_edit(note, current_user.id, clock.now()),
        problem=problem,
    )


blueprint.add_app_template_global(read_notes)
