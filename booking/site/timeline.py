"""All of a person's visits, by the link of one of them: shown only after the birth date is given."""

from datetime import datetime

from flask import redirect, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.models import Appointment
from booking.appointments.queries import list_upcoming_appointments
from booking.locations import operations as locations
from booking.mood.progress_chart import NARROW, ProgressChart
from booking.mood.queries import draw_patient_scores, draw_series_scores
from booking.mood.series_drawings import draw_series_progress
from booking.patients import operations as patients
from booking.series.timeline import SeriesTimeline, list_timelines
from booking.site.birth_proof import TRIES_FROM_ADDRESS, is_proven, try_birth_date
from booking.site.blueprint import blueprint
from booking.site.forms import BirthDateForm
from booking.site.own_page import render_own_page
from booking.site.rhythms import describe_rhythm
from booking.site.timeline_steps import list_timeline_steps
from booking.site.visitor_hold import Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch


@blueprint.get("/a/<token>/visits")
@access(Access.TOKEN)
def ask_birth_date(token: str) -> Page:
    """Ask for the birth date, or show the visits to who has given it just now; writes nothing."""
    appointment = self_service.get_own_appointment(token)
    if not is_proven(token, clock.now()):
        return _asking_page(appointment, BirthDateForm(formdata=None))
    return _timeline_page(appointment, clock.now())


@blueprint.post("/a/<token>/visits")
@access(Access.TOKEN)
@limit_rate(TRIES_FROM_ADDRESS, unless=is_language_switch)
def check_birth_date(token: str) -> Page:
    """Compare a birth date with the one on file; the proof is this link's alone, for a while."""
    appointment, form, now = self_service.get_own_appointment(token), BirthDateForm(), clock.now()
    if is_language_switch():
        return _asking_page(appointment, form)
    link = str(appointment.id)
    if not try_birth_date(
        form, token, link, lambda day: self_service.is_own_birth_date(token, day), now
    ):
        return _asking_page(appointment, form), 422
    return redirect(url_for(".ask_birth_date", token=token))


def _asking_page(appointment: Appointment, form: BirthDateForm) -> str:
    return render_own_page(
        "site/birth_date.html", appointment, form=form, problems=form.birth_date_problems
    )


def _timeline_page(appointment: Appointment, now: datetime) -> str:
    patient_id = appointment.patient_id or 0
    timelines = list_timelines(patient_id)
    tokens = {session.token for timeline in timelines for session in timeline.sessions}
    upcoming = list_upcoming_appointments(patients.list_record_ids(patient_id), now)
    zone = appointment.time_zone
    described = [
        (
            each,
            _draw(each, zone, now),
            list_timeline_steps(each, zone),
            draw_series_scores(each.series),
        )
        for each in timelines
    ]
    series_ids = [timeline.series.id for timeline in timelines]
    return render_own_page(
        "site/timeline.html",
        appointment,
        timelines=described,
        others=[other for other in upcoming if other.token not in tokens],
        locations=locations.get_all_locations(),
        chart=draw_patient_scores(patient_id, series_ids),
    )


def _draw(timeline: SeriesTimeline, zone: str, now: datetime) -> ProgressChart | None:
    """Return a series as its patient sees it: scores over the visits, and no word on who changed what."""
    return draw_series_progress(
        timeline, clock.local_date(now, zone), NARROW, describe_rhythm, with_scores=True
    )
