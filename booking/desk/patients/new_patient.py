"""Someone nobody knows yet calls or walks in: a record for them, unless there is one already."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.forms import NewPatientForm
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.locations import operations as locations
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening.rules import is_adult
from booking.web.consent import consent_wording


class PossibleDuplicates(Exception):
    """There are records that may be of the same person."""

    def __init__(self, duplicates: Sequence[Patient]) -> None:
        super().__init__(f"{len(duplicates)} alike")
        self.alike = duplicates


@blueprint.get("/patients/new")
@access(Access.STAFF)
def new_patient() -> str:
    """Ask who it is, how to reach them, and whether texts may be sent."""
    return _page(NewPatientForm(formdata=None))


@blueprint.post("/patients/new")
@access(Access.STAFF)
def create_patient() -> AnyResponse | tuple[str, int]:
    """Make the record and go on to booking; who may be known already is shown first."""
    form, now = NewPatientForm(), clock.now()
    if not form.validate():
        return _page(form), 422
    if not is_adult(form.parsed_birth_date, _last_day(now)):
        return _page(form, problem=_("The clinic treats adults only. Nothing was kept.")), 422
    try:
        return submit_once(lambda: _registered(form)).to_response()
    except PossibleDuplicates as refusal:
        return _page(form, refusal.alike), 422
    except FORM_REFUSALS as refusal:
        return _page(form, problem=explain_refusal(refusal)), 422


def _registered(form: NewPatientForm) -> RedirectWithNotice:
    """Make the record. Raises `PossibleDuplicates`, unless who is alike has been looked at."""
    duplicates = patients.find_duplicates(form.contact, form.parsed_birth_date)
    if duplicates and not form.is_new.data:
        raise PossibleDuplicates(duplicates)
    patient = patients.register_patient(
        form.contact,
        form.parsed_birth_date,
        current_user.id,
        clock.now(),
        may_text=form.texts.data == "yes",
        wording=consent_wording(),
    )
    return RedirectWithNotice(url_for("desk.choose_time", patient_id=patient.id))


def _last_day(now: datetime) -> date:
    """Return the last day of a first appointment: who is no adult by then can't be booked (CLINICAL §2)."""
    services = availability.current_catalogue().services.values()
    horizon = max((service.horizon for service in services if service.bookable_online), default=0)
    return clock.local_date(now, last_used_location().zone.key) + timedelta(days=horizon)


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
