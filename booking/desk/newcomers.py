"""Someone nobody knows yet calls or walks in: a record for them, unless there is one already."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import offering
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.forms import NewPatientForm
from booking.desk.refusals import FORM_REFUSALS, sentence
from booking.desk.submitting import Done, submit
from booking.locations import operations as locations
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening.rules import is_adult
from booking.web.consent import consent_wording


class MayBeKnown(Exception):
    """There are records that may be of the same person."""

    def __init__(self, alike: Sequence[Patient]) -> None:
        super().__init__(f"{len(alike)} alike")
        self.alike = alike


@blueprint.get("/patients/new")
@access(Access.STAFF)
def ask_who() -> str:
    """Ask who it is, how to reach them, and whether texts may be sent."""
    return _page(NewPatientForm(formdata=None))


@blueprint.post("/patients/new")
@access(Access.STAFF)
def make_record() -> AnyResponse | tuple[str, int]:
    """Make the record and go on to booking; who may be known already is shown first."""
    form, now = NewPatientForm(), clock.now()
    if not form.validate():
        return _page(form), 422
    if not is_adult(form.born, _last_day(now)):
        return _page(form, problem=_("The clinic treats adults only. Nothing was kept.")), 422
    try:
        return submit(lambda: _registered(form)).answer()
    except MayBeKnown as refusal:
        return _page(form, refusal.alike), 422
    except FORM_REFUSALS as refusal:
        return _page(form, problem=sentence(refusal)), 422


def _registered(form: NewPatientForm) -> Done:
    """Make the record. Raises `MayBeKnown`, unless who is alike has been looked at."""
    alike = patients.who_may_be(form.contact, form.born)
    if alike and not form.is_new.data:
        raise MayBeKnown(alike)
    made = patients.register(
        form.contact,
        form.born,
        current_user.id,
        clock.now(),
        may_text=form.texts.data == "yes",
        wording=consent_wording(),
    )
    return Done(url_for("desk.ask_time", patient_id=made.id))


def _last_day(now: datetime) -> date:
    """Return the last day of a first visit: who is no adult by then can't be booked (CLINICAL §2)."""
    offers = offering.catalogue().offers.values()
    horizon = max((one.horizon for one in offers if one.bookable_online), default=0)
    return clock.local_date(now, usual_place().zone.key) + timedelta(days=horizon)


@blueprint.get("/crisis")
@access(Access.STAFF)
def crisis() -> str:
    """What to say to someone in danger on the phone."""
    emergency_room = locations.by_id(usual_place().id).emergency_room
    return render_template("desk/crisis.html", emergency_room=emergency_room)


def _page(form: NewPatientForm, alike: Sequence[Patient] = (), problem: str = "") -> str:
    return render_template(
        "desk/new_patient.html", form=form, alike=alike, problem=problem, wording=consent_wording()
    )
