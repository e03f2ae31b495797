"""What holds for every address: declared access, a strict policy, and reading it is safe."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import BuildError, Rule
from werkzeug.test import TestResponse

from booking import clock, create_app
from booking.access import SIGNED_IN, Access, access
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff.models import Role
from booking.staff.password_changes import set_password
from tests.builders import NOW, a_booking, a_clinic, a_patient
from tests.databases import settings_for
from tests.promises.source import module_name, python_files
from tests.staff.first import first_staff

PASSWORD = "a long enough password"
SAMPLES = {"location": "ahwatukee", "service": "consultation", "local_date": "2026-12-01",
           "template_slug": "recommended", "span": "day", "part": "list", "step": "seat",
           "setup_kind": "hours", "setup_slug": "ahwatukee"}  # fmt: skip
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "TRUNCATE")


def rules(app: Flask, *who: Access) -> list[Rule]:
    """Return the app's addresses, all or those that answer `who`."""
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return [rule for rule in found if not who or declared(app, rule) in who]


def declared(app: Flask, rule: Rule) -> Access | None:
    return getattr(app.view_functions[rule.endpoint], "access", None)


def address(app: Flask, rule: Rule, **known: Any) -> str:
    """Return an address of `rule`, with something in each of its places."""
    values = {name: known.get(name, SAMPLES.get(name, 1)) for name in rule.arguments}
    try:
        return app.url_map.bind("localhost").build(rule.endpoint, values)
    except BuildError as error:
        raise AssertionError(f"no sample for {rule}: add one to SAMPLES") from error


def verbs(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})


def answers(client: FlaskClient, wanted: list[Rule]) -> Iterator[tuple[str, TestResponse]]:
    """Yield the answer to each address by each of its methods."""
    for rule in wanted:
        for verb in verbs(rule):
            path = address(client.application, rule)
            yield f"{verb} {path}", client.open(path, method=verb)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """Return a browser in which someone of this role has signed in at the desk."""
    person = first_staff(role)
    set_password(person.email, PASSWORD, clock.now())
    key = staff.sign_in(person.email, PASSWORD, clock.now())
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["staff_key"] = key
    return browser


@pytest.fixture(autouse=True)
def _on_the_builders_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser(sqlite_app: Flask) -> FlaskClient:
    return sqlite_app.test_client()


def test_every_view_declares_who_may_open_it(sqlite_app: Flask) -> None:
    silent = [str(r) for r in rules(sqlite_app) if not isinstance(declared(sqlite_app, r), Access)]
    assert silent == []


def test_every_module_with_views_is_hung_on_the_app(sqlite_app: Flask) -> None:
    """One that nobody imports has addresses that nobody finds."""
    written = {
        module_name(path)
        for path in python_files()
        if re.search(r"^@blueprint\.(get|post)\(", path.read_text(), re.MULTILINE)
    }
    served = {view.__module__ for view in sqlite_app.view_functions.values()}
    assert written - served == {"booking.demo.views"}


def test_there_are_views_of_every_kind_and_the_demos_only_in_the_demo(sqlite_app: Flask) -> None:
    kinds = {declared(sqlite_app, rule) for rule in rules(sqlite_app)}
    assert kinds == set(Access) - {Access.DEMO}


def test_whoever_is_not_signed_in_is_sent_to_sign_in(browser: FlaskClient) -> None:
    wanted = rules(browser.application, *SIGNED_IN)
    assert wanted != []
    assert [
        what
        for what, response in answers(browser, wanted)
        if response.status_code != 302 or not response.location.startswith("/desk/sign-in")
    ] == []


@pytest.mark.parametrize("only", [Access.PRACTITIONER, Access.MANAGER])
def test_the_desk_may_not_do_what_practitioners_and_managers_do(
    sqlite_app: Flask, only: Access
) -> None:
    a_clinic()
    wanted = rules(sqlite_app, only)
    assert wanted != []
    browser = signed_in(sqlite_app, Role.FRONT_DESK)
    assert [w for w, response in answers(browser, wanted) if response.status_code != 403] == []


def test_the_demos_pages_exist_only_in_the_demo(browser: FlaskClient) -> None:
    wanted = rules(browser.application, Access.DEMO)
    assert [w for w, response in answers(browser, wanted) if response.status_code != 404] == []


def is_strict(policy: str | None) -> bool:
    allowed = dict(part.strip().partition(" ")[::2] for part in (policy or "").split(";"))
    sources = {source for value in allowed.values() for source in value.split()}
    return allowed.get("default-src") == "'self'" and sources <= {"'self'", "'none'"}


def test_every_answer_carries_a_strict_policy(browser: FlaskClient) -> None:
    assert [
        what
        for what, response in answers(browser, rules(browser.application))
        if not is_strict(response.headers.get("Content-Security-Policy"))
    ] == []


@access(Access.PUBLIC)
def fails() -> NoReturn:
    raise ZeroDivisionError("secret words")


@pytest.mark.parametrize("path", ["/fails", "/api/v1/fails"])
def test_a_fault_of_ours_tells_nothing_and_keeps_the_policy(sqlite_app: Flask, path: str) -> None:
    app = create_app(settings_for(sqlite_app.config["DATABASE_URL"]))
    app.add_url_rule(path, "fails", fails)
    response = app.test_client().get(path)
    assert response.status_code == 500
    assert is_strict(response.headers.get("Content-Security-Policy"))
    assert "secret words" not in response.text
    assert "ZeroDivisionError" not in response.text


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/no-such-page", 404),
        ("GET", "/api/v1/no-such-page", 404),
        ("DELETE", "/healthz", 405),
        ("GET", "/static/no-such-file.css", 404),
    ],
)
def test_refusals_keep_the_policy(browser: FlaskClient, verb: str, path: str, status: int) -> None:
    response = browser.open(path, method=verb)
    assert response.status_code == status
    assert is_strict(response.headers.get("Content-Security-Policy"))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect what is sent to the database meanwhile."""
    sent: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement.lstrip())

    event.listen(engine, "before_cursor_execute", keep)
    yield sent
    event.remove(engine, "before_cursor_execute", keep)


def nobody(app: Flask) -> FlaskClient:
    return app.test_client()


def a_practitioner(app: Flask) -> FlaskClient:
    return signed_in(app, Role.PRACTITIONER)


# That a signed-in person looked, and is still there, is kept: decision 0012.
ACCESS_RECORDS = ("INSERT INTO audit_entry", "UPDATE staff_session")


@pytest.mark.parametrize(("visitor", "kept"), [(nobody, ()), (a_practitioner, ACCESS_RECORDS)])
@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_invariant_13_reading_never_writes(
    app: Flask, visitor: Callable[[Flask], FlaskClient], kept: tuple[str, ...], verb: str
) -> None:
    a_patient(a_clinic())
    appointment, browser = a_booking(), visitor(app)
    with (
        statements(db.engine) as sent,
        time_machine.travel(NOW + timedelta(minutes=2), tick=False),
    ):
        for rule in rules(app):
            if "GET" in verbs(rule):
                path = address(app, rule, token=appointment.token, reference=appointment.reference)
                assert browser.open(path, method=verb).status_code != 500, path
    written = [statement for statement in sent if statement.upper().startswith(WRITES)]
    assert [statement for statement in written if not statement.startswith(kept)] == []
    assert {start for start in kept for one in written if one.startswith(start)} == set(kept)
    assert sent != []
