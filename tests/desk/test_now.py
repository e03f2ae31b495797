"""The panel "Now": who is here, what is due, what is late, and the one button for what comes next."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import Traveller

from booking import clock as clock_time
from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.patients.models import Patient
from tests.builders import NOW, Clinic, a_booking, an_infusion, local
from tests.desk.page_forms import form_on
from tests.desk.signed_in import sign_in

DAY = f"/desk/day/ahwatukee/{NOW.date()}"
PANEL = f"{DAY}/now"


def somebody_arrived(clinic: Clinic) -> Appointment:
    appointment = an_infusion(clinic, NOW + timedelta(hours=1))
    attendance.check_in(appointment.id, NOW, "staff:1")
    return appointment


def press(browser: FlaskClient, action: str) -> None:
    """Press a button of the panel that is there."""
    form = form_on(browser, PANEL, action)
    assert browser.post(form.action, data=form.hidden).status_code == 302


def test_an_infusion_is_led_from_arrival_to_leaving_by_the_panels_buttons(
    app: Flask, clinic: Clinic, clock: Traveller
) -> None:
    appointment = somebody_arrived(clinic)
    clock.move_to(appointment.starts_at)
    nurse, steps = sign_in(app, clinic.practitioner), f"/desk/visits/{appointment.id}/steps"
    assert "Waiting" in nurse.get(DAY).text
    for step in ("seat", "start", "check", "recover", "ready", "ride"):
        assert "/outcome" not in nurse.get(PANEL).text
        press(nurse, f"{steps}/{step}")
    press(nurse, f"/desk/visits/{appointment.id}/outcome")
    db.session.rollback()
    assert db.session.get_one(Appointment, appointment.id).status is Status.FULFILLED
    assert "Nobody is here now" in nurse.get(PANEL).text


def test_a_consultation_is_seen_from_its_start_on_and_its_time_stands_there(
    app: Flask, clinic: Clinic, clock: Traveller
) -> None:
    appointment = a_booking(local(10))
    clock.move_to(appointment.starts_at - timedelta(minutes=30))
    attendance.check_in(appointment.id, clock_time.now(), "staff:1")
    browser, address = (
        sign_in(app, clinic.front_desk),
        f"/desk/day/ahwatukee/{appointment.local_date}/now",
    )
    assert "10:00 AM" in browser.get(address).text
    assert "/outcome" not in browser.get(address).text
    clock.move_to(appointment.starts_at)
    assert "/outcome" in sign_in(app, clinic.front_desk).get(address).text


def test_each_key_is_listed_under_the_rows_that_have_it(
    app: Flask, clinic: Clinic, clock: Traveller
) -> None:
    somebody_arrived(clinic)
    clock.move_to(an_infusion(clinic, NOW + timedelta(hours=1)).starts_at + timedelta(minutes=30))
    text = unescape(sign_in(app, clinic.practitioner).get(DAY).text)
    help_text = text.split("In a row of the list")[1].split("</dialog>")[0]
    listed, now = (set(re.findall("<kbd>(.)</kbd>", each)) for each in help_text.split("“Now”"))
    rows = re.findall(r'<li id="(visit|now)-(.*?)</li>', text, re.DOTALL)
    keys = {kind: set[str]() for kind in ("visit", "now")}
    for kind, row in rows:
        keys[kind] |= set(re.findall('aria-keyshortcuts="(.)"', row))
    assert keys == {"visit": {"a", "x"}, "now": {"s", "h"}}
    assert keys["visit"] == listed
    assert keys["now"] < now


def test_a_late_check_stands_first_and_says_so(
    app: Flask, clinic: Clinic, clock: Traveller
) -> None:
    waiting, treated = somebody_arrived(clinic), somebody_arrived(clinic)
    nurse = sign_in(app, clinic.practitioner)
    for step in ("seat", "start"):
        press(nurse, f"/desk/visits/{treated.id}/steps/{step}")
    text = nurse.get(PANEL).text
    assert "Late:" not in text
    clock.move_to(NOW + timedelta(minutes=18))
    text = nurse.get(PANEL).text
    assert "Late:" in text
    assert text.index(f'id="now-{treated.id}"') < text.index(f'id="now-{waiting.id}"')


def test_the_front_desk_is_offered_what_it_may_record(clinic: Clinic, desk: FlaskClient) -> None:
    appointment = somebody_arrived(clinic)
    steps = f"/desk/visits/{appointment.id}/steps"
    press(desk, f"{steps}/seat")
    text = desk.get(PANEL).text
    assert f"{steps}/start" not in text
    assert f"{steps}/ride" in text
    assert "A nurse records what is next" in text
    refused = desk.post(f"{steps}/start")
    assert refused.status_code == 422
    assert "A nurse or practitioner records this step" in refused.text


@pytest.mark.parametrize("part", ["now", "list", "table"])
def test_an_open_page_is_answered_briefly_while_nothing_changed(
    clinic: Clinic, desk: FlaskClient, part: str
) -> None:
    appointment = somebody_arrived(clinic)
    shown, name = (
        desk.get(f"{DAY}/{part}"),
        db.session.get_one(Patient, appointment.patient_id).display_name,
    )
    version = {"If-None-Match": shown.headers["ETag"]}
    assert name in shown.text
    assert shown.headers["ETag"] in unescape(desk.get(DAY).text)
    assert desk.get(f"{DAY}/{part}", headers=version).status_code == 304
    press(desk, f"/desk/visits/{appointment.id}/steps/seat")
    assert desk.get(f"{DAY}/{part}", headers=version).status_code == 200
