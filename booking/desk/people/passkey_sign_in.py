"""Signing in with a passkey: two factors in one, and no address to type."""

from typing import Any

from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.passkey_answers import AnswerForm, this_site
from booking.desk.sign_in import (
    UNKNOWN_DEVICE_LIMIT,
    complete_sign_in,
    end_earlier_sign_in,
    render_sign_in,
    this_browser,
)
from booking.desk.sign_in_form import SignInForm
from booking.staff import passkeys
from booking.staff.passkeys import PasskeyRefused
from booking.web.limits import count_request


@blueprint.post("/sign-in/passkey/begin")
@access(Access.PUBLIC)
def begin_passkey_sign_in() -> dict[str, Any]:
    """Answer what the browser is to prove a passkey with (JSON)."""
    count_request(UNKNOWN_DEVICE_LIMIT)
    return passkeys.begin_sign_in(this_site(), clock.now())


@blueprint.post("/sign-in/passkey")
@access(Access.PUBLIC)
def submit_passkey() -> AnyResponse | tuple[str, int]:
    """Open a sign-in that a passkey proves."""
    count_request(UNKNOWN_DEVICE_LIMIT)
    try:
        answer = AnswerForm().read_answer()
        key = passkeys.finish_sign_in(answer, this_site(), clock.now(), this_browser())
    except PasskeyRefused:
        problem = _("This passkey is not known here. Sign in with your password.")
        return render_sign_in(SignInForm(formdata=None), problem), 422
    end_earlier_sign_in()
    return complete_sign_in(key)
