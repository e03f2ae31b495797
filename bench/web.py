"""Slots, pages of times and bookings a second, as ratios to a bare Flask app in the same minutes.

Run with `make bench BENCH=web`. Both databases; with the scenario's past, and with 20 times as much.
"""

import itertools
import json
import random
import re
import subprocess
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import delete, select

from bench.scenario import STAFF, ZONE, build
from bench.servers import databases, get, gunicorn
from booking import clock, create_app
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening.models import ScreeningResponse

ROUNDS, SECONDS, CLIENTS = 5, 2, 8
PASTS = (1, 20)
BOOKING_FLOOR = 0.1  # of a bare durable insert; what plain code reaches beyond is welcome
TIME_PAGE, TIME_PAGE_AIM = "/book/time", 0.5  # of a bare page of its size
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
DONE = re.compile(r"REQUESTS (\d+) SECONDS ([\d.]+) ERRORS (\d+)")


def rate(url: str, *headers: str) -> float:
    """Return how many GETs a second are answered."""
    with_headers = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t", "2", "-c", str(CLIENTS), "-d", f"{SECONDS}s", *with_headers, url]
    match = RATE.search(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    if match is None:
        raise RuntimeError("wrk said nothing of its rate")
    return float(match.group(1))


def posting_rate(url: str, bodies: Path) -> float:
    """Return how many POSTs a second succeed, sending each line of `bodies` once."""
    script = str(Path(__file__).with_name("post.lua"))
    command = [
        "wrk", "-t", "2", "-c", str(CLIENTS), "-d", f"{SECONDS}s", "-s", script, url, "--", str(bodies), "2",
    ]  # fmt: skip
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = DONE.search(out)
    if match is None:
        raise RuntimeError(out)
    requests, seconds, errors = int(match[1]), float(match[2]), int(match[3])
    return (requests - errors) / seconds


def bodies(app: Flask, file: Path, number: int) -> None:
    """Write bookings of new people: each free place of each slot once, all over the calendar."""
    today, people = clock.now().astimezone(ZONE).date(), itertools.count()
    first, last = today + timedelta(days=1), today + timedelta(days=59)
    with app.app_context():
        appointments = select(Appointment.location_id, Appointment.starts_at)
        taken = Counter(map(tuple, db.session.execute(appointments)))
        lines = [
            _body(
                slot.location.slug, slot.local_start.isoformat(), f"{number}x{place}", next(people)
            )
            for slot in list_slots("consultation", None, first, last, clock.now())
            for place in range(STAFF - taken[slot.location.id, slot.starts_at])
        ]
    random.Random(number).shuffle(lines)  # noqa: S311 - a scenario
    file.write_text("\n".join(lines) + "\n")


def free_again(app: Flask) -> None:
    """Delete what was booked, so that no round runs out of free times; the past is another status."""
    statement = select(Appointment.id).where(Appointment.status == Status.BOOKED)
    with app.app_context(), transaction():
        for table in (Claim, ScreeningResponse):
            db.session.execute(delete(table).where(table.appointment_id.in_(statement)))
        db.session.execute(delete(Appointment).where(Appointment.status == Status.BOOKED))


def booking_rate(app: Flask, ours: str, file: Path, number: int) -> float:
    """Return how many bookings a second succeed in one round."""
    bodies(app, file, number)
    bookings = posting_rate(ours + "/api/v1/appointments", file)
    free_again(app)
    return bookings


def _body(location: str, start: str, name: str, person: int) -> str:
    """Return a booking of somebody with a number and an address of their own: those are limited."""
    who = {
        "given_name": "Test", "family_name": f"Person{name} {start} {location}", "birth_date": "1980-02-29",
        "phone": f"+1602{2000000 + person}", "email": f"person{person}@example.com",
    }  # fmt: skip
    screening = {"version": 1, "answers": {"psychosis": False}}
    return json.dumps(
        {"service": "consultation", "location": location, "start": start, "patient": who,
         "screening": screening, "sms_consent": True}
    )  # fmt: skip


def compare(name: str, pairs: list[tuple[float, float]], aim: float) -> float:
    """Print one line and return the median ratio of ours to theirs."""
    ratio = median(ours / theirs for ours, theirs in pairs)
    print(
        f"{name:<44} {ratio:5.2f} x bare Flask (aim {aim:.2f}; "
        f"ours {median(o for o, _ in pairs):6.0f}/s, bare {median(b for _, b in pairs):6.0f}/s)",
        flush=True,
    )
    return ratio


def time_page_ratio(ours: str, bare: str, label: str) -> float:
    """Measure the page on which a time is chosen against a bare one of its size; print the size, too."""
    size = len(get(ours + TIME_PAGE))
    pairs = [(rate(ours + TIME_PAGE), rate(f"{bare}/page/{size}")) for _ in range(ROUNDS)]
    return compare(f"{label}page of times ({size} bytes)", pairs, TIME_PAGE_AIM)


def measure(kind: str, past: int) -> dict[str, float]:
    """Measure one database with one length of history."""
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"})
        build(app, past)
        today = clock.now().astimezone(ZONE).date()
        day, month = today + timedelta(days=3), today + timedelta(days=30)
        stem = "/api/v1/slots?service=consultation"
        pages = {
            "day": f"{stem}&location=ahwatukee&start={day}&end={day}",
            "month": f"{stem}&start={today}&end={month}",
        }
        with gunicorn("wsgi:app", url) as (ours, _), gunicorn("bench.bare:app", url) as (bare, _):
            label = f"{kind}, past x{past}: "
            aims = {"day": 0.6, "month": 0.4} if kind == "sqlite" else {"day": 0.45, "month": 0.3}
            ratios = {}
            for what, path in pages.items():
                get(ours + path)
                pairs = [(rate(ours + path), rate(bare + "/")) for _ in range(ROUNDS)]
                ratios[what] = compare(label + what, pairs, aims[what])
            ratios["page"] = time_page_ratio(ours, bare, label)
            file = Path(name) / "bodies"
            booking_rate(app, ours, file, 0)  # both warm
            pairs = [
                (booking_rate(app, ours, file, number), posting_rate(bare + "/", file))
                for number in range(1, ROUNDS + 1)
            ]
            ratios["booking"] = compare(label + "booking", pairs, BOOKING_FLOOR)
    return ratios


def main() -> None:
    """Measure all of it, and what history costs."""
    for kind in ("sqlite", "postgresql"):
        short, long = (measure(kind, past) for past in PASTS)
        for what, ratio in short.items():
            cost = 1 - long[what] / ratio
            print(f"{kind}: 20 times the history costs {what} {cost:.0%} (limit 10%)", flush=True)
