"""The wall board: chairs, stages and what is due, and nobody's name."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select
from time_machine import Traveller

from booking.appointments import attendance
from booking.appointments.day_rules import TreatmentStep
from booking.appointments.treatments import record_step
from booking.audit.rules import staff_actor
from booking.calendars.outages import record_outage
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.locations.rules import ResourceKind
from tests.browser import overflows
from tests.builders import NOW, Clinic, a_patient, an_infusion, local
from tests.desk.signed_in import sign_in
from tests.web.test_every_page import HOST, serve_from

BOARD = "/desk/board/ahwatukee"
TEXT_BOX = """element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { left, right, top, bottom };
}"""


def test_the_board_says_how_far_each_chair_is_and_names_nobody(app: Flask, clinic: Clinic) -> None:
    patient = a_patient(clinic, given_name="Zenobia", family_name="Quillfeather")
    appointment = an_infusion(clinic, local(9, day=NOW.date()), patient)
    nurse = staff_actor(clinic.practitioner.id)
    attendance.check_in(appointment.id, NOW, nurse)
    for step in (TreatmentStep.SEAT, TreatmentStep.START):
        record_step(appointment.id, step, NOW, nurse)
    browser = sign_in(app, clinic.front_desk)
    for address in (BOARD, f"{BOARD}/now"):
        text = browser.get(address).text
        assert "In chair: infusion" in text
        assert "8:15" in text  # the next check
        assert text.count(">free<") == 3
        for told in ("Zenobia", "Quillfeather", appointment.reference):
            assert told not in text
    assert '<meta http-equiv="refresh"' in browser.get(BOARD).text
    shown = browser.get(f"{BOARD}/now").headers["ETag"]
    assert browser.get(f"{BOARD}/now", headers={"If-None-Match": shown}).status_code == 304


def test_a_chair_that_is_out_of_order_is_not_free(
    app: Flask, clinic: Clinic, clock: Traveller
) -> None:
    clock.move_to(local(10, day=NOW.date()))
    chairs = select(Resource.id).filter_by(kind=ResourceKind.CHAIR).order_by(Resource.id)
    hour = timedelta(hours=1)
    outage = Outage(
        resource_id=db.session.scalars(chairs).all()[-1],
        starts_at=local(10, day=NOW.date()) - hour,
        ends_at=local(10, day=NOW.date()) + hour,
    )
    browser = sign_in(app, clinic.front_desk)
    assert browser.get(BOARD).text.count(">free<") == 4
    record_outage(outage, NOW, "staff:1")
    for address in (BOARD, f"{BOARD}/now"):
        text = browser.get(address).text
        assert (text.count(">free<"), text.count("Out of order")) == (3, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_clock_stands_beside_the_longest_name_on_each_screen(
    desk: FlaskClient, clinic: Clinic, page: Page
) -> None:
    clinic.location.name = "Ahwatukee Ketamine Clinic and Drip Lounge"
    with transaction():
        db.session.merge(clinic.location)
    serve_from(desk, page)
    page.goto(f"{HOST}{BOARD}")
    for width in (1280, 820, 700, 600, 360):
        page.set_viewport_size({"width": width, "height": 800})
        name = page.locator("h1").evaluate(TEXT_BOX)
        clock = page.locator(".board-clock").evaluate(TEXT_BOX)
        assert name["right"] < clock["left"] or name["top"] >= clock["bottom"], width
        assert not overflows(page)
