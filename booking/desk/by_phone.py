"""Booking a visit for a known patient who calls or stands at the desk; series are prescribed."""

from datetime import date

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.rules import Origin
from booking.appointments.visits import book_visit
from booking.calendars import offering
from booking.calendars.catalogue import Offer
from booking.desk.asked import asked_day, asked_free, asked_place
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.forms import TimeForm
from booking.desk.freetimes import parse_start
from booking.desk.patient import patient_or_404
from booking.desk.refusals import REFUSALS, sentence
from booking.desk.visits import to_day
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.rules import is_adult


@blueprint.get("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def ask_time(patient_id: int) -> str:
    """Show the services and free times to choose from."""
    return _page(patient_or_404(patient_id), TimeForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def book(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Book the time chosen."""
    found, form, offer = patient_or_404(patient_id), TimeForm(), _asked_offer()
    starts_at = parse_start(form.start.data)
    if not form.validate() or starts_at is None:
        return _page(found, form, _("Choose a time from the list.")), 422
    place = asked_place(usual_place())
    if obstacle := _obstacle(found, clock.local_date(starts_at, place.zone.key)):
        return _page(found, form, obstacle), 422
    try:
        visit = book_visit(
            found,
            place,
            offer,
            offer.demand,
            starts_at,
            clock.now(),
            origin=Origin.DESK,
            actor=current_user.actor,
        )
    except REFUSALS as refusal:
        return _page(found, form, sentence(refusal)), 422
    flash(_("Booked."))
    return to_day(visit)


def _offers() -> list[Offer]:
    """Return what can be booked one by one: an infusion is a session of a series."""
    return [offer for offer in offering.catalogue().offers.values() if not offer.is_infusion]


def _asked_offer() -> Offer:
    """Return the service asked for, or the first."""
    offers = {offer.slug: offer for offer in _offers()}
    if not offers:
        abort(404)
    return offers.get(request.values.get("service", "")) or next(iter(offers.values()))


def _obstacle(patient: Patient, day: date) -> str:
    """Return why no visit on local `day` may be booked; empty when one may (CLINICAL §2)."""
    if not is_adult(patient.birth_date, day):
        return str(_("The clinic treats adults only."))
    if any(flag.kind is FlagKind.CALL_FIRST for flag in screening.open_flags(patient.id)):
        return str(_("A clinician has to call this patient first and clear the flag."))
    return ""


def _page(patient: Patient, form: TimeForm, problem: str = "") -> str:
    now, offer, place = clock.now(), _asked_offer(), asked_place(usual_place())
    day = asked_day(clock.local_date(now, place.zone.key))
    return render_template(
        "desk/book.html",
        patient=patient,
        offer=offer,
        offers=_offers(),
        place=place,
        places=offering.catalogue().places.values(),
        free=asked_free(place, offer.demand, day, now),
        chosen_day=day,
        chosen=parse_start(form.start.data),
        form=form,
        problem=problem or _obstacle(patient, day),
    )
