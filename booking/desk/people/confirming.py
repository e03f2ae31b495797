"""Who is signed in says once more who they are, before a change that others could misuse (ASVS 5.0, 7.5)."""

from math import ceil

from flask import redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.forms import PasswordForm
from booking.desk.people.signed_in import KEY
from booking.desk.sign_in import DEVICE, safe_next
from booking.staff import identity
from booking.staff.sign_in_attempts import TooManySignInAttempts
from booking.web.cookies import parse_cookie

MINUTE = 60  # seconds


@blueprint.get("/confirm")
@access(Access.STAFF)
def show_confirmation() -> str:
    """Ask for the password."""
    return _page(PasswordForm(formdata=None))


@blueprint.post("/confirm")
@access(Access.STAFF)
def confirm() -> AnyResponse | tuple[str, int]:
    """Go on to what was asked for; the sign-in has another key from then on."""
    form = PasswordForm()
    if not (form.validate() and is_own_password(form)):
        return _page(form), 422
    return go_on_confirmed()


def go_on_confirmed() -> AnyResponse:
    """Let the sign-in count as confirmed, and go on."""
    session[KEY] = identity.renew_confirmed(session[KEY], clock.now())
    return redirect(safe_next() or url_for("staff.show_account"))


def is_own_password(form: PasswordForm) -> bool:
    """Tell whether a password is that of who is signed in; else say so at its field."""
    now, device_key = clock.now(), parse_cookie(DEVICE)
    try:
        if identity.confirm_identity(current_user.id, form.password.data or "", now, device_key):
            return True
        form.password.errors = [_("This is not your password.")]
    except TooManySignInAttempts as refusal:
        minutes = ceil((refusal.until - now).total_seconds() / MINUTE)
        form.password.errors = [_("Too many tries. Wait %(minutes)s min.", minutes=minutes)]
    return False


def _page(form: PasswordForm) -> str:
    return render_template("desk/people/confirm.html", form=form)
