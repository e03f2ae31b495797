"""Every address × role answers as the matrix says, and nobody reaches what is another's."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from booking.access import SIGNED_IN, Access
from booking.appointments.models import Appointment
from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.staff.interrupted_forms import save_form
from booking.staff.models import Role, Staff, StaffSession
from tests.builders import NOW, Clinic, a_booking, a_clinic, local
from tests.desk.signed_in import sign_in
from tests.promises.test_pages import address, rules, verbs
from tests.staff.managers import a_manager, confirm
from tests.web.access_matrix import MATRIX
from tests.web.test_every_page import NO_PAGES, ON_THE_WAY

LETTERS = {"F": Role.FRONT_DESK, "N": Role.NURSE, "P": Role.PRACTITIONER, "M": Role.MANAGER}
ENDS_IT = "staff.sign_out"
ALLOWED = {
    line.split()[-1]: {LETTERS[mark] for mark in line.split()[:-1] if mark in LETTERS}
    for line in MATRIX.strip().splitlines()
}
NOBODY = 999  # an id that nothing has: who may get that far is told that it isn't there


@pytest.fixture(autouse=True)
def _on_the_builders_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(sqlite_app: Flask) -> Clinic:
    """One location with its people, a manager too."""
    clinic = a_clinic()
    a_manager()
    return clinic


def browser_of(app: Flask, role: Role) -> FlaskClient:
    person = db.session.scalars(select(Staff).filter_by(role=role)).all()[0]
    return confirm(sign_in(app, person))


def pages_about_something(app: Flask) -> list[Rule]:
    """Return the pages whose address names what they are about."""
    with_object = (rule for rule in rules(app, *SIGNED_IN) if rule.arguments)
    return [rule for rule in with_object if "GET" in (rule.methods or ())]


def test_every_address_of_staff_is_in_the_matrix(sqlite_app: Flask) -> None:
    assert {rule.endpoint for rule in rules(sqlite_app, *SIGNED_IN)} == ALLOWED.keys()


@pytest.mark.parametrize("role", list(Role))
def test_every_address_answers_a_role_as_the_matrix_says(
    sqlite_app: Flask, clinic: Clinic, role: Role
) -> None:
    browser, wrong = browser_of(sqlite_app, role), []
    ids = {name: NOBODY for rule in rules(sqlite_app) for name in rule.arguments if "_id" in name}
    about_something = pages_about_something(sqlite_app)  # opened below, with something there
    for rule in rules(sqlite_app, *SIGNED_IN):
        for verb in verbs(rule) if rule.endpoint != ENDS_IT else ():
            if verb == "GET" and rule in about_something:
                continue
            answer = browser.open(address(sqlite_app, rule, **ids), method=verb)
            is_let_in = answer.status_code != 403
            if is_let_in is not (role in ALLOWED[rule.endpoint]) or answer.status_code >= 500:
                wrong.append((verb, rule.endpoint, answer.status_code))
    assert wrong == []
    assert browser.post("/desk/sign-out").location == "/desk/sign-in"


def test_every_page_about_something_there_is_answers_each_role_as_the_matrix_says(
    sqlite_app: Flask, samples: dict[str, object]
) -> None:
    """Own or another's: a page that is for a role is there, and no other is, whatever it is about."""
    wrong = []
    for role in Role:
        browser = browser_of(sqlite_app, role)
        for rule in pages_about_something(sqlite_app):
            status = browser.get(address(sqlite_app, rule, **samples)).status_code
            is_allowed = role in ALLOWED[rule.endpoint]
            is_there = status in (200, 302) or rule.endpoint in ON_THE_WAY | NO_PAGES
            if (status == 403) is is_allowed or (is_allowed and not is_there):
                wrong.append((role.value, rule.endpoint, status))
    assert wrong == []


def test_a_link_opens_its_own_appointment_and_no_other(
    sqlite_app: Flask, samples: dict[str, object]
) -> None:
    stranger, other = sqlite_app.test_client(), a_booking(local(15))
    own = db.session.scalars(select(Appointment).filter_by(token=samples["token"])).one()
    links = [rule for rule in rules(sqlite_app, Access.TOKEN) if rule.arguments == {"token"}]
    pages = [rule for rule in links if "GET" in (rule.methods or ())]
    assert pages
    for rule in pages:
        for appointment, another in ((own, other), (other, own)):
            text = stranger.get(address(sqlite_app, rule, token=appointment.token)).text
            assert another.reference not in text
            assert another.token not in text
        assert stranger.get(address(sqlite_app, rule, token="A" * 22)).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_an_ended_sign_in_and_a_replayed_one_open_no_address(
    sqlite_app: Flask, clinic: Clinic, role: Role
) -> None:
    ended = browser_of(sqlite_app, role)
    with ended.session_transaction() as cookies:
        key = cookies[KEY]
    ended.post("/desk/sign-out")
    replayed = sqlite_app.test_client()
    for browser in (ended, replayed):
        with browser.session_transaction() as cookies:
            cookies[KEY] = key
        let_in = [
            rule.endpoint
            for rule in rules(sqlite_app, *SIGNED_IN)
            for verb in verbs(rule)
            if "/desk/sign-in"
            not in (browser.open(address(sqlite_app, rule), method=verb).location or "")
        ]
        assert let_in == []


@pytest.mark.parametrize("role", list(Role))
def test_whose_sign_in_or_form_it_is_decides_in_every_role(
    sqlite_app: Flask, clinic: Clinic, role: Role
) -> None:
    """Own: it ends, it is shown again. Another's: it is not there."""
    browser = browser_of(sqlite_app, role)
    own = db.session.scalars(select(StaffSession.staff_id).order_by(StaffSession.id.desc())).first()
    other = next(each.id for each in db.session.scalars(select(Staff)) if each.id != own)
    for owner, status, is_kept in ((own, 302, True), (other, 404, False)):
        sign_in(sqlite_app, db.session.get_one(Staff, owner))
        newest = select(StaffSession.id).order_by(StaffSession.id.desc())
        number = db.session.scalars(newest).first()
        assert browser.post(f"/desk/account/sessions/{number}/end").status_code == status
        fields = [("given_name", "Unmistakable")]
        save_form(f"form-{owner}", owner or 0, "/desk/patients/new", fields, NOW)
        page = browser.get(f"/desk/again/form-{owner}")
        assert ("Unmistakable" in page.text) is is_kept


def test_a_manager_acts_on_others_and_not_on_their_own_role(
    sqlite_app: Flask, clinic: Clinic
) -> None:
    manager = browser_of(sqlite_app, Role.MANAGER)
    own = db.session.scalars(select(Staff.id).filter_by(role=Role.MANAGER)).one()
    for step in ("role", "retire"):
        paths = [f"/desk/people/{number}/{step}" for number in (clinic.front_desk.id, own)]
        assert [manager.get(path).status_code for path in paths] == [200, 403]
