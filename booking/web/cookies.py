"""Cookies: set by this host alone, sent to it alone, and never read by a script (ASVS 5.0, 3.3)."""

from datetime import timedelta

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

SESSION = "session"


def init_app(app: Flask) -> None:
    """Name the cookie of Flask's session, and say where it goes."""
    app.config.update(
        SESSION_COOKIE_NAME=name_cookie(SESSION, is_secure=app.config["SECURE_COOKIES"]),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.config["SECURE_COOKIES"],
    )


def name_cookie(name: str, *, is_secure: bool) -> str:
    """Return a cookie's whole name: over HTTPS one that no other host of our domain can set.

    The prefix is RFC 6265bis, 4.1.3.2: it asks for Secure, for the path / and for no domain.
    """
    return f"__Host-{name}" if is_secure else name


def parse_cookie(name: str) -> str:
    """Return what this request's cookie says; empty without it."""
    return request.cookies.get(
        name_cookie(name, is_secure=current_app.config["SECURE_COOKIES"]), ""
    )


def set_cookie(response: Response, name: str, value: str, lifetime: timedelta) -> None:
    """Let an answer set a cookie that lasts so long."""
    is_secure = current_app.config["SECURE_COOKIES"]
    response.set_cookie(
        name_cookie(name, is_secure=is_secure),
        value,
        max_age=lifetime,
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
