"""The desk's calendar beside a bare page of its size: 30,000 appointments gone by, 20,000 patients.

Run with `make bench BENCH=desk_calendar`. Its day and week are asked for as an open page does, signed in.
"""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from flask import Flask
from sqlalchemy import func, insert, select, update

from bench.scenario import ZONE, build
from bench.servers import databases, gunicorn
from bench.web import ROUNDS, rate
from booking import clock, create_app
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.patients.models import Patient
from booking.staff.models import Staff
from tests.desk.signed_in import open_session

PAST = 13  # times the 60 days to come: 30,000 appointments
PATIENTS = 20_000
SLOWEST = 3  # times what a bare page of the size takes


def _add_patients(app: Flask) -> None:
    """Give each appointment one of many patients."""
    person = {"given_name": "Test", "birth_date": date(1980, 1, 1), "language": "en"}
    rows = [
        {**person, "family_name": f"Person{number}", "family_key": f"person{number}",
         "created_at": clock.now()}
        for number in range(PATIENTS)
    ]  # fmt: skip
    with app.app_context(), transaction():
        first = 1 + (db.session.scalar(select(func.max(Patient.id))) or 0)
        db.session.execute(insert(Patient), rows)
        db.session.execute(update(Appointment).values(patient_id=first + Appointment.id % PATIENTS))


def _cookie(app: Flask) -> str:
    """Return the cookie of somebody who has signed in."""
    with app.app_context():
        key = open_session(db.session.scalars(select(Staff).limit(1)).one())
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"Cookie: session={serializer.dumps({KEY: key})}"


def _measure(kind: str) -> None:
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench" * 8})
        build(app, PAST)
        _add_patients(app)
        day = clock.now().astimezone(ZONE).date() + timedelta(days=3)
        cookie = _cookie(app)
        with gunicorn("wsgi:app", url) as (ours, _), gunicorn("bench.bare:app", url) as (bare, _):
            for span in ("day", "week"):
                address = f"{ours}/desk/calendar/all/{day}/{span}/changes"
                size = _size(cookie, address)
                rate(address, cookie)  # each worker makes it once a minute
                pairs = [
                    (rate(address, cookie), rate(f"{bare}/page/{size}")) for _ in range(ROUNDS)
                ]
                slower = median(theirs / own for own, theirs in pairs)
                print(
                    f"{kind}: {span} ({size} bytes) takes {slower:.2f} x a bare page (limit {SLOWEST}; "
                    f"ours {median(own for own, _ in pairs):.0f}/s)",
                    flush=True,
                )


def _size(cookie: str, address: str) -> int:
    """Return how long the answer is, once the service gives one."""
    request = Request(address, headers=dict([cookie.split(": ", 1)]))
    with urlopen(request, timeout=60) as answer:
        return len(answer.read())


def main() -> None:
    """Measure both databases."""
    for kind in ("sqlite", "postgresql"):
        _measure(kind)
