"""Errors as people and programs should see them: what is wrong and what to do, and nothing else."""

from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, TooManyRequests

log = structlog.get_logger()


def set_up(app: Flask) -> None:
    """Answer errors by a page, or by problem+json (RFC 9457) below /api/."""
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(Exception, on_anything)


def problem(status: int, title: str, kind: str = "about:blank", **members: Any) -> Response:
    """Return a problem document (RFC 9457); `kind` is its `type`, `members` extend it."""
    answer = jsonify({"type": kind, "title": title, "status": status, **members})
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def answer(status: int, title: str, detail: str) -> Response | tuple[str, int]:
    """Return the error as the asker reads it."""
    if request.path.startswith("/api/"):
        return problem(status, title, detail=detail)
    page = render_template("errors/error.html", status=status, title=title, detail=detail)
    return page, status


def on_csrf(error: CSRFError) -> Response | tuple[str, int]:
    """A form without its token: the page is old, or cookies are off."""
    return answer(
        400,
        _("This page has been open too long"),
        _("Please go back, reload the page and try again. Cookies must be allowed."),
    )


def on_http(error: HTTPException) -> Response:
    """Say what the status means, in a sentence a person can act on."""
    texts = {
        400: (_("Not understood"), _("Please go back, check what was typed and try again.")),
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
    found = answer(status, title, detail)
    response = found if isinstance(found, Response) else Response(found[0], status)
    if isinstance(error, TooManyRequests) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
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


def on_database(error: OperationalError) -> Response | tuple[str, int]:
    """The database can't be reached, or was too busy to answer in time: worth trying again."""
    log.error("database_unavailable", kind=type(error.orig).__name__)
    return answer(
        503,
        _("Busy for a moment"),
        _("Nothing was changed. Please try again in a minute."),
    )


def on_anything(error: Exception) -> Response | tuple[str, int]:
    """A fault of ours: logged by type and place without its values, which may be a patient's."""
    log.error(
        "unhandled",
        kind=type(error).__name__,
        path=str(request.url_rule),
        exc_info=error,
    )
    return answer(
        500,
        _("Something went wrong"),
        _("Nothing was changed. Please try again, or call us."),
    )
