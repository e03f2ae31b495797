"""The forms by which the desk says who is here, who isn't, and what came of it."""

from datetime import timedelta

from flask.testing import FlaskClient

from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW, Clinic, a_booking, an_infusion
from tests.desk.scenario import Scenario

TODAY = NOW + timedelta(hours=2)


def check_in(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    appointment = a_booking(TODAY)
    return Scenario(f"/desk/visits/{appointment.id}", f"/desk/visits/{appointment.id}/check-in")


def mark_no_show(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    appointment = a_booking(TODAY)
    with transaction():
        db.session.get_one(Appointment, appointment.id).starts_at = NOW - timedelta(minutes=30)
    return Scenario(f"/desk/visits/{appointment.id}", f"/desk/visits/{appointment.id}/no-show")


def record_outcome(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{somebody_here().id}"
    return Scenario(page, f"{page}/outcome", {"outcome": "declined"})


def somebody_here() -> Appointment:
    appointment = a_booking(TODAY)
    attendance.check_in(appointment.id, NOW, "staff:1")
    return appointment


def record_step(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    appointment = an_infusion(clinic, TODAY)
    attendance.check_in(appointment.id, NOW, "staff:1")
    page = f"/desk/day/ahwatukee/{NOW.date()}"
    return Scenario(page, f"/desk/visits/{appointment.id}/steps/seat")


def change_length(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{a_booking(TODAY).id}/length"
    return Scenario(page, page, {"extra_minutes": "15"})


def undo_appointment_change(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{somebody_here().id}"
    return Scenario(page, f"{page}/undo/1")


ATTENDANCE_SCENARIOS = (
    check_in,
    mark_no_show,
    record_outcome,
    record_step,
    change_length,
    undo_appointment_change,
)
