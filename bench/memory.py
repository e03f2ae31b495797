"""What a web worker holds of its own after every kind of page was opened, and a bare Flask worker beside it.

Run with `make bench BENCH=memory`. Served as docs/operating.md says, on the demo's clinic, on both databases.
Its own is what no other process shares (USS); its part is that and its part of what is shared (PSS).
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from bench.servers import databases, gunicorn
from bench.visitor import Visitor, month_of_slots
from bench.web import rate
from booking import clock, create_app
from booking.db.transactions import transaction
from booking.demo import operations as demo
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences
from booking.series.queries import list_templates
from booking.series.templates import Template
from booking.staff.models import Role
from booking.staff.operations import list_active_staff
from tests.processes import children_of, memory_of

LIMIT = 64  # MB that a worker may hold of its own
ROUNDS = 3  # so that both workers open every kind of page
THREADS = ("--worker-class", "gthread", "--threads", "100")
CONFIGURED = ("--config", "deploy/gunicorn.conf.py")

Memory = tuple[float, float]  # MB: of its own, and with what is shared


@transaction()
def prescribe() -> int:
    """Prescribe a series to somebody who has none, so that a plan is asked for; return its id."""
    now = clock.now()
    patient = db.session.scalars(
        select(Patient).where(Patient.id.not_in(select(InfusionSeries.patient_id)))
    ).first()
    prescriber = next(p for p in list_active_staff() if p.role is Role.PRACTITIONER)
    if patient is None:
        raise RuntimeError("the demo has nobody without a series")
    screening.record_finding(patient, Finding.SUITABLE, prescriber.id, now)
    template = list_templates()[0]
    phases, tomorrow = Template.from_dict(template.data).phases, now.date() + timedelta(days=1)
    series = series_operations.prescribe_series(
        patient, template.id, phases, Preferences(), "scottsdale", tomorrow, prescriber.id, now
    )
    return series.id


def list_pages(app: Flask) -> list[str]:
    """Return the addresses of all pages and answers that need nothing more to be opened."""
    rules = app.url_map.iter_rules()
    return [rule.rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]


def warm_up(url: str, pages: list[str], emails: list[str]) -> None:
    """Open every kind of page, as a patient who books and as each role at the desk; then many at once."""
    for number in range(ROUNDS):
        patient = Visitor(url)
        patient.book(number)
        patient.walk(pages)
        for email in emails:
            person = Visitor(url)
            person.submit("/desk/sign-in", "/desk/sign-in", email=email, password=demo.PASSWORD)
            person.walk(pages)
    rate(url + month_of_slots())


def memory_of_workers(first: int) -> Memory:
    """Return what the larger worker holds of its own, and what all processes hold together."""
    each = [memory_of(process) for process in (first, *children_of(first))]
    return max(own for own, _ in each[1:]), sum(part for _, part in each)


def measure_bare(database_url: str, *options: str) -> Memory:
    """Return what the bare app's workers hold after as many answers as they can give in a while."""
    with gunicorn("bench.bare:app", database_url, *THREADS, *options) as (url, first):
        rate(url + "/")
        return memory_of_workers(first)


def measure(kind: str) -> None:
    """Print one line for one kind of database."""
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder), kind) as database_url:
        app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "bench"})
        with app.app_context():
            upgrade()
            demo.prepare(clock.now())
            pages = [*list_pages(app), month_of_slots(), f"/desk/series/{prescribe()}/plan"]
            emails = [person.email for person in demo.sign_ins()]
            db.session.remove()
            db.engine.dispose()
        with gunicorn("wsgi:app", database_url, *CONFIGURED) as (url, first):
            warm_up(url, pages, emails)
            own, whole = memory_of_workers(first)
        bare, preloaded = measure_bare(database_url), measure_bare(database_url, "--preload")
    print(
        f"{f'{kind}: a web worker of two':<44} {own / LIMIT:5.2f} x limit ({LIMIT} MB; "
        f"its own {own:.0f} MB, bare Flask {bare[0]:.0f}, preloaded {preloaded[0]:.0f}; "
        f"all processes {whole:.0f} MB, bare {bare[1]:.0f}, preloaded {preloaded[1]:.0f})",
        flush=True,
    )


def main() -> None:
    """Measure both databases."""
    for kind in ("sqlite", "postgresql"):
        measure(kind)
