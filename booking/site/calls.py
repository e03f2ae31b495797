"""Where a booking stops kindly: help first, adults only, and asking to be called."""

from datetime import datetime

from flask import redirect, render_template, session, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import calls as requests
from booking.calendars import offering
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.forms import ContactForm, problems_of
from booking.site.visitor import (
    FLAG,
    HOLDS_ALLOWED,
    Page,
)
from booking.web.limits import limited


@blueprint.get("/book/help")
@access(Access.PUBLIC)
def help_now() -> str:
    """Help first: 911 and 988 before anything else, and no form in the way."""
    known, places, now = offering.catalogue().places_by_id, locations.all_active(), clock.now()
    opening = {place.id: known[place.id].next_open(now) for place in places}
    return render_template("site/help.html", places=places, opening=opening, now=now)


@blueprint.get("/book/adults")
@access(Access.PUBLIC)
def adults() -> str:
    """Adults only: nothing was kept."""
    return render_template("site/adults.html")


@blueprint.get("/book/call-first")
@access(Access.PUBLIC)
def call_first() -> str:
    """A clinician calls first: thank the person, and let them leave a number."""
    return render_template("site/call_first.html", form=ContactForm(formdata=None), problems=[])


@blueprint.post("/book/call-first")
@access(Access.PUBLIC)
@limited(HOLDS_ALLOWED)
def ask_call_first() -> Page:
    """Keep the number and give a clinician the task."""
    form = ContactForm()
    if not form.validate():
        page = render_template("site/call_first.html", form=form, problems=problems_of(form))
        return page, 422
    wanted = session.pop("wanted", None)
    place = offering.catalogue().places.get(session.pop("place", ""))
    requests.ask_to_call_first(
        str(form.name.data),
        form.number,
        clock.now(),
        place=place,
        wanted_start=datetime.fromisoformat(wanted) if wanted else None,
        flag_id=session.get(FLAG),
    )
    return redirect(url_for(".call_noted"))


@blueprint.get("/book/call")
@access(Access.PUBLIC)
def call_me() -> str:
    """Would rather be called."""
    return render_template("site/call.html", form=ContactForm(formdata=None), problems=[])


@blueprint.post("/book/call")
@access(Access.PUBLIC)
@limited(HOLDS_ALLOWED)
def ask_call() -> Page:
    """Keep the number and give the desk the task."""
    form = ContactForm()
    if not form.validate():
        page = render_template("site/call.html", form=form, problems=problems_of(form))
        return page, 422
    requests.ask_to_call_back(str(form.name.data), form.number, clock.now())
    return redirect(url_for(".call_noted"))


@blueprint.get("/book/call/noted")
@access(Access.PUBLIC)
def call_noted() -> str:
    """We will call."""
    return render_template("site/call_noted.html", by=clock.now() + requests.CALL_WITHIN)
