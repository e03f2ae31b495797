"""Ending sign-ins: one's own elsewhere, or as a manager somebody's."""

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.listing import person_or_404
from booking.staff import sessions


@blueprint.post("/account/sessions/<int:session_id>/end")
@access(Access.STAFF)
def end_own_session(session_id: int) -> AnyResponse:
    """End one of one's own sign-ins."""
    _end(session_id, current_user.id)
    return redirect(url_for("staff.show_account"))


@blueprint.post("/account/sessions/end")
@access(Access.STAFF)
def end_other_sessions() -> AnyResponse:
    """End all of one's sign-ins but this one."""
    sessions.revoke_sessions(
        current_user.id, clock.now(), current_user.actor, keep_id=current_user.session_id
    )
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("staff.show_account"))


@blueprint.post("/people/<int:staff_id>/sessions/<int:session_id>/end")
@access(Access.MANAGER)
def end_session(staff_id: int, session_id: int) -> AnyResponse:
    """End one of somebody's sign-ins."""
    _end(session_id, person_or_404(staff_id).id)
    return redirect(url_for("staff.show_person", staff_id=staff_id))


@blueprint.post("/people/<int:staff_id>/sessions/end")
@access(Access.MANAGER)
def end_sessions(staff_id: int) -> AnyResponse:
    """End all of somebody's sign-ins."""
    sessions.revoke_sessions(person_or_404(staff_id).id, clock.now(), current_user.actor)
    flash(_("They are signed out everywhere."))
    return redirect(url_for("staff.show_person", staff_id=staff_id))


def _end(session_id: int, staff_id: int) -> None:
    """End a sign-in; one that is another's, or has ended already, is not there."""
    if not sessions.revoke_session(session_id, staff_id, clock.now(), current_user.actor):
        abort(404)
    flash(_("That sign-in is over."))
