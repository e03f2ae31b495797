"""Settings that can't be right are refused at the start, by name."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from booking import create_app
from booking.settings import SettingsError
from tests.databases import settings_for
from tests.server import ROOT, environment_for


def app_with(path: Path, **settings: Any) -> Any:
    return create_app({**settings_for(f"sqlite:///{path / 'none.sqlite3'}"), **settings})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://visits.example.com", "https://visits.example.com"),
        ("https://Visits.Example.com/", "https://visits.example.com"),
        ("https://visits.example.com:8443//", "https://visits.example.com:8443"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_public_address_is_kept_without_its_last_slash(
    tmp_path: Path, given: str, kept: str
) -> None:
    made = app_with(tmp_path, PUBLIC_URL=given, SECURE_COOKIES=True)
    assert made.config["PUBLIC_URL"] == kept


@pytest.mark.parametrize(
    "address",
    [
        "", "visits.example.com", "ftp://visits.example.com", "https://", "https:///path",
        "https://visits.example.com/clinic", "https://visits.example.com/?a=b",
        "https://visits.example.com?", "https://visits.example.com#top",
        "https://user:secret@visits.example.com", "https://visits.example.com:x",
        "https://visits.example.com:99999", "https://visits.example.com:", "https://visits example",
        "https://[::1", "https://-", 8000,
    ],
)  # fmt: skip
def test_an_address_that_links_would_break_on_is_refused(tmp_path: Path, address: Any) -> None:
    with pytest.raises(SettingsError, match="BOOKING_PUBLIC_URL") as refused:
        app_with(tmp_path, PUBLIC_URL=address)
    assert "secret" not in str(refused.value)


def test_secure_cookies_need_an_https_address(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BOOKING_SECURE_COOKIES"):
        app_with(tmp_path, PUBLIC_URL="http://visits.example.com", SECURE_COOKIES=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", -1),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", True),
        ("STAFF_IDLE_MINUTES", 0),
        ("SCHEDULER_SECONDS", "often"),
        ("MOST_ON_ONE_CONTACT", 0),
        ("MOST_CALLS_AN_HOUR", "many"),
        ("NOTICE_DELAY_MINUTES", 61),
        ("CHECK_MINUTES", 0),
        ("WAITLIST_HOLD_MINUTES", 4),
        ("WAITLIST_HOLD_MINUTES", 241),
        ("SHARED_ADDRESSES", "203.0.113.7, the hospital"),
        ("SHARED_ADDRESSES", "203.0.113.7/24"),
        ("SECURE_COOKIES", "yes"),
        ("DEMO", "on"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "just words"),
        ("SECRET_KEY", ""),
        ("DEFAULT_LANGUAGE", "fr"),
        ("DEFAULT_LANGUAGE", "es_MX"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"BOOKING_{name}"):
        app_with(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "address",
    [
        "localhost", "http://mail.example.com", "smtp://", "smtp://mail.example.com:x",
        "smtp://user@mail.example.com", "smtp://:secret@mail.example.com",
        "smtps://user:sec/ret@mail.example.com", "smtp://user:secret@mail.example.com/path",
    ],
)  # fmt: skip
def test_a_mail_server_that_cannot_be_read_is_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="BOOKING_SMTP_URL") as refused:
        app_with(tmp_path, SMTP_URL=address, MAIL_FROM="visits@example.com")
    assert "secret" not in str(refused.value)


def test_a_mail_server_needs_a_sender(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BOOKING_MAIL_FROM"):
        app_with(tmp_path, SMTP_URL="smtp://localhost")


GUNICORN = ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0", "wsgi:app"]


@pytest.mark.parametrize("command", [GUNICORN, ["flask", "db", "upgrade"], ["flask", "scheduler"]])
def test_what_is_refused_at_the_start_is_a_line_each_and_no_trace(
    tmp_path: Path, command: list[str]
) -> None:
    wrong = {"SECRET_KEY": "", "PUBLIC_URL": "https://a.example/b", "TRUSTED_PROXIES": "one"}
    process = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment_for(f"sqlite:///{tmp_path / 'none.sqlite3'}", **wrong),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 3  # gunicorn's "starting anew would not help"
    assert "Listening at" not in process.stderr
    assert "Traceback" not in process.stderr
    lines = {line.split()[0] for line in process.stderr.splitlines() if "BOOKING_" in line}
    assert lines == {f"BOOKING_{name}" for name in wrong}
