"""All of a person's visits, by the link of one of them: shown only after the birth date is given."""

from datetime import datetime, timedelta
from hashlib import sha256

from flask import redirect, session, url_for
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.models import Appointment
from booking.appointments.queries import list_upcoming_appointments
from booking.locations import operations as locations
from booking.patients import operations as patients
from booking.series.timeline import describe_upcoming, list_timelines
from booking.site.blueprint import blueprint
from booking.site.forms import BirthDateForm
from booking.site.own_page import render_own_page
from booking.site.visitor_hold import Page
from booking.web.limits import count_tries, limit_rate
from booking.web.page_language import is_language_switch

PROOFS = (
    "proofs"  # in the session: by the token's digest, until when its visitor may see all visits
)
PROOF_LASTS = timedelta(minutes=30)
TRIES_FROM_ADDRESS = "10 per minute; 30 per hour"
TRIES_AT_LINK = "5 per 15 minutes; 20 per day"  # whatever address they come from


@blueprint.get("/a/<token>/visits")
@access(Access.TOKEN)
def ask_birth_date(token: str) -> Page:
    """Ask for the birth date, or show the visits to who has given it just now; writes nothing."""
    appointment = self_service.get_own_appointment(token)
    if not _is_proven(token, clock.now()):
        return _asking_page(appointment, BirthDateForm(formdata=None))
    return _timeline_page(appointment, clock.now())


@blueprint.post("/a/<token>/visits")
@access(Access.TOKEN)
@limit_rate(TRIES_FROM_ADDRESS)
def check_birth_date(token: str) -> Page:
    """Compare a birth date with the one on file; the proof is this link's alone, for a while."""
    appointment, form, now = self_service.get_own_appointment(token), BirthDateForm(), clock.now()
    if is_language_switch():
        return _asking_page(appointment, form)
    form.read_birth_date(now.date())
    if form.birth_date_errors or form.birth_date is None:
        return _asking_page(appointment, form), 422
    count_tries(TRIES_AT_LINK, f"birth date {appointment.id}")
    if not self_service.is_own_birth_date(token, form.birth_date):
        form.birth_date_errors = [
            _("This is not the date of birth that we have. Try again, or call us.")
        ]
        return _asking_page(appointment, form), 422
    session[PROOFS] = {**_current_proofs(now), _digest(token): (now + PROOF_LASTS).timestamp()}
    return redirect(url_for(".ask_birth_date", token=token))


def _asking_page(appointment: Appointment, form: BirthDateForm) -> str:
    return render_own_page(
        "site/birth_date.html", appointment, form=form, problems=form.birth_date_problems
    )


def _timeline_page(appointment: Appointment, now: datetime) -> str:
    patient_id = appointment.patient_id or 0
    timelines = list_timelines(patient_id)
    tokens = {entry.token for timeline in timelines for entry in timeline}
    upcoming = list_upcoming_appointments(patients.list_record_ids(patient_id), now)
    return render_own_page(
        "site/timeline.html",
        appointment,
        timelines=timelines,
        others=[describe_upcoming(other) for other in upcoming if other.token not in tokens],
        locations=locations.get_all_locations(),
    )


def _is_proven(token: str, now: datetime) -> bool:
    return _digest(token) in _current_proofs(now)


def _current_proofs(now: datetime) -> dict[str, float]:
    proofs: dict[str, float] = session.get(PROOFS, {})
    return {digest: until for digest, until in proofs.items() if until > now.timestamp()}


def _digest(token: str) -> str:
    """Return what stands for a token in a cookie, which anybody at the phone can read."""
    return sha256(token.encode()).hexdigest()[:16]
