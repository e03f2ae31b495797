"""Inviting somebody, and a new link for who lost theirs or has forgotten the password."""

from flask import current_app, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.db.transactions import transaction
from booking.desk.form_versions import require_row_version
from booking.desk.people.blueprint import blueprint
from booking.desk.people.forms import InvitationForm
from booking.desk.people.listing import SHOWN_ONCE, active_person_or_404
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.reminders.contexts import public_address
from booking.staff import invitations, people
from booking.staff.invitations import NewInvitation
from booking.staff.models import Staff
from booking.web.formats import format_local_day, format_local_time


@blueprint.get("/people/new")
@access(Access.MANAGER, confirmed=True)
def new_person() -> str:
    """Show the form."""
    return _new_page(InvitationForm(formdata=None).set_choices())


@blueprint.post("/people/new")
@access(Access.MANAGER, confirmed=True)
def invite_person() -> AnyResponse | tuple[str, int]:
    """Take somebody on, who sets a password with a link: shown once, and sent where e-mail is set up."""
    form = InvitationForm().set_choices()
    if not form.validate():
        return _new_page(form), 422
    try:
        return submit_once(lambda: _invited(form)).to_response()
    except people.EmailInUse:
        form.email.errors = [_("Somebody here has this e-mail already.")]
        return _new_page(form), 422
    except FORM_REFUSALS as refusal:
        return _new_page(form, explain_refusal(refusal)), 422


@blueprint.get("/people/<int:staff_id>/link")
@access(Access.MANAGER, confirmed=True)
def confirm_link(staff_id: int) -> str:
    """Ask whether a new link is to be made."""
    return _link_page(active_person_or_404(staff_id))


@blueprint.post("/people/<int:staff_id>/link")
@access(Access.MANAGER, confirmed=True)
def make_link(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Make a new link; the one before works no more, the password until the link is used."""
    person = active_person_or_404(staff_id)
    try:
        return submit_once(lambda: _link_made(person)).to_response()
    except FORM_REFUSALS as refusal:
        return _link_page(person, explain_refusal(refusal)), 422


def _invited(form: InvitationForm) -> RedirectWithNotice:
    person, invitation = people.add_person(
        form.chosen_name, form.chosen_email, form.chosen, clock.now(), current_user.actor
    )
    return _handed_over(person, invitation)


def _link_made(person: Staff) -> RedirectWithNotice:
    require_row_version(Staff, person.id)
    invitation = invitations.make_invitation(person, clock.now(), current_user.actor)
    return _handed_over(person, invitation)


@transaction()
def _handed_over(person: Staff, invitation: NewInvitation) -> RedirectWithNotice:
    """Send the link where e-mail is set up, and let the next page show it, once."""
    path = url_for("staff.show_invitation", invitation_token=invitation.token)
    url, zone = public_address(path), home_zone()
    notice = _("The link is below: hand it over yourself.")
    if current_app.config["SMTP_URL"] or current_app.config["DEMO"]:
        day, time = (
            show(invitation.expires_at, zone) for show in (format_local_day, format_local_time)
        )
        until = f"{day}, {time}"
        invitations.enqueue_invitation(invitation, person.email, url, until, zone, clock.now())
        notice = _("The link is on its way to %(email)s.", email=person.email)
    session[SHOWN_ONCE] = (person.id, url)
    return RedirectWithNotice(url_for("staff.show_person", staff_id=person.id), str(notice))


def _new_page(form: InvitationForm, problem: str = "") -> str:
    return render_template("desk/people/new.html", form=form, problem=problem)


def _link_page(person: Staff, problem: str = "") -> str:
    return render_template("desk/people/link.html", person=person, problem=problem)
