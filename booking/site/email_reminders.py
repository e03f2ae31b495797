"""Reminders by e-mail are stopped, and sent again, by the link in each of them."""

from flask import abort, redirect, render_template, request, url_for

from booking import clock
from booking.access import Access, access
from booking.extensions import csrf
from booking.messaging import email_preferences
from booking.messaging.email_preferences import UnknownEmailToken
from booking.site.blueprint import blueprint
from booking.site.visitor_hold import Page

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # what a mail program posts by itself (RFC 8058, 3.2)


@blueprint.get("/e/<mail_token>")
@access(Access.TOKEN)
def show_email_reminders(mail_token: str) -> str:
    """Say whether reminders go to the address, and offer the other; changes nothing."""
    preference = email_preferences.find_preference(mail_token) or abort(404)
    return render_template("site/email_reminders.html", preference=preference)


@blueprint.post("/e/<mail_token>")
@access(Access.TOKEN)
def stop_email_reminders(mail_token: str) -> Page:
    """Stop them. A mail program is answered without a page to go to, as RFC 8058 asks."""
    try:
        email_preferences.stop_reminders(mail_token, clock.now())
    except UnknownEmailToken:
        abort(404)
    if request.form.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        return "", 200
    return redirect(url_for(".show_email_reminders", mail_token=mail_token))


# A mail program has no page of ours; the address, 128 random bits, is the proof.
csrf.exempt(stop_email_reminders)


@blueprint.post("/e/<mail_token>/resume")
@access(Access.TOKEN)
def resume_email_reminders(mail_token: str) -> Page:
    """Send them again."""
    try:
        email_preferences.resume_reminders(mail_token, clock.now())
    except UnknownEmailToken:
        abort(404)
    return redirect(url_for(".show_email_reminders", mail_token=mail_token))
