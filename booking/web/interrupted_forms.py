"""A form of the desk met an ended sign-in, or a token of an earlier one: what was typed is kept."""

from flask import current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from booking import clock
from booking.access import SIGNED_IN
from booking.staff.interrupted_forms import save_form
from booking.web.form_keys import submitted_form_key
from booking.web.posted import SECRETS

UNKEPT = {"csrf_token"} | SECRETS


def save_interrupted_form() -> str | None:
    """Keep the form that this request sends; return the page that shows it again.

    None when it is no form of the desk's, or was shown to someone other than who is signed in.
    """
    form = submitted_form_key()
    view = current_app.view_functions.get(request.endpoint or "")
    if form is None or getattr(view, "access", None) not in SIGNED_IN:
        return None
    if current_user.is_authenticated and current_user.id != form.staff_id:
        return None
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in UNKEPT]
    save_form(form.text, form.staff_id, request.full_path.rstrip("?"), fields, clock.now())
    return url_for("desk.reopen_form", key=form.text)


def next_page_after_sign_in() -> str:
    """Return where someone goes on who has to sign in first; never to an address that only takes forms."""
    if request.method == "POST" and (form_id := save_interrupted_form()):
        return form_id
    try:
        current_app.create_url_adapter(request).match(request.path, method="GET")  # type: ignore[union-attr]  # a request has one
    except HTTPException:
        return url_for("desk.show_today")
    return request.full_path.rstrip("?")
