"""Links by which a calendar program follows a location, a practitioner, a room or a chair."""

from urllib.parse import urlsplit, urlunsplit

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_row_version
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.feeds import operations, queries
from booking.feeds.models import CalendarFeed
from booking.feeds.rendering import name_calendar
from booking.reminders.contexts import feed_url
from booking.staff.queries import get_staff_names


@blueprint.get("/feeds")
@access(Access.STAFF)
def list_feeds() -> str:
    """Show the links that answer, and what one can be made to."""
    return _page()


@blueprint.post("/feeds")
@access(Access.STAFF)
def create_feed() -> AnyResponse | tuple[str, int]:
    """Make a secret iCalendar link for a location, practitioner, room or chair."""
    try:
        return submit_once(lambda: _created(request.form.get("subject", ""))).to_response()
    except operations.UnknownSubject:
        return _page(str(_("Choose a calendar."))), 422
    except FORM_REFUSALS as refusal:
        return _page(explain_refusal(refusal)), 422


@blueprint.post("/feeds/<int:feed_id>/revoke")
@access(Access.STAFF)
def revoke_feed(feed_id: int) -> AnyResponse | tuple[str, int]:
    """Let a link answer no longer."""
    if not queries.has_feed(feed_id):
        abort(404)
    try:
        return submit_once(lambda: _revoked(feed_id)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(explain_refusal(refusal)), 422


def _created(key: str) -> RedirectWithNotice:
    feed = operations.create_feed(key, current_user.id, clock.now())
    name = name_calendar(queries.get_feed_subject(feed))
    return RedirectWithNotice(_address(), str(_("Link made: %(name)s.", name=name)))


def _revoked(feed_id: int) -> RedirectWithNotice:
    require_row_version(CalendarFeed, feed_id)
    operations.revoke_feed(feed_id, current_user.id, clock.now())
    return RedirectWithNotice(_address(), str(_("Revoked: the link answers no longer.")))


def _address() -> str:
    return url_for("desk.list_feeds")


def _page(problem: str = "") -> str:
    feeds = queries.list_feeds()
    return render_template(
        "desk/feeds/list.html",
        feeds=[(feed, queries.get_feed_subject(feed), feed_url(feed.token)) for feed in feeds],
        makers=get_staff_names([feed.created_by_id for feed in feeds]),
        subjects=queries.list_feed_subjects(),
        selected=request.form.get("subject"),
        problem=problem,
    )


def _as_webcal(url: str) -> str:
    """Return the address that a calendar program opens by itself."""
    return urlunsplit(urlsplit(url)._replace(scheme="webcal"))


blueprint.add_app_template_filter(name_calendar)
blueprint.add_app_template_filter(_as_webcal, "as_webcal")
