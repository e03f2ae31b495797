"""What holds for every request: declared access, a strict content policy, no caching of what is private."""

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking.access import Access
from booking.staff.models import Role

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def set_up(app: Flask) -> None:
    """Check each request against its view's declaration; put the headers on each answer."""
    app.before_request(check_access)
    app.after_request(add_headers)


def check_access() -> AnyResponse | None:
    """Let a request pass only to those its view declares; staff who aren't signed in are asked to."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    who = getattr(current_app.view_functions[request.endpoint], "access", None)
    if who in (Access.STAFF, Access.PRACTITIONER) and not current_user.is_authenticated:
        return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")))
    if who is Access.PRACTITIONER and current_user.role is not Role.PRACTITIONER:
        abort(403)
    if who is None or (who is Access.DEMO and not current_app.config["DEMO"]):
        abort(404)
    return None


def add_headers(response: Response) -> Response:
    """Add the policy headers, and `no-store` unless the view said how long its answer keeps."""
    response.headers.extend(HEADERS)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
