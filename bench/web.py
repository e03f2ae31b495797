"""Slots and bookings a second, as ratios to a bare Flask app measured alternately in the same minutes.

Run with `make bench BENCH=web`. Both databases; with the scenario's past, and with 20 times as much.
"""

import json
import re
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from bench.scenario import STAFF, ZONE, build
from bench.servers import databases, get, gunicorn
from booking import clock, create_app
from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.extensions import db

ROUNDS, SECONDS, CLIENTS = 5, 2, 8
POSTING = 1  # seconds: no round runs out of free times
PASTS = (1, 20)
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
DONE = re.compile(r"REQUESTS (\d+) SECONDS ([\d.]+) ERRORS (\d+)")


def rate(url: str) -> float:
    """Return how many GETs a second are answered."""
    command = ["wrk", "-t", "2", "-c", str(CLIENTS), "-d", f"{SECONDS}s", url]
    found = RATE.search(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    if found is None:
        raise RuntimeError("wrk said nothing of its rate")
    return float(found.group(1))


def posting_rate(url: str, bodies: Path) -> float:
    """Return how many POSTs a second succeed, sending each line of `bodies` once."""
    script = str(Path(__file__).with_name("post.lua"))
    command = [
        "wrk", "-t", "2", "-c", str(CLIENTS), "-d", f"{POSTING}s", "-s", script, url, "--", str(bodies), "2",
    ]  # fmt: skip
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = DONE.search(out)
    if found is None:
        raise RuntimeError(out)
    requests, seconds, errors = int(found[1]), float(found[2]), int(found[3])
    return (requests - errors) / seconds


def bodies(url: str, folder: Path) -> list[Path]:
    """Write files of bookings, one to warm up and one a round, each free place of each slot once."""
    app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"})
    today = clock.now().astimezone(ZONE).date()
    lines: list[str] = []
    with app.app_context():
        taken: dict[tuple[int, object], int] = {}
        rows = db.session.execute(
            select(Appointment.location_id, Appointment.starts_at, func.count()).group_by(
                Appointment.location_id, Appointment.starts_at
            )
        )
        for location_id, starts_at, count in rows:
            taken[location_id, starts_at] = count
        first, last = today + timedelta(days=1), today + timedelta(days=59)
        for slot in offering.slots("consultation", None, first, last, clock.now()):
            free = STAFF - taken.get((slot.place.id, slot.starts_at), 0)
            lines += [
                _body(slot.place.slug, slot.local_start.isoformat(), len(lines) + n)
                for n in range(free)
            ]
    files = []
    for number in range(ROUNDS + 1):
        file = folder / f"bodies-{number}"
        file.write_text("\n".join(lines[number :: ROUNDS + 1]) + "\n")
        files.append(file)
    return files


def _body(location: str, start: str, number: int) -> str:
    who = {
        "given_name": "Test", "family_name": f"Person{number}", "birth_date": "1980-02-29",
        "phone": f"+1602{5550000 + number % 10000}", "email": f"person{number}@example.com",
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


def measure(kind: str, past: int) -> dict[str, float]:
    """Measure one database with one length of history."""
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        build(create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"}), past)
        files = bodies(url, Path(name))
        today = clock.now().astimezone(ZONE).date()
        day, month = today + timedelta(days=3), today + timedelta(days=30)
        stem = "/api/v1/slots?service=consultation"
        pages = {
            "day": f"{stem}&location=ahwatukee&start={day}&end={day}",
            "month": f"{stem}&start={today}&end={month}",
        }
        with gunicorn("wsgi:app", url) as ours, gunicorn("bench.bare:app", url) as bare:
            label = f"{kind}, past x{past}: "
            aims = {"day": 0.6, "month": 0.4} if kind == "sqlite" else {"day": 0.45, "month": 0.3}
            found = {}
            for what, path in pages.items():
                get(ours + path)
                pairs = [(rate(ours + path), rate(bare + "/")) for _ in range(ROUNDS)]
                found[what] = compare(label + what, pairs, aims[what])
            booking = ours + "/api/v1/appointments"
            posting_rate(booking, files[0])
            pairs = [
                (posting_rate(booking, file), posting_rate(bare + "/", file)) for file in files[1:]
            ]
            found["booking"] = compare(label + "booking", pairs, 0.2)
    return found


def main() -> None:
    """Measure all of it, and what history costs."""
    for kind in ("sqlite", "postgresql"):
        short, long = (measure(kind, past) for past in PASTS)
        for what, ratio in short.items():
            cost = 1 - long[what] / ratio
            print(f"{kind}: 20 times the history costs {what} {cost:.0%} (limit 10%)", flush=True)
