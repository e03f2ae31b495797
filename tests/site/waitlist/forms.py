"""What a browser sends from the pages of the waitlist."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.waitlist.models import WaitlistOffer

FULL = 4
ALL = {
    "weekdays": [str(day) for day in range(7)],
    "parts": ["morning", "afternoon", "evening"],
    "locations": ["ahwatukee"],
}


def join(client: FlaskClient, appointment: Appointment, **changed: object) -> TestResponse:
    return client.post(f"/a/{appointment.token}/waitlist", data={**ALL, **changed})


def page(client: FlaskClient, appointment: Appointment) -> str:
    return client.get(f"/a/{appointment.token}/waitlist").text


def answer(client: FlaskClient, made: WaitlistOffer, how: str, **form: object) -> TestResponse:
    version = current_version(made)
    return client.post(f"/o/{made.token}/{how}", data={"version": version, **form})


def current_version(made: WaitlistOffer) -> int:
    entry = db.session.get_one(type(made), made.id).entry_id
    statement = db.text(
        "SELECT version FROM appointment JOIN waitlist_entry ON appointment_id = appointment.id "
        "WHERE waitlist_entry.id = :entry"
    )
    return int(db.session.execute(statement, {"entry": entry}).scalar_one())
