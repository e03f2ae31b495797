"""Changing one's own password: it asks for the one before, and ends one's other sign-ins."""

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.confirming import is_own_password
from booking.desk.people.forms import NewPasswordForm, PasswordForm
from booking.desk.people.listing import person_or_404
from booking.staff import password_changes
from booking.staff.password_changes import WeakPassword


class ChangePasswordForm(PasswordForm, NewPasswordForm):
    """The password before, and the one to come."""


@blueprint.get("/account/password")
@access(Access.STAFF)
def edit_password() -> str:
    """Show the form."""
    return _page(ChangePasswordForm(formdata=None))


@blueprint.post("/account/password")
@access(Access.STAFF)
def change_password() -> AnyResponse | tuple[str, int]:
    """Change one's own password, end all one's sign-ins, and lead to the page of signing in."""
    form = ChangePasswordForm()
    if not (form.validate() and is_own_password(form)):
        return _page(form), 422
    person = person_or_404(current_user.id)
    try:
        password_changes.replace_password(
            person, form.chosen_password, clock.now(), current_user.actor
        )
    except WeakPassword as refusal:
        form.refuse(refusal.fault)
        return _page(form), 422
    session.clear()
    flash(_("Your password is changed. Sign in with it."))
    return redirect(url_for("staff.show_sign_in"))


def _page(form: ChangePasswordForm) -> str:
    return render_template("desk/people/password.html", form=form)
