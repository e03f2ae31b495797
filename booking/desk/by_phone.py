"""Booking a visit for a known patient who calls or stands at the desk; series are prescribed."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import abort, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.booking import Booked
from booking.appointments.by_phone import book_by_phone
from booking.calendars import offering
from booking.calendars.catalogue import Offer
from booking.calendars.places import Place
from booking.dates import parse_instant
from booking.desk.asked import asked_day, asked_free, asked_place
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.forms import TimeForm
from booking.desk.patient import patient_or_404
from booking.desk.refusals import REFUSALS, difference, sentence
from booking.desk.script import script_for
from booking.desk.submitting import Done, submit
from booking.desk.versions import require_treatment, treatment_version
from booking.desk.visits import day_address
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.models import Flag, FlagKind
from booking.screening.operations import Answers
from booking.screening.rules import ScreeningOutcome, is_adult


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller wants, and has answered to the safety questions; `starts_at` in UTC."""

    place: Place
    offer: Offer
    starts_at: datetime
    given: Answers | None


@blueprint.get("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def ask_time(patient_id: int) -> str:
    """Show the services and free times to choose from."""
    return _page(patient_or_404(patient_id), TimeForm(formdata=None))


@blueprint.post("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def book(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Book the time chosen, once the safety questions are answered where the visit asks for them."""
    found, form, offer = patient_or_404(patient_id), TimeForm(), _asked_offer()
    starts_at, script = parse_instant(form.start.data), script_for(offer)
    if not form.validate() or starts_at is None:
        return _page(found, form, _outdated(found) or _("Choose a time from the list.")), 422
    if script.unanswered:
        unasked = _("Ask every question, and choose yes or no.")
        return _page(found, form, _outdated(found) or unasked), 422
    place = asked_place(usual_place())
    if obstacle := _obstacle(found, clock.local_date(starts_at, place.zone.key)):
        return _page(found, form, obstacle), 422
    wanted = Wanted(place, offer, starts_at, script.given(found.birth_date))
    try:
        done = submit(lambda: _booked(found, wanted))
    except REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, sentence(refusal)), 422
    return done.answer() if done.to else (_page(found, form), 422)


def _booked(patient: Patient, wanted: Wanted) -> Done:
    """Book, or go where the answers lead: to the script for a crisis, or back to the page."""
    require_treatment(patient.id)
    made = book_by_phone(
        patient,
        wanted.place,
        wanted.offer,
        wanted.starts_at,
        wanted.given,
        current_user.id,
        clock.now(),
    )
    if isinstance(made, Booked):
        return Done(day_address(made.appointment), str(_("Booked.")))
    is_danger = made.outcome is ScreeningOutcome.HELP_FIRST
    return Done(url_for("desk.crisis") if is_danger else "")


def _outdated(patient: Patient) -> str:
    return difference(treatment_version(patient.id))


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
    if any(flag.is_verified for flag in _calls_first(patient)):
        return str(_("A clinician has to call this patient first and clear the flag."))
    return ""


def _calls_first(patient: Patient) -> list[Flag]:
    flags = screening.open_flags(patient.id)
    return [flag for flag in flags if flag.kind is FlagKind.CALL_FIRST]


def _report(patient: Patient) -> str:
    """Return what to know of an unverified report: it stops nobody whom the desk knows and asks itself."""
    if all(flag.is_verified for flag in _calls_first(patient)):
        return ""
    return str(
        _(
            "Somebody answered online, in this patient’s name, that a clinician should call first. It is "
            "not verified: ask the questions yourself."
        )
    )


def _page(patient: Patient, form: TimeForm, problem: str = "") -> str:
    now, offer, place = clock.now(), _asked_offer(), asked_place(usual_place())
    today = clock.local_date(now, place.zone.key)
    free = asked_free(place, offer.demand, asked_day(today), now)
    day = asked_day(free.first_open or today)
    return render_template(
        "desk/book.html",
        patient=patient,
        offer=offer,
        offers=_offers(),
        place=place,
        places=offering.catalogue().places.values(),
        free=free,
        chosen_day=day,
        chosen=parse_instant(form.start.data),
        script=script_for(offer),
        language=str(get_locale()),
        form=form,
        problem=problem or _obstacle(patient, day),
        report=_report(patient),
    )
