"""A lost link is sent again to the contact on file; the answer never tells whether anybody is known."""

from flask import redirect, render_template, url_for

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.locations import operations as locations
from booking.reminders.lost_links import resend_links
from booking.site.blueprint import blueprint
from booking.site.forms import LostLinkForm
from booking.site.visitor_hold import Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch
from booking.web.response_timing import pad_response_time

LINKS_ALLOWED = "5 per minute; 15 per hour"


@blueprint.get("/book/link")
@access(Access.PUBLIC)
def ask_for_link() -> str:
    """Ask who has lost a link."""
    return render_template("site/lost_link.html", form=LostLinkForm(formdata=None), problems=[])


@blueprint.post("/book/link")
@access(Access.PUBLIC)
@limit_rate(LINKS_ALLOWED, unless=is_language_switch)
def send_link_again() -> Page:
    """Send what is to be sent; whoever asks is answered the same, after the same time (invariant 14)."""
    form, now = LostLinkForm(), clock.now()
    if is_language_switch():
        return render_template("site/lost_link.html", form=form, problems=[])
    request = form.read_request(availability.get_clinic_date(now))
    if request is None:
        return render_template("site/lost_link.html", form=form, problems=form.problems), 422
    resend_links(request, now)
    return pad_response_time(redirect(url_for(".show_link_sent")))


@blueprint.get("/book/link/sent")
@access(Access.PUBLIC)
def show_link_sent() -> str:
    """Say what happens if there is such a person, and what to do if nothing comes."""
    return render_template("site/link_sent.html", locations=locations.list_active_locations())
