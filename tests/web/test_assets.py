"""What leaves compressed, and how long a browser may keep it."""

import gzip
import re

import pytest
from flask import Flask, Response

from booking.web.compression import compress_response
from tests.builders import a_clinic

GZIP = {"Accept-Encoding": "gzip"}
CSS = re.compile(r"/static/css/base\.css\?v=[0-9a-f]{12}")


def test_pages_and_data_leave_compressed_and_say_that_they_vary(sqlite_app: Flask) -> None:
    a_clinic()
    browser = sqlite_app.test_client()
    for path in ("/", "/api/v1/openapi.json", "/static/css/base.css"):
        plain, small = browser.get(path), browser.get(path, headers=GZIP)
        assert small.headers["Content-Encoding"] == "gzip", path
        assert len(small.data) < len(plain.data)
        assert "Content-Encoding" not in plain.headers
        for response in (plain, small):
            assert "Accept-Encoding" in response.headers["Vary"]
    assert gzip.decompress(small.data) == plain.data


@pytest.mark.parametrize(
    "kind",
    ["text/html", "text/css", "text/plain", "text/javascript", "text/calendar", "image/svg+xml",
     "application/json", "application/problem+json"],
)  # fmt: skip
def test_every_kind_of_text_leaves_compressed(sqlite_app: Flask, kind: str) -> None:
    with sqlite_app.test_request_context(headers=GZIP):
        response = compress_response(Response("some words " * 100, mimetype=kind))
    assert response.headers["Content-Encoding"] == "gzip"


def test_what_may_repeat_an_address_is_not_compressed_for_someone_with_a_session(
    sqlite_app: Flask,
) -> None:
    a_clinic()
    stranger, visitor = sqlite_app.test_client(), sqlite_app.test_client()
    with visitor.session_transaction() as session:
        session["anything"] = "kept"
    assert "Content-Encoding" not in visitor.get("/?day=guess", headers=GZIP).headers
    assert visitor.get("/", headers=GZIP).headers["Content-Encoding"] == "gzip"
    assert stranger.get("/?day=guess", headers=GZIP).headers["Content-Encoding"] == "gzip"
    for query, is_compressed in (
        ("location=ahwatukee", True), ("location=ahwatukee&day=guess", False), ("guess=1", False),
        ("location=any&location=ahwatukee", False),
    ):  # fmt: skip
        response = visitor.get(f"/book/time?{query}", headers=GZIP)
        assert (query, "Content-Encoding" in response.headers) == (query, is_compressed)
    styles = visitor.get("/static/css/site.css?v=1", headers=GZIP)
    assert styles.headers["Content-Encoding"] == "gzip"


def test_a_static_file_is_kept_for_a_year_under_its_contents_version(sqlite_app: Flask) -> None:
    a_clinic()
    browser = sqlite_app.test_client()
    address = CSS.search(browser.get("/").text)
    assert address
    response = browser.get(address[0])
    kept = response.cache_control
    assert (kept.public, kept.max_age, kept.immutable) == (True, 365 * 24 * 3600, True)
    again = browser.get(address[0], headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("version", ["", "?v=", "?v=000000000000"])
def test_another_version_is_asked_for_each_time(sqlite_app: Flask, version: str) -> None:
    response = sqlite_app.test_client().get(f"/static/css/base.css{version}")
    assert response.headers.getlist("Cache-Control") == ["no-cache"]


def test_a_file_that_is_missing_is_not_found_under_any_version(sqlite_app: Flask) -> None:
    assert sqlite_app.test_client().get("/static/css/none.css?v=1").status_code == 404
