"""The page that an invitation's link opens: a password is chosen there, once."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.forms import NewPasswordForm
from booking.staff import invitations
from booking.staff.invitations import InvitationOver
from booking.staff.password_changes import WeakPassword


@blueprint.get("/invitation/<invitation_token>")
@access(Access.TOKEN)
def show_invitation(invitation_token: str) -> str | tuple[str, int]:
    """Show the form; opening the link uses nothing up."""
    return _page(invitation_token, NewPasswordForm(formdata=None))


@blueprint.post("/invitation/<invitation_token>")
@access(Access.TOKEN)
def accept_invitation(invitation_token: str) -> AnyResponse | str | tuple[str, int]:
    """Set the password; signing in with it comes next."""
    form = NewPasswordForm()
    if not form.validate():
        return _page(invitation_token, form, 422)
    try:
        invitations.accept_invitation(invitation_token, form.chosen_password, clock.now())
    except WeakPassword as refusal:
        form.refuse(refusal.fault)
        return _page(invitation_token, form, 422)
    except InvitationOver:
        return _over()
    flash(_("Your password is set. Sign in with it."))
    return redirect(url_for("staff.show_sign_in"))


def _page(token: str, form: NewPasswordForm, status: int = 200) -> tuple[str, int]:
    try:
        person = invitations.get_invited_staff(token, clock.now())
    except InvitationOver:
        return _over()
    return render_template("desk/people/accept.html", form=form, person=person), status


def _over() -> tuple[str, int]:
    return render_template("desk/people/over.html"), 404
