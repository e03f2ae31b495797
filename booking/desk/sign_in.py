"""Signing in at the desk."""

from datetime import timedelta
from math import ceil

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.signed_in import KEY
from booking.desk.sign_in_form import SignInForm
from booking.staff import operations as staff
from booking.staff.awaiting import find_awaiting
from booking.staff.operations import Browser
from booking.staff.sign_in_attempts import TooManySignInAttempts
from booking.web.cookies import parse_cookie, set_cookie
from booking.web.limits import count_request

DEVICE, AWAITING = "desk_device", "awaiting_key"
DEVICE_RETENTION = timedelta(days=365)
UNKNOWN_DEVICE_LIMIT = "10 per minute; 60 per hour"  # tries from one address


@blueprint.get("/sign-in")
@access(Access.PUBLIC)
def show_sign_in() -> str:
    """Show the form."""
    return render_sign_in(SignInForm())


def render_sign_in(form: SignInForm, problem: str = "") -> str:
    """Return the page; `problem` is what is wrong with none of its fields."""
    return render_template("desk/sign_in.html", form=form, problem=problem)


@blueprint.post("/sign-in")
@access(Access.PUBLIC)
def submit_sign_in() -> AnyResponse | tuple[str, int]:
    """Open a sign-in; the answer doesn't tell which of the two was wrong.

    A browser that signed in before is not counted with its address, which guests may share.
    """
    form, now, device_key = SignInForm(), clock.now(), parse_cookie(DEVICE)
    email = form.email.data or ""
    is_known_device = staff.is_known_device(email, device_key)
    if not is_known_device:
        count_request(UNKNOWN_DEVICE_LIMIT)
    key = None
    try:
        if form.validate():
            key = staff.sign_in(email, form.password.data or "", now, device_key, this_browser())
    except TooManySignInAttempts as refusal:
        raise TooManyRequests(retry_after=ceil((refusal.until - now).total_seconds())) from refusal
    if key is None:
        form.email.errors = [_("This e-mail and password don't belong together.")]
        return render_sign_in(form), 422
    return _enter(key, is_known_device)


def _enter(key: str, is_known_device: bool) -> AnyResponse:
    """End the sign-in before, and go on: to the second factor, where one is set up."""
    end_earlier_sign_in()
    if find_awaiting(key, clock.now()):
        session[AWAITING] = key
        return redirect(url_for("staff.show_second_step", next=request.args.get("next")))
    return complete_sign_in(key, is_known_device=is_known_device)


def end_earlier_sign_in() -> None:
    """End what this browser was signed in to, and forget what it kept."""
    if earlier_key := session.get(KEY):
        staff.sign_out(earlier_key, clock.now())
    session.clear()


def complete_sign_in(key: str, *, is_known_device: bool = False) -> AnyResponse:
    """Begin the session of a sign-in that opens pages, and let its browser be known again."""
    session.pop(AWAITING, None)
    session[KEY] = key
    response = redirect(safe_next() or url_for("desk.show_today"))
    if not is_known_device:
        device_key = staff.remember_device(key, clock.now())
        set_cookie(response, DEVICE, device_key, DEVICE_RETENTION)
    return response


@blueprint.post("/sign-out")
@access(Access.STAFF, for_enrolment=True)
def sign_out() -> AnyResponse:
    """End this sign-in at the server, and forget its key here."""
    staff.sign_out(session.pop(KEY), clock.now())
    session.clear()
    return redirect(url_for("staff.show_sign_in"))


def this_browser() -> Browser:
    """Return what this request says of the browser it comes from."""
    return Browser(request.user_agent.string, request.remote_addr or "")


def safe_next() -> str | None:
    """Return the page asked for before signing in, if it is one of the desk's own."""
    target = request.args.get("next", "")
    is_ours = target.startswith("/desk/") and target.isprintable()  # no scheme, host or line end
    return target if is_ours else None
