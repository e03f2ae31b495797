"""A form that met an ended sign-in is shown again, with what was typed; nothing is sent by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, current_app, flash, g, make_response, redirect, request, url_for
from flask.globals import request_ctx
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.staff.interrupted_forms import InterruptedForm, find_interrupted_form
from booking.web.security import check_access


@blueprint.get("/again/<key>")
@access(Access.STAFF)
def reopen_form(key: str) -> AnyResponse:
    """Show the form as it was when it was sent: its view is asked, and refuses (`ResubmissionRequired`)."""
    interrupted_form = find_interrupted_form(key, current_user.id, clock.now())
    if interrupted_form is None:
        flash(_("What was typed before is no longer kept, or is someone else's."))
        return redirect(url_for("desk.show_today"))
    generate_csrf()  # in this request's own session, which the answer keeps
    with _as_sent(interrupted_form):
        return _page()


def _page() -> Response | AnyResponse:
    if refused := check_access():
        return refused
    view = current_app.view_functions[request.endpoint or ""]
    response = make_response(view(**(request.view_args or {})))
    if response.status_code == 422:
        response.status_code = 200
    return response


@contextmanager
def _as_sent(interrupted_form: InterruptedForm) -> Iterator[None]:
    """Let the request be the one that was interrupted, which changes nothing (`submitting.submit`)."""
    current_request = request_ctx.request
    fields = MultiDict([(name, text) for name, text in interrupted_form.fields])
    builder = EnvironBuilder(
        interrupted_form.path, base_url=current_request.host_url, method="POST", data=fields
    )
    repeated = current_app.request_class(builder.get_environ())
    rule, arguments = current_app.create_url_adapter(repeated).match(return_rule=True)  # type: ignore[union-attr]  # a request has one
    repeated.url_rule, repeated.view_args = rule, dict(arguments)
    g.is_interrupted_form = g.csrf_valid = True
    request_ctx.request = repeated
    try:
        yield
    finally:
        request_ctx.request = current_request
        del g.is_interrupted_form, g.csrf_valid
