"""The whole service behind nginx and TLS, with the settings and the file that the guide names."""

import re
import socket
import ssl
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking import clock
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.doctor.findings import Severity
from booking.doctor.public_address import check_public_address
from booking.extensions import db
from booking.staff.password_changes import set_password
from tests.browser import DESK, OpenPage
from tests.builders import PHOENIX, Clinic, a_booking, a_contact, local
from tests.desk.signed_in import PASSWORD
from tests.proxy import HOST, Proxy, free_port, running_nginx
from tests.site.test_walk import answer_no, choose_a_time, tell_who


def header(proxy: Proxy, path: str, name: str, **sent: str) -> str | None:
    return proxy.ask(path, **sent).getheader(name)


def newest_status() -> Status:
    return db.session.scalars(select(Appointment.status).order_by(Appointment.id.desc())).all()[0]


def test_a_patient_books_and_cancels_over_tls(
    app: Flask, proxy: Proxy, open_page: OpenPage
) -> None:
    page = open_page(javascript=False, ignore_https_errors=True)
    choose_a_time(page, proxy.url)
    answer_no(page)
    tell_who(page)
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    cookies = page.context.cookies()
    assert all(cookie["secure"] and cookie["name"].startswith("__Host-") for cookie in cookies)
    page.get_by_role("link", name="Your visit's page").click()
    page.get_by_role("link", name="Cancel this visit").click()
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    assert newest_status() is Status.CANCELLED


def sign_in(page: Page, clinic: Clinic) -> None:
    page.get_by_label("E-mail").fill(clinic.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def test_the_desk_signs_in_and_cancels_over_tls(
    app: Flask, clinic: Clinic, proxy: Proxy, open_page: OpenPage
) -> None:
    now = clock.now()
    set_password(clinic.practitioner.email, PASSWORD, now)
    tomorrow = now.astimezone(PHOENIX).date() + timedelta(days=1)
    a_booking(local(10, day=tomorrow), now, contact=a_contact(given_name="Ana"))
    page = open_page(DESK, ignore_https_errors=True)
    page.goto(f"{proxy.url}/desk/")
    sign_in(page, clinic)
    page.get_by_role("link", name="Next day").click()
    page.get_by_role("link", name=re.compile("^Cancel… Ana")).click()
    page.get_by_label("The clinic").check()
    page.get_by_label("reason").fill("Fewer chairs that day")
    page.get_by_role("button", name="Cancel the visit").click()
    db.session.rollback()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    assert newest_status() is Status.CANCELLED


def test_answers_over_tls_carry_their_headers_once(proxy: Proxy) -> None:
    response = proxy.ask("/")
    for name in ("Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy"):
        assert len(response.headers.get_all(name) or []) == 1
    assert response.getheader("Referrer-Policy") == "same-origin"
    assert response.getheader("Server") == "nginx"


def ask_plainly(proxy: Proxy, address: str) -> tuple[int, str | None]:
    """Ask without TLS; return the status and where it leads."""
    connection = HTTPConnection(HOST, proxy.plain_port, timeout=30)
    connection.request("GET", address)
    response = connection.getresponse()
    connection.close()
    return response.status, response.getheader("Location")


def test_plain_http_leads_people_to_https_and_refuses_programs(proxy: Proxy) -> None:
    page = "/book/time?day=2026-12-01"
    assert ask_plainly(proxy, page) == (301, f"{proxy.url}{page}")
    for address in ("/api/v1/slots", "/hooks/twilio/inbound", "/metrics"):
        assert ask_plainly(proxy, address) == (403, None)


def test_no_header_of_a_visitor_moves_a_redirect_or_the_scheme(proxy: Proxy) -> None:
    spoofed = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}
    assert header(proxy, "/desk", "Location", **spoofed) == "/desk/"
    assert header(proxy, "/", "Strict-Transport-Security", **spoofed)
    assert b"evil.example" not in proxy.ask("/", **spoofed).body  # type: ignore[attr-defined]


def test_a_form_from_another_site_is_refused_and_the_reason_said(proxy: Proxy) -> None:
    page = proxy.ask("/desk/sign-in")
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page.body)  # type: ignore[attr-defined]
    assert token
    form = f"csrf_token={token[1].decode()}&email=a%40example.com&password=x"
    sent = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
    for referer, said in (
        ({"Referer": "https://evil.example/"}, b"sent from another address"),
        ({}, b"did not say where this came from"),
    ):
        response = proxy.ask("/desk/sign-in", "POST", form, **sent, **referer)
        assert response.status == 400
        assert said in response.body  # type: ignore[attr-defined]
    own = proxy.ask("/desk/sign-in", "POST", form, **sent, Referer=f"{proxy.url}/desk/sign-in")
    assert own.status != 400


def test_a_long_form_is_refused_on_our_own_page(proxy: Proxy) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    response = proxy.ask("/book/hold", "POST", "start=" + "x" * 100_000, **form)
    assert response.status == 413
    assert b"Too much text" in response.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/%", {}, 400),
        ("/book/hold", {"Content_Length": "2000000"}, 413),
        ("/?day=" + "x" * 9000, {}, 414),
        ("/", {"Cookie": "x" * 40_000}, 431),
    ],
)
def test_what_the_proxy_itself_refuses_it_refuses_in_words(
    proxy: Proxy, path: str, headers: dict[str, str], status: int
) -> None:
    response = proxy.ask(path, "POST", "x", **headers)
    assert response.status == status
    page = response.body.decode()  # type: ignore[attr-defined]  # as ask() keeps it
    assert "<h1>We could not read that</h1>" in page
    assert "color-scheme" in page
    for name, value in (("Cache-Control", "no-store"), ("Content-Type", "text/html")):
        assert response.getheader(name) == value
    assert response.headers.get_all("Strict-Transport-Security")
    assert proxy.ask("/healthz").status == 200


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"TRACE / HTTP/1.1", 405),
        (b"GET / HTTP/3.7", 505),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip", 501),
    ],
)
def test_what_the_proxy_does_not_speak_it_refuses_in_words(
    proxy: Proxy, line: bytes, status: int
) -> None:
    trusted = ssl.create_default_context(cafile=str(proxy.authority))
    with (
        socket.create_connection((HOST, proxy.port), timeout=30) as plain,
        trusted.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        connection.sendall(line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"<h1>We could not read that</h1>" in answer


def test_plain_http_where_tls_is_spoken_is_refused_in_words(proxy: Proxy) -> None:
    connection = HTTPConnection(HOST, proxy.port, timeout=30)
    connection.request("GET", "/")
    response = connection.getresponse()
    assert (response.status, b"We could not read that" in response.read()) == (400, True)
    connection.close()


def test_a_web_that_is_stopped_has_a_page_that_claims_nothing(tmp_path: Path) -> None:
    lonely = Proxy(free_port(), free_port(), tmp_path / "authority.pem")
    with running_nginx(lonely, f"http://{HOST}:{free_port()}", tmp_path):
        response = lonely.ask("/book/confirm", "POST", "a=b")
    assert (response.status, response.headers["Retry-After"]) == (503, "30")
    assert response.headers["Cache-Control"] == "no-store"
    page = response.body.decode()  # type: ignore[attr-defined]  # as ask() keeps it
    assert "Back in a moment" in page
    assert "988" in page
    assert "Nothing was changed" not in page  # it may have been, before the web ended


def test_the_doctor_finds_the_address_fine_once_its_certificate_is_trusted(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    [finding] = check_public_address({"PUBLIC_URL": proxy.url}, clock.now())
    assert finding.text == "certificate: unable to get local issuer certificate"
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
    [finding] = check_public_address({"PUBLIC_URL": proxy.url}, clock.now())
    assert finding.severity is Severity.OK
