"""Someone nobody knows yet calls or walks in: a record for them, unless there is one already."""

from collections.abc import Sequence

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.by_phone import register_caller
from booking.appointments.patient_booking import NotAnAdult
from booking.desk.appointments.called_back import find_task_of_call_request
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.forms import NewPatientForm
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.locations import operations as locations
from booking.numbers import parse_number
from booking.patients.call_requests import find_call_request
from booking.patients.duplicates import PossibleDuplicates
from booking.patients.models import Patient
from booking.patients.search_terms import split_details
from booking.web.consent import consent_wording


@blueprint.get("/patients/new")
@access(Access.STAFF)
def new_patient() -> str:
    """Ask who it is, how to reach them, and whether texts may be sent."""
    return _page(NewPatientForm(formdata=None, data=_list_details()))


@blueprint.post("/patients/new")
@access(Access.STAFF)
def create_patient() -> AnyResponse | tuple[str, int]:
    """Make the record and go on to booking; who may be known already is shown first."""
    form = NewPatientForm()
    if not form.validate():
        return _page(form), 422
    try:
        return submit_once(lambda: _registered(form)).to_response()
    except PossibleDuplicates as refusal:
        return _page(form, refusal.patients), 422
    except NotAnAdult:
        return _page(form, problem=_("The clinic treats adults only. Nothing was kept.")), 422
    except FORM_REFUSALS as refusal:
        return _page(form, problem=explain_refusal(refusal)), 422


def _list_details() -> dict[str, str]:
    """Return what is known already: from what was typed to find somebody, or from a call asked for."""
    call = find_call_request(parse_number(request.args.get("call", "")) or 0)
    if call is not None:
        return {**split_details(call.name), "phone": call.phone}
    return split_details(request.args.get("q", ""))


def _registered(form: NewPatientForm) -> RedirectWithNotice:
    patient = register_caller(
        form.contact,
        form.parsed_birth_date,
        last_used_location(),
        current_user.id,
        clock.now(),
        may_text=form.texts.data == "yes",
        wording=consent_wording(),
        is_new=form.is_new.data,
    )
    task = find_task_of_call_request(parse_number(request.form.get("call", "")) or 0)
    address = url_for("desk.choose_time", patient_id=patient.id, task=task.id if task else None)
    return RedirectWithNotice(address)


@blueprint.get("/crisis")
@access(Access.STAFF)
def show_crisis_help() -> str:
    """What to say to someone in danger on the phone."""
    emergency_room = locations.get_location(last_used_location().id).emergency_room
    return render_template("desk/patients/crisis.html", emergency_room=emergency_room)


def _page(form: NewPatientForm, duplicates: Sequence[Patient] = (), problem: str = "") -> str:
    return render_template(
        "desk/patients/new_patient.html",
        form=form,
        alike=duplicates,
        problem=problem,
        wording=consent_wording(),
    )
