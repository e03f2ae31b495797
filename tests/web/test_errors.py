"""Errors keep what programs need to know of them, on pages and in the API."""

import pytest
from flask import Flask
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    RequestedRangeNotSatisfiable,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from booking import create_app
from booking.access import Access, access
from booking.clock import now
from booking.db.transactions import transaction
from booking.reminders.operations import record_heartbeat
from tests.databases import settings_for


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/slots", "/static/css/base.css"])
def test_a_405_says_what_is_allowed(sqlite_app: Flask, path: str) -> None:
    response = sqlite_app.test_client().delete(path)
    assert response.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(response.headers["Allow"].split(", "))
    assert len(response.headers.getlist("Content-Type")) == 1


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/desk/visits/7/check-in", "/desk/visits/7"),
        ("/desk/visits/7/undo/9", "/desk/visits/7"),
        ("/desk/account/app/confirm", "/desk/account/app"),
        ("/desk/sign-out", "/desk"),
        ("/a/abc/language", "/a/abc"),
    ],
)
def test_an_address_that_takes_a_form_alone_leads_to_its_page(
    sqlite_app: Flask, path: str, page: str
) -> None:
    response = sqlite_app.test_client().get(path)
    assert response.status_code == 405
    assert f'href="{page}"' in response.text


@pytest.mark.parametrize("prefix", ["/", "/api/"])
@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (TooManyRequests(retry_after=7), "Retry-After", "7"),
        (ServiceUnavailable(retry_after=99), "Retry-After", "99"),
        (ServiceUnavailable(), "Retry-After", "10"),
        (Unauthorized(www_authenticate=WWWAuthenticate("bearer")), "WWW-Authenticate", "Bearer"),
        (RequestedRangeNotSatisfiable(length=5), "Content-Range", "bytes */5"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_keeps_its_own_headers(
    sqlite_app: Flask, prefix: str, error: Exception, header: str, value: str
) -> None:
    sqlite_app.before_request_funcs[None].insert(0, lambda: _raise(error))
    response = sqlite_app.test_client().get(f"{prefix}anything")
    assert response.status_code == error.code  # type: ignore[attr-defined]  # an HTTPException's
    assert response.headers.getlist(header) == [value]


def _raise(error: Exception) -> None:
    raise error


def test_a_redirect_to_a_page_of_ours_names_no_host(sqlite_app: Flask) -> None:
    response = sqlite_app.test_client().get("/desk", headers={"Host": "upstream:8000"})
    assert (response.status_code, response.headers["Location"]) == (308, "/desk/")


@pytest.mark.parametrize("prefix", ["/", "/api/"])
@pytest.mark.parametrize("is_saved_before", [True, False])
def test_a_fault_says_that_nothing_was_changed_only_where_it_is_so(
    sqlite_app: Flask, prefix: str, is_saved_before: bool
) -> None:
    app = create_app(
        settings_for(sqlite_app.config["DATABASE_URL"]) | {"PROPAGATE_EXCEPTIONS": False}
    )

    @app.get(f"{prefix}fault")
    @access(Access.PUBLIC)
    def fault() -> str:
        with transaction():
            record_heartbeat("someone", now())
            if not is_saved_before:
                raise LookupError
        raise LookupError

    response = app.test_client().get(f"{prefix}fault")
    assert response.status_code == 500
    assert ("Nothing was changed" in response.text) is not is_saved_before
    assert ("look whether this was saved" in response.text) is is_saved_before
