"""Whoever is answered by the demo finds all of it at work, and it keeps to a database of its own."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from booking import clock, create_app
from booking.demo import own_database, run
from booking.demo.loopback import DEMO_ACCOUNT, HOST
from booking.demo.operations import has_beaten
from booking.demo.ports import bind_port, url_of
from booking.demo.separation import Mixed
from booking.reminders.operations import record_heartbeat
from tests.databases import settings_for
from tests.server import ROOT, environment_for


@pytest.mark.usefixtures("app")
def test_a_heartbeat_of_an_earlier_run_counts_for_nothing() -> None:
    record_heartbeat("host-41", clock.now())
    began = clock.now()
    assert not has_beaten(41, began)
    record_heartbeat("host-141", clock.now())
    assert not has_beaten(41, began)
    record_heartbeat("host-41", clock.now())
    assert has_beaten(41, began)


def settings(tmp_path: Path, **changed: object) -> dict[str, object]:
    return {**settings_for(f"sqlite:///{tmp_path / 'some.sqlite3'}"), **changed}


@pytest.mark.parametrize(
    "clinics",
    [
        {"PUBLIC_URL": "https://visits.example.com"},
        {"PUBLIC_URL": "HTTPS://visits.example.com"},
        {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32},
        {"SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": "visits@example.com"},
        {"DATABASE_URL": "postgresql://booking@/booking"},
        {"DATABASE_URL": "sqlite:///file:clinic.sqlite3?uri=true"},
        {"DATABASE_URL": "sqlite://"},
    ],
)
def test_the_demo_does_not_run_on_a_clinics_settings(
    tmp_path: Path, clinics: dict[str, object]
) -> None:
    create_app(settings(tmp_path, DEMO=True))
    with pytest.raises(Mixed, match=f"BOOKING_{next(iter(clinics))}"):
        create_app(settings(tmp_path, DEMO=True, **clinics))


@pytest.mark.parametrize(
    "demos",
    [
        {"DEMO_PROVIDER_URL": "http://127.0.0.1:8025"},
        {"TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid},
    ],
)
def test_a_clinic_does_not_run_on_the_demos_settings(
    tmp_path: Path, demos: dict[str, object]
) -> None:
    public = "https://visits.example.com"
    create_app(settings(tmp_path, PUBLIC_URL=public))
    with pytest.raises(Mixed, match=f"BOOKING_{next(iter(demos))}"):
        create_app(settings(tmp_path, PUBLIC_URL=public, **demos))


def test_neither_runs_on_the_others_database(tmp_path: Path) -> None:
    clinics, demos = tmp_path / "some.sqlite3", tmp_path / "demo.sqlite3"
    a_table_in(clinics)
    own_database.make(demos)
    a_table_in(demos)
    for file, is_demo in ((clinics, True), (demos, False)):
        with pytest.raises(Mixed, match="BOOKING_DATABASE_URL"):
            create_app(settings(tmp_path, DEMO=is_demo, DATABASE_URL=f"sqlite:///{file}"))
        create_app(settings(tmp_path, DEMO=not is_demo, DATABASE_URL=f"sqlite:///{file}"))


def a_table_in(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE location (id INTEGER)")


@pytest.mark.parametrize("change", [own_database.make, own_database.delete])
def test_a_clinics_file_is_neither_marked_nor_deleted(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    a_table_in(file := tmp_path / "some.sqlite3")
    before = file.read_bytes()
    with pytest.raises(own_database.NotTheDemos):
        change(file)
    assert file.read_bytes() == before


def test_reset_deletes_the_demos_file_and_what_is_beside_it_alone(tmp_path: Path) -> None:
    own_database.make(file := tmp_path / "demo.sqlite3")
    others = {tmp_path / "booking.sqlite3", tmp_path / "demo.sqlite3.backup"}
    for path in (*others, tmp_path / "demo.sqlite3-wal", tmp_path / "demo.sqlite3-turn"):
        path.touch()
    own_database.delete(file)
    assert set(tmp_path.iterdir()) == others


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        process = subprocess.run(
            [sys.executable, "-m", "flask", "demo", "run", "--port", port],
            cwd=ROOT, env=environment_for(f"sqlite:///{tmp_path / 'demo.sqlite3'}", DEMO="true"),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert process.returncode == 1
    assert (
        process.stderr == f"Error: 127.0.0.1:{port} can't be listened at: Address already in use\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_nothing_answers_at_a_port_that_is_kept_until_its_process_listens() -> None:
    with bind_port(HOST, 0) as kept, pytest.raises(ConnectionRefusedError):
        socket.create_connection(kept.getsockname(), timeout=2)


@pytest.mark.usefixtures("app")
def test_a_demo_that_is_given_a_name_is_told_to_patients_and_passkeys_by_it() -> None:
    with bind_port("localhost", 0) as listener, bind_port(HOST, 0) as provider:
        port = listener.getsockname()[1]
        assert url_of(listener) == f"http://127.0.0.1:{port}"
        address = url_of(listener, "localhost")
        assert address == f"http://localhost:{port}"
        assert run.settings(address, provider)["BOOKING_PUBLIC_URL"] == address


@pytest.mark.parametrize("is_demo", ["true", "false"])
def test_the_command_leaves_a_clinic_as_it_was(database_url: str, is_demo: str) -> None:
    with_a_clinic = environment_for(database_url, DEMO=is_demo)
    process = subprocess.run(
        [sys.executable, "-m", "flask", "demo", "run", "--reset"],
        cwd=ROOT, env=with_a_clinic, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode != 0
    assert "clinic" in process.stderr or "BOOKING_DATABASE_URL" in process.stderr
    app = create_app(settings_for(database_url))
    assert app.test_client().get("/api/v1/locations").json == {"locations": []}
