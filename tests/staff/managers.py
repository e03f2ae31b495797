"""A manager, and the browser in which one is signed in and lately said who they are."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.staff import identity
from booking.staff.models import Role, Staff
from tests.builders import NOW
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in

LINK = re.compile(r"http://\S+/desk/invitation/([\w-]{43})")
NEW = {"name": "Nora Quill", "email": "Nora@Example.com", "role": "nurse"}


def a_manager(email: str = "manager@example.com") -> Staff:
    """Add a manager."""
    person = Staff(slug=email.partition("@")[0], name="Mara Stone", role=Role.MANAGER, email=email)
    with transaction():
        db.session.add(person)
    return person


def confirm(browser: FlaskClient) -> FlaskClient:
    """Let whoever is signed in have said once more who they are."""
    with browser.session_transaction() as cookies:
        cookies[KEY] = identity.renew_confirmed(cookies[KEY], NOW)
    return browser


def confirmed_browser(app: Flask, person: Staff) -> FlaskClient:
    """Return a browser in which `person` has signed in and said once more who they are."""
    return confirm(sign_in(app, person))


def find_by_email(email: str) -> Staff | None:
    """Return a member of staff as the database has them now."""
    db.session.rollback()
    return db.session.scalar(select(Staff).filter_by(email=email))


def invite(manager: FlaskClient, **changed: str) -> str:
    """Invite Nora Quill; return the token of the link that is shown."""
    page = manager.get(manager.post("/desk/people/new", data=NEW | changed).location).text
    return LINK.search(page).group(1)


def submit(manager: FlaskClient, page: str) -> TestResponse:
    """Send the form of a page; return the page that it leads to."""
    return manager.get(send(manager, form_on(manager, page, page), {}).location)


def actions() -> list[str]:
    """Return what is on record, in order."""
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
