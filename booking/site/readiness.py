"""Ready for an infusion: asked by the appointment's own link, from the evening before."""

from contextlib import suppress

from flask import redirect, request, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import readiness, self_service
from booking.appointments.models import Appointment
from booking.appointments.readiness import Readiness, ReadinessClosed
from booking.site.blueprint import blueprint
from booking.site.forms import ReadinessForm
from booking.site.own_page import render_own_page
from booking.site.visitor_hold import Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch

ANSWERS_ALLOWED = "20 per minute; 60 per hour"


@blueprint.get("/a/<token>/ready")
@access(Access.TOKEN)
def ask_readiness(token: str) -> Page:
    """Ask, once it is time; what was answered before is not shown again."""
    appointment = self_service.get_own_appointment(token)
    if not readiness.asks_readiness(appointment, clock.now()):
        return redirect(url_for(".show_appointment", token=token))
    return _asking_page(appointment, ReadinessForm({}))


@blueprint.post("/a/<token>/ready")
@access(Access.TOKEN)
@limit_rate(ANSWERS_ALLOWED, unless=is_language_switch)
def save_readiness(token: str) -> Page:
    """Keep what was answered; the appointment's page then says what follows."""
    appointment, form = self_service.get_own_appointment(token), ReadinessForm(request.form)
    if is_language_switch():
        return _asking_page(appointment, form)
    if not form.is_complete():
        return _asking_page(appointment, form), 422
    answers = Readiness(**form.answers)
    with suppress(ReadinessClosed):  # its page says what it is now
        readiness.save_readiness(appointment.id, answers, clock.now(), self_service.ACTOR)
    return redirect(url_for(".show_appointment", token=token))


def _asking_page(appointment: Appointment, form: ReadinessForm) -> str:
    return render_own_page("site/ready.html", appointment, form=form)
