"""What holds for every request: declared access, a strict content policy, no caching of what is private."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, abort, current_app, redirect, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from booking.access import SIGNED_IN, Access
from booking.staff.models import Role
from booking.web.interrupted_forms import next_page_after_sign_in

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),  # other sites learn no address; Flask-WTF checks ours
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
SECURE = [*HEADERS, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
NO_STORE = ("Cache-Control", "no-store")
ROLES = {
    Access.PRACTITIONER: {Role.PRACTITIONER},
    Access.MANAGER: {Role.MANAGER},
    Access.OVERSIGHT: {Role.PRACTITIONER, Role.MANAGER},
}
WEBHOOKS = "/hooks/"
# To these no cookie proves anything
PROGRAMS = (
    *("/api/", "/fhir/", "/$bulk-publish", "/scheduling/", WEBHOOKS),
    *("/healthz", "/readyz", "/metrics", "/static/"),
)


def init_app(app: Flask) -> None:
    """Check each request, and against its view's declaration; put the headers on each answer."""
    app.session_interface = SelectiveSessionInterface()
    app.url_map.converters["int"] = RowIdConverter
    app.before_request(reject_nul_characters)
    app.before_request(reject_json_at_pages)
    app.before_request(check_access)
    app.after_request(make_redirect_relative)
    app.wsgi_app = SecurityHeadersMiddleware(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way


class SelectiveSessionInterface(SecureCookieSessionInterface):
    """Cookie sessions for pages alone: paths of programs (API, webhooks) get none."""

    def __init__(self) -> None:
        self._serializers: dict[str | bytes | None, URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs sessions with the app's key: made once, as it is asked for twice a page."""
        if app.secret_key not in self._serializers:
            self._serializers[app.secret_key] = super().get_signing_serializer(app)
        return self._serializers[app.secret_key]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the request's cookie carries; None for a program."""
        return None if request.path.startswith(PROGRAMS) else super().open_session(app, request)


def reject_nul_characters() -> None:
    """Refuse the NUL character, which no person types and no text column of PostgreSQL takes.

    Not in what a provider hands on: a text that somebody sent us must not be lost.
    """
    has_nul = "\0" in request.path or b"%00" in request.query_string
    is_read = request.method == "POST" and not request.path.startswith(WEBHOOKS)
    posted = request.form.items(multi=True) if is_read else ()
    if has_nul or any("\0" in text for pair in posted for text in pair):
        abort(400)


def reject_json_at_pages() -> None:
    """Refuse JSON posted where pages take forms: Flask-WTF would read it as one, whatever its shape."""
    if request.method == "POST" and request.is_json and not request.path.startswith(PROGRAMS):
        abort(415)


def make_redirect_relative(response: AnyResponse) -> AnyResponse:
    """Let a redirect to one of our pages name its path alone: not every proxy hands our Host on."""
    location = response.location
    if location and location.startswith(request.host_url):
        response.location = "/" + location.removeprefix(request.host_url)
    return response


class RowIdConverter(IntegerConverter):
    """A row's number in an address: one that no row can have is not found."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **{"max": 2**31 - 1, **limits})


def check_access() -> AnyResponse | None:
    """Let a request pass only to those its view declares; staff who aren't signed in are asked to."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    access = getattr(view, "access", None)
    if access is None or (access is Access.DEMO and not current_app.config["DEMO"]):
        abort(404)
    return check_staff(view, access) if access in SIGNED_IN else None


def check_staff(view: Any, access: Access) -> AnyResponse | None:
    """Let only those of staff pass who may; who has to say first who they are is led there."""
    if not current_user.is_authenticated:
        return redirect(url_for("staff.show_sign_in", next=next_page_after_sign_in()))
    if access in ROLES and current_user.role not in ROLES[access]:
        abort(403)
    if current_user.must_enrol:
        return None if view.is_for_enrolment else redirect(url_for("staff.show_app"))
    if view.needs_confirmation and not current_user.is_confirmed:
        return redirect(url_for("staff.show_confirmation", next=next_page_after_sign_in()))
    return None


class SecurityHeadersMiddleware:
    """Puts the policy on whatever leaves the app; `no-store` too, unless it says how long it keeps."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI request (PEP 3333)."""

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            security_headers = SECURE if environ["wsgi.url_scheme"] == "https" else HEADERS
            if not any(name.lower() == "cache-control" for name, _ in headers):
                security_headers = [*security_headers, NO_STORE]
            return start_response(status, headers + security_headers, exc_info)

        return self.app(environ, start)
