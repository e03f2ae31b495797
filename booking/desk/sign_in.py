"""Signing in at the desk."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.audit.rules import staff_actor
from booking.desk.sign_in_form import SignInForm
from booking.extensions import login
from booking.staff import operations as staff
from booking.staff.models import Role
from booking.staff.sign_in_attempts import TooManySignInAttempts
from booking.web.limits import count_request

blueprint = Blueprint("staff", __name__, url_prefix="/desk")
KEY, DEVICE = "staff_key", "desk_device"
DEVICE_RETENTION = timedelta(days=365)
UNKNOWN_DEVICE_LIMIT = "10 per minute; 60 per hour"  # tries from one address


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """Who is signed in, as Flask-Login asks for it; `actor` is the name in the audit trail."""

    id: int
    name: str
    role: Role
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def actor(self) -> str:
        """Return how the audit trail names this person."""
        return staff_actor(self.id)

    @property
    def may_decide(self) -> bool:
        """Tell whether this person decides on treatment: what only a practitioner may."""
        return self.role is Role.PRACTITIONER

    def get_id(self) -> str:
        """Return the id as text."""
        return str(self.id)


@login.request_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_staff(_request: object) -> SignedInStaff | None:
    """Return who the session's key belongs to, if that sign-in still holds at the server."""
    key, now = session.get(KEY), clock.now()
    if key is None:
        return None
    idle = timedelta(minutes=current_app.config["STAFF_IDLE_MINUTES"])
    person = staff.session_user(key, now, idle)
    if person is None:
        return None
    account = SignedInStaff(person.id, person.name, person.role)
    if _counts_as_use() and staff.is_session_use_outdated(key, now):
        staff.record_session_use(key, now)
    return account


def _counts_as_use() -> bool:
    """Tell whether a person asked for this page, not a page that is left open."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "counts_as_use", True)


@blueprint.get("/sign-in")
@access(Access.PUBLIC)
def show_sign_in() -> str:
    """Show the form."""
    return render_template("desk/sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
@access(Access.PUBLIC)
def submit_sign_in() -> AnyResponse | tuple[str, int]:
    """Open a sign-in; the answer doesn't tell which of the two was wrong.

    A browser that signed in before is not counted with its address, which guests may share.
    """
    form, now, device_key = SignInForm(), clock.now(), request.cookies.get(DEVICE, "")
    email = form.email.data or ""
    is_known_device = staff.is_known_device(email, device_key)
    if not is_known_device:
        count_request(UNKNOWN_DEVICE_LIMIT)
    key = None
    try:
        if form.validate():
            key = staff.sign_in(email, form.password.data or "", now, device_key)
    except TooManySignInAttempts as refusal:
        raise TooManyRequests(retry_after=ceil((refusal.until - now).total_seconds())) from refusal
    if key is None:
        form.email.errors = [_("This e-mail and password don't belong together.")]
        return render_template("desk/sign_in.html", form=form), 422
    return _enter(key, is_known_device)


def _enter(key: str, is_known_device: bool) -> AnyResponse:
    """Begin the session of a sign-in, and let its browser be known again."""
    session.clear()
    session[KEY] = key
    response = redirect(_safe_next() or url_for("desk.show_today"))
    if not is_known_device:
        response.set_cookie(
            DEVICE,
            staff.remember_device(key, clock.now()),
            max_age=DEVICE_RETENTION,
            path=url_for("staff.show_sign_in"),
            secure=current_app.config["SECURE_COOKIES"],
            httponly=True,
            samesite="Lax",
        )
    return response


@blueprint.post("/sign-out")
@access(Access.STAFF)
def sign_out() -> AnyResponse:
    """End this sign-in at the server, and forget its key here."""
    staff.sign_out(session.pop(KEY), clock.now())
    session.clear()
    return redirect(url_for("staff.show_sign_in"))


def _safe_next() -> str | None:
    """Return the page asked for before signing in, if it is one of the desk's own."""
    target = request.args.get("next", "")
    is_ours = target.startswith("/desk/") and target.isprintable()  # no scheme, host or line end
    return target if is_ours else None
