"""Where a booking stops kindly: help first, adults only, and asking to be called."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, render_template, session, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import callbacks as requests
from booking.calendars import availability
from booking.calendars.deadlines import Deadline
from booking.db.idempotency import canonical_digest, run_once
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.forms import CallRequestForm, Problems, list_form_problems
from booking.site.visitor_hold import CALLBACK_KEY, CALLS_ALLOWED, STOPPED_BOOKING_KEY, Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch


@blueprint.get("/book/help")
@access(Access.PUBLIC)
def show_help_now() -> str:
    """Help first: 911 and 988 before anything else, and no form in the way."""
    all_locations, own_location, now = (
        availability.current_catalogue().locations_by_id,
        locations.list_active_locations(),
        clock.now(),
    )
    opening = {
        location.id: all_locations[location.id].next_opening(now) for location in own_location
    }
    return render_template("site/help.html", locations=own_location, opening=opening, now=now)


@blueprint.get("/book/adults")
@access(Access.PUBLIC)
def show_adults_only() -> str:
    """Adults only: nothing was kept."""
    return render_template("site/adults.html")


@blueprint.get("/book/call-first")
@access(Access.PUBLIC)
def ask_for_call_before_booking() -> Page:
    """A clinician calls first: thank the person whose answers led here, and let them leave a number."""
    if STOPPED_BOOKING_KEY not in session:
        return redirect(url_for(".ask_for_callback"))
    return _call_first_page(CallRequestForm(formdata=None), [])


@blueprint.post("/book/call-first")
@access(Access.PUBLIC)
@limit_rate(CALLS_ALLOWED, unless=is_language_switch)
def submit_call_before_booking() -> Page:
    """Keep the number and give a clinician the task."""
    form = CallRequestForm()
    if is_language_switch():
        return _call_first_page(form, [])
    if not form.validate():
        return _call_first_page(form, list_form_problems(form)), 422
    stopped_booking = session.get(STOPPED_BOOKING_KEY, {})
    slot_wanted = stopped_booking.get("wanted")
    noted = _ask_once(
        "call_first",
        form,
        lambda: requests.request_call_before_booking(
            form.person,
            form.number,
            clock.now(),
            location=availability.current_catalogue().locations.get(
                stopped_booking.get("place", "")
            ),
            wanted_start=datetime.fromisoformat(slot_wanted) if slot_wanted else None,
            flag_id=stopped_booking.get("flag"),
        ),
    )
    session.pop(STOPPED_BOOKING_KEY, None)
    return noted


def _call_first_page(form: CallRequestForm, problems: Problems) -> str:
    stopped_booking = session.get(STOPPED_BOOKING_KEY, {})
    location = availability.current_catalogue().locations.get(stopped_booking.get("place", ""))
    return render_template(
        "site/call_first.html",
        form=form,
        problems=problems,
        wanted=datetime.fromisoformat(stopped_booking["wanted"]) if location else None,
        location=location,
        due=requests.compute_callback_deadline(location, clock.now()),
    )


@blueprint.get("/book/call")
@access(Access.PUBLIC)
def ask_for_callback() -> str:
    """Would rather be called."""
    return _call_page(CallRequestForm(formdata=None), [])


@blueprint.post("/book/call")
@access(Access.PUBLIC)
@limit_rate(CALLS_ALLOWED, unless=is_language_switch)
def submit_callback() -> Page:
    """Keep the number and give the desk the task."""
    form = CallRequestForm()
    if is_language_switch():
        return _call_page(form, [])
    if not form.validate():
        return _call_page(form, list_form_problems(form)), 422
    name, number = form.person, form.number
    return _ask_once("call", form, lambda: requests.request_callback(name, number, clock.now()))


def _call_page(form: CallRequestForm, problems: Problems) -> str:
    deadline = requests.compute_callback_deadline(None, clock.now())
    return render_template(
        "site/call.html",
        form=form,
        problems=problems,
        due=deadline,
        locations=locations.list_active_locations(),
    )


def _ask_once(scope: str, form: CallRequestForm, ask: Callable[[], Deadline]) -> Page:
    """Ask for a call unless this very form was sent before; go on to what was promised."""

    def produce() -> tuple[int, dict[str, str]]:
        deadline = ask()
        return 302, {"by": deadline.at.isoformat(), "zone": deadline.zone}

    # The number typed belongs to the key: the same page, sent with another one, is another request.
    key = canonical_digest([form.key.data, form.person, form.number])
    session[CALLBACK_KEY] = run_once(scope, key, {}, clock.now(), produce)[1]
    return redirect(url_for(".show_call_confirmation"))


@blueprint.errorhandler(requests.TooManyCallRequests)
def handle_too_many_call_requests(_error: requests.TooManyCallRequests) -> Page:
    """Promise no call that nobody can make: the phone numbers are there."""
    return render_template("site/call_us.html", locations=locations.list_active_locations()), 503


@blueprint.get("/book/call/noted")
@access(Access.PUBLIC)
def show_call_confirmation() -> Page:
    """We will call, and by when; said only to who has asked."""
    callback = session.get(CALLBACK_KEY)
    deadline = (
        Deadline(datetime.fromisoformat(callback["by"]), callback["zone"]) if callback else None
    )
    if deadline is None or deadline.at < clock.now():
        return redirect(url_for(".ask_for_callback"))
    return render_template("site/call_noted.html", due=deadline)
