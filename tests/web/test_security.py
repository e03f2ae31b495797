"""What every answer carries, and who has a session."""

import pytest
from flask import Flask

from tests.builders import a_clinic


def test_programs_have_no_session_and_their_answers_do_not_vary_by_cookie(
    sqlite_app: Flask,
) -> None:
    browser = sqlite_app.test_client()
    with browser.session_transaction() as session:
        session["staff_key"] = "whatever"
    response = browser.get("/api/v1/screening")
    assert "Cookie" not in response.headers["Vary"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing-here"])
def test_an_answer_over_https_asks_to_stay_there(sqlite_app: Flask, path: str) -> None:
    a_clinic()
    browser = sqlite_app.test_client()
    secure = browser.get(path, base_url="https://localhost").headers
    assert secure["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in browser.get(path).headers


def test_what_says_how_long_it_keeps_is_kept_so_long(sqlite_app: Flask) -> None:
    browser = sqlite_app.test_client()
    assert browser.get("/static/css/base.css").headers.getlist("Cache-Control") == ["no-cache"]
    assert browser.get("/healthz").headers.getlist("Cache-Control") == ["no-store"]


def test_json_is_posted_to_programs_alone_and_a_page_is_asked_for_with_any_type(
    sqlite_app: Flask,
) -> None:
    a_clinic()
    browser = sqlite_app.test_client()
    assert browser.get("/", content_type="application/json").status_code == 200
    assert browser.post("/callback", json={"given_name": 1}).status_code == 415
