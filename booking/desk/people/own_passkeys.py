"""One's own passkeys: added with the browser one sits at, and removed."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.listing import person_or_404
from booking.desk.people.passkey_answers import NewPasskeyForm, this_site
from booking.desk.people.showing import format_device
from booking.staff import passkeys
from booking.staff.passkeys import PasskeyRefused


@blueprint.get("/account/passkeys/new")
@access(Access.STAFF, confirmed=True)
def edit_new_passkey() -> str:
    """Show the form that names a new passkey; its script has the browser make the key."""
    device = format_device(request.user_agent.string)
    return _page(NewPasskeyForm(formdata=None, name=device))


@blueprint.post("/account/passkeys/begin")
@access(Access.STAFF, confirmed=True)
def begin_passkey() -> dict[str, Any]:
    """Answer what the browser is to make a passkey of (JSON)."""
    person = person_or_404(current_user.id)
    return passkeys.begin_registration(person, this_site(), clock.now())


@blueprint.post("/account/passkeys/new")
@access(Access.STAFF, confirmed=True)
def add_passkey() -> AnyResponse | tuple[str, int]:
    """Keep the passkey that the browser has made."""
    form = NewPasskeyForm()
    if not form.validate():
        return _page(form), 422
    try:
        answer, name = form.read_answer(), form.chosen_name
        passkeys.finish_registration(current_user.id, answer, name, this_site(), clock.now())
    except PasskeyRefused:
        return _page(form, _("The browser made no passkey for this site. Please try again.")), 422
    flash(_("Sign in with this passkey from now on, without a password and a code."))
    return redirect(url_for("staff.show_account"))


@blueprint.post("/account/passkeys/<int:passkey_id>/remove")
@access(Access.STAFF, confirmed=True)
def remove_passkey(passkey_id: int) -> AnyResponse:
    """Let one of one's own passkeys count no more."""
    if not passkeys.remove_passkey(current_user.id, passkey_id, clock.now(), current_user.actor):
        abort(404)
    flash(_("That passkey counts no more. Delete it on the device, too."))
    return redirect(url_for("staff.show_account"))


def _page(form: NewPasskeyForm, problem: str = "") -> str:
    return render_template("desk/people/passkey.html", form=form, problem=problem)
