"""What deploy/install puts down is all that the service needs, and takes a second time."""

import re
import shutil
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from flask import Flask

from tests.databases import sqlite_copy
from tests.forked import forkserver
from tests.server import ROOT, environment_for, run_gunicorn, wait_until_alive

HOST = "clinic.example.org"
MOST_EXPOSED = 20  # of 100, as systemd-analyze counts; a service that says nothing has 96
LOOK = """
from flask_migrate import upgrade
from wsgi import app
with app.app_context():
    upgrade()
for path in ("/healthz", "/desk/sign-in", "/api/v1/screening"):
    print(app.test_client().get(path, base_url=app.config["PUBLIC_URL"]).status_code)
"""


def install(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "deploy" / "install"), "--root", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_settings(root: Path) -> dict[str, str]:
    text = (root / "etc/booking/settings.env").read_text()
    lines = [line.partition("=") for line in text.splitlines() if not line.startswith("#")]
    return {name: value for name, _, value in lines}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but what the script put there."""
    root = tmp_path_factory.mktemp("root")
    installed = install(root, HOST)
    assert installed.returncode == 0, installed.stderr
    return root


def test_what_is_installed_runs_by_itself(root: Path, tmp_path: Path) -> None:
    settings = read_settings(root)
    assert len({settings[f"BOOKING_{key}_KEY"] for key in ("SECRET", "AUDIT", "FACTOR")}) == 3
    database_url = f"sqlite:///{tmp_path / 'booking.sqlite3'}"
    run = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=root / "opt/infusion-booking",
        env={**settings, "BOOKING_DATABASE_URL": database_url},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.split()[-3:] == ["200", "200", "200"]


def test_a_second_time_settings_and_data_stay(root: Path) -> None:
    before = read_settings(root)
    code = root / "opt/infusion-booking"
    (code / "booking/retired.py").touch()
    (code / "instance").mkdir()
    assert install(root, HOST).returncode == 0
    assert read_settings(root) == before
    assert not (code / "booking/retired.py").exists()
    assert (code / "instance").exists()
    for wrong in ("", "two names", "a;b"):
        assert install(root, wrong).returncode > 0


def test_the_running_web_finds_its_files_while_they_are_replaced(root: Path) -> None:
    code = root / "opt/infusion-booking"
    watched = (code / "booking/static/css/base.css", code / "config.py")
    missing: list[Path] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            missing.extend(path for path in watched if not path.exists())

    looking = threading.Thread(target=look)
    looking.start()
    assert install(root, HOST).returncode == 0
    done.set()
    looking.join()
    assert missing == []
    assert list(code.glob("*.new")) == []


def test_the_units_are_right_and_let_little_through(root: Path) -> None:
    units = sorted((root / "etc/systemd/system").iterdir())
    assert len(units) == 5
    for unit in units:
        for program in re.findall(
            r"^ExecStart=\S+/\.venv/bin/(\S+)", unit.read_text(), re.MULTILINE
        ):
            assert (Path(sys.executable).parent / program).exists()
    analyze = shutil.which("systemd-analyze")
    if analyze is None:  # the units were looked at where there is systemd
        return
    verified = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, units)],
        capture_output=True,
        text=True,
        check=False,
    )
    others = [line for line in verified.stderr.splitlines() if "is not executable" not in line]
    assert others == []
    services = [unit for unit in units if unit.suffix == ".service"]
    security = [
        analyze,
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED}",
        *map(str, services),
    ]
    exposed = subprocess.run(security, capture_output=True, text=True, check=False)
    assert exposed.returncode == 0, exposed.stdout[-300:]


def test_the_site_has_the_clinics_name(root: Path) -> None:
    site = (root / "etc/nginx/sites-enabled/booking").read_text()
    assert "visits.example.com" not in site
    assert f"server_name {HOST};" in site


def run_function(name: str, path: Path, **environment: str) -> str:
    """Run one function of the script, what it calls being there below `path`; return what it says."""
    script = (ROOT / "deploy/install").read_text()
    functions = re.findall(r"^\w+\(\) \{\n.*?^\}\n", script, re.MULTILINE | re.DOTALL)
    command = (
        f"set -euo pipefail\n{''.join(functions)}\nroot={path} code={path} host={HOST}\n{name}"
    )
    run = subprocess.run(
        ["bash", "-c", command], cwd=path, env={"PATH": f"{path}:/usr/bin:/bin", **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


def write_program(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/bash", *lines, "")))
    path.chmod(0o755)


def test_the_service_has_the_systems_python_whatever_root_uses(tmp_path: Path) -> None:
    write_program(tmp_path / "deploy/debian-packages")
    write_program(tmp_path / ".venv/bin/python")
    write_program(tmp_path / "deploy/python-packages", "echo $PYTHON")
    assert run_function("put_packages", tmp_path) == "/usr/bin/python3\n"
    assert run_function("put_packages", tmp_path, PYTHON="/opt/py/bin/python3") == (
        "/opt/py/bin/python3\n"
    )


def test_nginx_gets_no_site_without_its_certificate(tmp_path: Path) -> None:
    said = run_function("open_to_visitors", tmp_path)
    assert f"certbot certonly --nginx -d {HOST}" in said
    assert not (tmp_path / "etc").exists()


@pytest.fixture
def command(root: Path, tmp_path: Path) -> list[str]:
    """The command for operators, run as root on a machine where flask says what it was given."""
    write_program(tmp_path / "id", "echo 0")
    write_program(tmp_path / "runuser", 'shift 3; "$@"')
    write_program(
        root / "opt/infusion-booking/.venv/bin/flask", 'env; printf "<%s>" "$FLASK_APP" "$@"'
    )
    settings = f"BOOKING_SETTINGS={root / 'etc/booking/settings.env'}"
    program = str(root / "opt/infusion-booking/deploy/booking-flask")
    return ["env", settings, f"PATH={tmp_path}:/usr/bin:/bin", program]


def test_an_operators_command_has_the_services_settings(root: Path, command: list[str]) -> None:
    settings = root / "etc/booking/settings.env"
    before = settings.read_text()
    settings.write_text(f"{before}BOOKING_SMTP_URL=smtp://a:b$$c & d#;\nBOOKING_QUOTED='x y'")
    run = subprocess.run([*command, "db", "a b"], capture_output=True, text=True, check=True)
    settings.write_text(before)
    assert "BOOKING_SMTP_URL=smtp://a:b$$c & d#;\n" in run.stdout
    assert "BOOKING_QUOTED=x y\n" in run.stdout
    assert f"BOOKING_PUBLIC_URL=https://{HOST}\n" in run.stdout
    assert run.stdout.endswith(f"<{root}/opt/infusion-booking/wsgi.py:app><db><a b>")
    link = root / "usr/local/sbin/booking-flask"
    assert str(link.readlink()) == "/opt/infusion-booking/deploy/booking-flask"


def test_a_file_that_the_service_may_not_read_is_named(command: list[str], tmp_path: Path) -> None:
    write_program(tmp_path / "runuser", "exit 1")
    (tmp_path / "clinic.toml").touch()
    asked = [*command, "clinic", "load", str(tmp_path / "clinic.toml")]
    run = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "clinic.toml: the user booking may not read it" in run.stderr


def test_each_setting_has_a_line_with_nothing_behind_it(root: Path) -> None:
    text = (root / "etc/booking/settings.env").read_text()
    lines = [line for line in text.splitlines() if "BOOKING_" in line]
    assert all(re.fullmatch(r"(# )?BOOKING_[A-Z_]+=\S*", line) for line in lines)


def test_migrations_are_found_from_any_folder(app: Flask) -> None:
    assert Path(app.extensions["migrate"].directory) == ROOT / "migrations"


def test_while_the_web_is_restarted_requests_wait_and_none_is_refused(tmp_path: Path) -> None:
    statuses: list[int] = []
    done = threading.Event()
    with sqlite_copy(tmp_path) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def start() -> ForkServerProcess:
            arguments = (listener, 1, environment_for(url), tmp_path / "log")
            process = forkserver.Process(target=run_gunicorn, args=arguments)
            process.start()
            return process

        def ask() -> None:
            while not done.is_set():
                connection = HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/healthz")
                statuses.append(connection.getresponse().status)
                connection.close()

        web, visitor = start(), threading.Thread(target=ask)
        wait_until_alive(port, tmp_path / "log")
        visitor.start()
        web.terminate()
        web.join(30)
        answered = len(statuses)
        web = start()
        wait_until_alive(port, tmp_path / "log")
        done.set()
        visitor.join()
        web.terminate()
        web.join(30)
    assert len(statuses) > answered
    assert set(statuses) == {200}
