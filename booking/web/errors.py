"""Errors as people and programs should see them: what is wrong and what to do, and nothing else."""

from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from booking.db.transactions import is_conflict, was_commit_attempted
from booking.extensions import CrossSiteForm, db
from booking.web.clinic_contacts import list_contacts_on_error
from booking.web.interrupted_forms import save_interrupted_form
from booking.web.outcomes import outcome_of_status
from booking.web.parent_pages import find_parent_page
from booking.web.resubmission import list_resubmittable_fields

log = structlog.get_logger()
PASSING = (429, 500, 503)  # and may go the next time
TRY_AGAIN_IN = 10  # seconds, for programs; a database that is restarted needs a few

Answer = Response | tuple[str, int]


class AnsweringFlask(Flask):
    """Flask, in which what a handler of errors raises is answered as any error is.

    A refusal reads the database, too (which times are free instead); by itself Flask would answer 500 and
    log the statement with its values.
    """

    def handle_user_exception(self, e: Exception) -> Any:
        """Answer an error of a view, or one met while answering it."""
        try:
            return super().handle_user_exception(e)
        except Exception as error:  # noqa: BLE001 - as Flask does around the view
            return super().handle_user_exception(error)


def init_app(app: Flask) -> None:
    """Answer errors by a page, to programs by problem+json (RFC 9457), below /fhir/ by FHIR's outcome."""
    app.register_error_handler(CSRFError, handle_csrf_error)
    app.register_error_handler(HTTPException, handle_http_error)
    for kind in (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError):
        app.register_error_handler(kind, handle_database_error)
    app.register_error_handler(Exception, handle_unexpected_error)
    app.after_request(add_retry_after)


def add_retry_after(response: Response) -> Response:
    """Give every 503 a Retry-After (RFC 9110, 15.6.4)."""
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", str(TRY_AGAIN_IN))
    return response


def build_problem_response(
    status: int, title: str, kind: str = "about:blank", **members: Any
) -> Response:
    """Return a problem document (RFC 9457); `kind` is its `type`, `members` extend it."""
    response = jsonify({"type": kind, "title": title, "status": status, **members})
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def build_error_response(status: int, title: str, detail: str) -> Answer:
    """Return the error as the asker reads it."""
    if request.path.startswith(("/api/", "/hooks/")):
        return build_problem_response(status, title, detail=detail)
    if request.path.startswith("/fhir/"):
        return outcome_of_status(status, f"{title}. {detail}")
    fields = list_resubmittable_fields() if status in PASSING else None
    return render_error_page(status, title, detail, fields)


def render_error_page(
    status: int, title: str, detail: str, fields: list[tuple[str, str]] | None
) -> tuple[str, int]:
    """Return the page that says what is wrong, with the clinic's phones."""
    page = render_template(
        "errors/error.html",
        title=title,
        detail=detail,
        typed=fields,
        is_desk=request.path.startswith("/desk"),
        contacts=list_contacts_on_error(status),
        parent=find_parent_page() if status == HTTPStatus.METHOD_NOT_ALLOWED else None,
    )
    return page, status


def handle_csrf_error(error: CSRFError) -> AnyResponse | tuple[str, int]:
    """A form without a token that holds, or from elsewhere: say which, since each has its own remedy.

    The desk's own form is shown again, with what was typed; a patient's can be sent once more.
    """
    if isinstance(error, CrossSiteForm):
        return build_error_response(400, *_not_from_here())
    if shown_again := save_interrupted_form():
        is_signed_in = current_user.is_authenticated
        return redirect(
            shown_again if is_signed_in else url_for("staff.show_sign_in", next=shown_again)
        )
    fields = list_resubmittable_fields()
    title, detail = _no_token(can_be_sent_again=fields is not None)
    return render_error_page(400, title, detail, fields)


def _no_token(*, can_be_sent_again: bool) -> tuple[str, str]:
    """Return what is wrong with a form whose token is missing or of another session, and what helps."""
    has_cookie = "csrf_token" in session
    title = _("This page has been open too long")
    detail = _("Nothing was changed. Please go back, reload the page and try again.")
    if not has_cookie:
        title = _("Your browser sent no cookie")
        detail = _(
            "Nothing was changed. Please allow cookies for this address, go back, reload the "
            "page and try again."
        )
    if can_be_sent_again:
        detail = (
            _("Nothing was changed.")
            if has_cookie
            else _("Nothing was changed. Please allow cookies for this address.")
        )
    return title, detail


def _not_from_here() -> tuple[str, str]:
    if not request.referrer:
        return _("Your browser did not say where this came from"), _(
            "Nothing was changed. Please let your browser tell this site which of its own pages you "
            "come from (the referrer), then go back and try again."
        )
    return _("This was sent from another address"), _(
        "Nothing was changed. Please open %(address)s and try again there.",
        address=current_app.config["PUBLIC_URL"],
    )


def handle_http_error(error: HTTPException) -> AnyResponse:
    """Say what the status means, in a sentence a person can act on; what the error tells programs stays.

    Allow of a 405, Retry-After, WWW-Authenticate, Content-Range: the exception knows them.
    """
    if error.response is not None:
        return error.get_response()
    texts = {
        400: (
            _("We didn't understand that"),
            _("Please go back, check what you typed and try again."),
        ),
        403: (_("Not allowed"), _("Your sign-in does not allow this.")),
        404: (
            _("Page not found"),
            _("Check the address, or start again from the first page."),
        ),
        405: (_("Not possible"), _("This address can't be used that way.")),
        413: (_("Too much text"), _("Please send less.")),
        429: (_("Too many tries"), _wait(getattr(error, "retry_after", None))),
    }
    status = error.code or 500
    name = HTTPStatus(status).phrase
    title, detail = texts.get(status, (name, _("Please try again, or call the clinic.")))
    response = make_response(build_error_response(status, title, detail))
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return response


def _wait(retry_after: object) -> str:
    """Return for how long to wait; `retry_after` in seconds, as the limits say it."""
    minutes = ceil(retry_after / 60) if isinstance(retry_after, int) else 1
    text: str = ngettext(
        "Please wait a minute and try again.",
        "Please wait %(num)d minutes and try again.",
        minutes,
    )
    return text


def handle_database_error(error: exc.SQLAlchemyError) -> ResponseReturnValue:
    """The database can't be reached, or was too busy to answer in time: worth trying again.

    A connection that broke, or a read that another transaction got in the way of, is no news while nothing
    was written: the request is answered from its start.
    """
    may_pass = isinstance(error, exc.DBAPIError) and (
        error.connection_invalidated or is_conflict(error)
    )
    may_be_written = was_commit_attempted()
    if may_pass and not may_be_written and not g.get("answered_anew", False):
        return _answer_anew()
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", "")  # SQLITE_FULL; PostgreSQL's errors are named so
    log.error("database_unavailable", kind=type(cause).__name__, code=code)
    detail = _("Nothing was changed. Please try again in a minute.")
    if may_be_written:
        detail = _("Please look in a minute whether this was saved before you try again.")
    return build_error_response(503, _("Busy for a moment"), detail)


def _answer_anew() -> ResponseReturnValue:
    """Run the request's checks and its view once more, on another connection."""
    g.answered_anew = True
    g.pop("_login_user", None)  # Flask-Login's; it was read on the lost connection
    db.session.remove()
    try:
        refusal = current_app.preprocess_request()
        return current_app.dispatch_request() if refusal is None else refusal
    except Exception as error:  # noqa: BLE001 - as Flask does around the same two calls
        response: ResponseReturnValue = current_app.handle_user_exception(error)
        return response


def handle_unexpected_error(error: Exception) -> Answer:
    """A fault of ours: logged by type and place without its values, which may be a patient's."""
    log.error(
        "unhandled",
        kind=type(error).__name__,
        path=str(request.url_rule),
        exc_info=error,
    )
    detail = _("Nothing was changed. Please try again, or call us.")
    if was_commit_attempted():
        detail = _("Please look whether this was saved before you try again, or call us.")
    return build_error_response(500, _("Something went wrong"), detail)
