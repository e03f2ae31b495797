"""A calendar is fetched from the internet alone, by an address nobody sees again, and only so much of it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from typing import Any

import pytest
import trustme

from booking.busy_calendars import fetching
from booking.busy_calendars.fetching import CacheValidators, NotRead, fetch_calendar
from booking.busy_calendars.rules import (
    ReadFailure,
    mask_address,
    parse_address,
)
from booking.public_addresses import AddressFault, BadAddress, is_public
from tests.busy_calendars.elsewhere import Elsewhere, serve_elsewhere
from tests.busy_calendars.files import a_file

FILE = a_file()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with serve_elsewhere() as server:
        server.body = FILE
        yield server


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that stand for numbers, without asking anybody."""
    stand_for = {"2130706433": "127.0.0.1", "0x7f.1": "127.0.0.1"}
    original = socket.getaddrinfo

    def answers(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host in ("localhost", "127.0.0.1"):
            return original(host, port, *rest, **more)
        return [(0, 0, 0, "", (stand_for.get(host, host), port))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)


def refusal(address: str, *, with_loopback: bool = True) -> ReadFailure:
    with pytest.raises(NotRead) as refused:
        fetch_calendar(address, CacheValidators(), with_loopback=with_loopback)
    assert "private" not in f"{refused.value} {refused.value!r}"
    return refused.value.reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
        "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
    ],
)  # fmt: skip
def test_an_address_of_nobody_elses_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_loopback_is_asked_for_tests_alone() -> None:
    assert is_public("127.0.0.1", with_loopback=True)
    assert not is_public("10.0.0.1", with_loopback=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "10.0.0.7"]
)
@pytest.mark.usefixtures("numbers")
def test_a_host_that_is_this_machine_or_the_clinics_is_not_asked(host: str) -> None:
    assert refusal(f"https://{host}/private.ics", with_loopback=False) is ReadFailure.NOT_PUBLIC


def test_a_name_that_answers_otherwise_a_moment_later_changes_nothing(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to the address that was looked at: the name is asked once."""
    asked_names = []

    def answers(host: str, port: int, **_: Any) -> list[Any]:
        asked_names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    original = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: (
        answers(host, *rest) if host == "calendar.example" else original(host, *rest, **more)
    ))  # fmt: skip
    address = f"http://calendar.example:{elsewhere.port}/private.ics"
    assert fetch_calendar(address, CacheValidators(), with_loopback=True).body == FILE
    assert asked_names == ["calendar.example"]
    assert elsewhere.requests[0]["Host"] == f"calendar.example:{elsewhere.port}"


def test_a_file_comes_with_what_tells_whether_it_changes(elsewhere: Elsewhere) -> None:
    elsewhere.headers = {"ETag": '"1"', "Last-Modified": "Mon, 30 Nov 2026 15:00:00 GMT"}
    fetched = fetch_calendar(elsewhere.address, CacheValidators(), with_loopback=True)
    assert fetched.body == FILE
    elsewhere.status = 304
    again = fetch_calendar(elsewhere.address, fetched.validators, with_loopback=True)
    assert again.body is None
    sent = elsewhere.requests[1]
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (
        '"1"',
        "Mon, 30 Nov 2026 15:00:00 GMT",
    )
    assert sent["path"] == "/private-0123456789/basic.ics"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://10.0.0.1/", ReadFailure.NOT_PUBLIC),
        ("http://169.254.169.254/latest/meta-data", ReadFailure.NOT_PUBLIC),
        ("file:///etc/passwd", ReadFailure.NOT_SECURE),
        ("http://user:word@localhost/", ReadFailure.NOT_SECURE),
        ("/private-0123456789/basic.ics", ReadFailure.TOO_MANY_REDIRECTS),
    ],
)
@pytest.mark.usefixtures("numbers")
def test_where_a_redirect_leads_is_looked_at_anew(
    elsewhere: Elsewhere, target: str, reason: ReadFailure
) -> None:
    elsewhere.status, elsewhere.headers = 302, {"Location": target}
    assert refusal(elsewhere.address) is reason


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, FILE, ReadFailure.REFUSED),
        (401, FILE, ReadFailure.REFUSED),
        (500, FILE, ReadFailure.REFUSED),
        (200, b"<html>Sign in</html>", ReadFailure.NO_CALENDAR),
        (200, FILE[:40], ReadFailure.NO_CALENDAR),
        (200, b"", ReadFailure.NO_CALENDAR),
    ],
)
def test_what_is_no_calendar_is_none(
    elsewhere: Elsewhere, status: int, body: bytes, reason: ReadFailure
) -> None:
    elsewhere.status, elsewhere.body = status, body
    assert refusal(elsewhere.address) is reason


def test_more_than_a_calendar_has_is_not_taken(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1000)
    elsewhere.body = FILE + b" " * 2000
    assert refusal(elsewhere.address) is ReadFailure.TOO_LARGE


def test_a_server_that_sends_now_and_then_is_left_after_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_drip, args=(listening,))
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/private.ics"
        assert refusal(address) is ReadFailure.TOO_SLOW
        thread.join()


def _drip(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            try:
                connection.sendall(b"B")
            except OSError:
                return
            threading.Event().wait(0.05)


def test_a_certificate_that_nobody_trusts_is_refused() -> None:
    """And one for the host that was asked, from an authority that is trusted, is taken."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"https://localhost:{server.server_port}/private.ics"
        assert refusal(address) is ReadFailure.NOT_SECURE
        with pytest.MonkeyPatch.context() as patch:
            trusting = ssl.create_default_context()
            authority.configure_trust(trusting)
            patch.setattr(ssl, "create_default_context", lambda: trusting)
            assert refusal(address) is ReadFailure.REFUSED  # 404: it was asked
        server.shutdown()


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("http://calendar.example/a.ics", AddressFault.NOT_HTTPS),
        ("ftp://calendar.example/a.ics", AddressFault.NOT_HTTPS),
        ("calendar.example/a.ics", AddressFault.NOT_HTTPS),
        ("https://user:word@calendar.example/a.ics", AddressFault.HAS_PASSWORD),
        ("https://", AddressFault.NO_ADDRESS),
        ("https://[::1", AddressFault.NO_ADDRESS),
        ("https://calendar.example:99999/a.ics", AddressFault.NO_ADDRESS),
        ("https://calendar.example/a b.ics", AddressFault.NO_ADDRESS),
        ("https://calendar.example/\r\nHost: other", AddressFault.NO_ADDRESS),
        ("https://calendár.example/a.ics", AddressFault.NO_ADDRESS),
        ("https://calendar.example/" + "a" * 1000, AddressFault.TOO_LONG),
        ("https://@calendar.example/a.ics", AddressFault.HAS_PASSWORD),
        ("https://10.0.0.8/a.ics", AddressFault.NOT_PUBLIC),
    ],
)
def test_what_is_no_https_address_is_not_kept(typed: str, fault: AddressFault) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_address(typed)
    assert refused.value.fault is fault


def test_webcal_is_https_and_a_secret_is_masked() -> None:
    address = parse_address("webcal://calendar.example/private-0123/basic.ics?key=4#top")
    assert address == "https://calendar.example/private-0123/basic.ics?key=4"
    assert mask_address(address) == "calendar.example/…"
