"""Where a booking stops kindly: help first, adults only, and asking to be called."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, render_template, session, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import calls as requests
from booking.calendars import offering
from booking.calendars.deadlines import Deadline
from booking.idempotency import answer_once, digest_of
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.forms import ContactForm, Problems, problems_of
from booking.site.visitor import ASKED, CALLS_ALLOWED, STOPPED, Page
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
def call_first() -> Page:
    """A clinician calls first: thank the person whose answers led here, and let them leave a number."""
    if STOPPED not in session:
        return redirect(url_for(".call_me"))
    return _call_first_page(ContactForm(formdata=None), [])


@blueprint.post("/book/call-first")
@access(Access.PUBLIC)
@limited(CALLS_ALLOWED)
def ask_call_first() -> Page:
    """Keep the number and give a clinician the task."""
    form = ContactForm()
    if not form.validate():
        return _call_first_page(form, problems_of(form)), 422
    stopped = session.get(STOPPED, {})
    wanted = stopped.get("wanted")
    noted = _ask_once(
        "call_first",
        form,
        lambda: requests.ask_to_call_first(
            form.person,
            form.number,
            clock.now(),
            place=offering.catalogue().places.get(stopped.get("place", "")),
            wanted_start=datetime.fromisoformat(wanted) if wanted else None,
            flag_id=stopped.get("flag"),
        ),
    )
    session.pop(STOPPED, None)
    return noted


def _call_first_page(form: ContactForm, problems: Problems) -> str:
    stopped = session.get(STOPPED, {})
    place = offering.catalogue().places.get(stopped.get("place", ""))
    return render_template(
        "site/call_first.html",
        form=form,
        problems=problems,
        wanted=datetime.fromisoformat(stopped["wanted"]) if place else None,
        place=place,
        due=requests.call_deadline(place, clock.now()),
    )


@blueprint.get("/book/call")
@access(Access.PUBLIC)
def call_me() -> str:
    """Would rather be called."""
    return _call_page(ContactForm(formdata=None), [])


@blueprint.post("/book/call")
@access(Access.PUBLIC)
@limited(CALLS_ALLOWED)
def ask_call() -> Page:
    """Keep the number and give the desk the task."""
    form = ContactForm()
    if not form.validate():
        return _call_page(form, problems_of(form)), 422
    name, number = form.person, form.number
    return _ask_once("call", form, lambda: requests.ask_to_call_back(name, number, clock.now()))


def _call_page(form: ContactForm, problems: Problems) -> str:
    due = requests.call_deadline(None, clock.now())
    return render_template("site/call.html", form=form, problems=problems, due=due)


def _ask_once(scope: str, form: ContactForm, ask: Callable[[], Deadline]) -> Page:
    """Ask for a call unless this very form was sent before; go on to what was promised."""

    def produce() -> tuple[int, dict[str, str]]:
        due = ask()
        return 302, {"by": due.at.isoformat(), "zone": due.zone}

    # The number typed belongs to the key: the same page, sent with another one, is another request.
    key = digest_of([form.key.data, form.person, form.number])
    session[ASKED] = answer_once(scope, key, {}, clock.now(), produce)[1]
    return redirect(url_for(".call_noted"))


@blueprint.errorhandler(requests.TooManyCalls)
def on_too_many_calls(_error: requests.TooManyCalls) -> Page:
    """Promise no call that nobody can make: the phone numbers are there."""
    return render_template("site/call_us.html", places=locations.all_active()), 503


@blueprint.get("/book/call/noted")
@access(Access.PUBLIC)
def call_noted() -> Page:
    """We will call, and by when; said only to who has asked."""
    asked = session.get(ASKED)
    due = Deadline(datetime.fromisoformat(asked["by"]), asked["zone"]) if asked else None
    if due is None or due.at < clock.now():
        return redirect(url_for(".call_me"))
    return render_template("site/call_noted.html", due=due)
