"""Invariant 1 under fire: real server processes, real client processes, one moment."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from booking import clock
from booking.appointments.models import Appointment
from booking.calendars.models import CLAIMS_NEVER_OVERLAP, Claim, Service
from booking.calendars.rules import ResourceNeed
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from tests.builders import PHOENIX, a_booking, a_clinic, local
from tests.forked import forkserver
from tests.racers import post_at_once
from tests.server import Server


def in_three_days() -> date:
    return clock.now().astimezone(PHOENIX).date() + timedelta(days=3)


def bodies(count: int, service: str = "consultation") -> list[dict[str, Any]]:
    start = datetime.combine(in_three_days(), time(10), PHOENIX)
    return [
        {
            "service": service,
            "location": "ahwatukee",
            "start": start.isoformat(),
            "patient": {
                "given_name": "Test",
                "family_name": f"Racer{number}",
                "birth_date": "1980-02-29",
                "phone": f"+1602555{number:04d}",
            },
            "screening": {
                "version": 1,
                "answers": {"danger": False, "psychosis": False, "pregnancy": False},
            },
            "sms_consent": True,
        }
        for number in range(count)
    ]


def a_chair_service() -> None:
    """Offer something online that needs a chair and nothing else."""
    with transaction():
        db.session.add(
            Service(
                slug="drip", names={"en": "Drip"}, minutes=60, notice_minutes=0, horizon_days=60,
                step_minutes=15, price_cents=0, is_infusion=False, bookable_online=True,
                needs=[ResourceNeed(ResourceKind.CHAIR, 0, 60).to_dict()],
            )
        )  # fmt: skip


def test_invariant_1_64_at_once_for_the_last_slot_book_one(app: Flask, server: Server) -> None:
    a_clinic()
    answers = post_at_once(f"{server.url}/api/v1/appointments", bodies(64))
    assert Counter(status for status, _ in answers) == {201: 1, 409: 63}
    rooms = select(func.count()).select_from(Claim).join(Resource)
    assert db.session.scalar(rooms.where(Resource.kind == ResourceKind.ROOM)) == 1


def test_four_at_once_on_four_free_chairs_all_book(app: Flask, server: Server) -> None:
    a_clinic(chairs=4)
    a_chair_service()
    answers = post_at_once(f"{server.url}/api/v1/appointments", bodies(4, "drip"))
    assert [status for status, _ in answers] == [201] * 4
    chairs = db.session.scalars(select(Claim.resource_id)).all()
    assert len(set(chairs)) == 4


def test_a_fifth_finds_no_chair(app: Flask, server: Server) -> None:
    a_clinic(chairs=4)
    a_chair_service()
    answers = post_at_once(f"{server.url}/api/v1/appointments", bodies(5, "drip"))
    assert Counter(status for status, _ in answers) == {201: 4, 409: 1}


def test_invariant_5_one_request_sent_sixteen_times_at_once_books_once(
    app: Flask, server: Server
) -> None:
    a_clinic(chairs=4)
    a_chair_service()
    answers = post_at_once(f"{server.url}/api/v1/appointments", bodies(1, "drip") * 16)
    assert Counter(status for status, _ in answers) == {201: 16}
    assert len({answer["reference"] for _, answer in answers}) == 1
    for table in (Appointment, Patient):
        assert db.session.scalar(select(func.count()).select_from(table)) == 1


def claim_regardless(url: str, claim: dict[str, Any], shot: Any, results: Any) -> None:
    """Insert a claim without asking whether the time is free, as a program that doesn't look would."""
    engine = create_engine(make_url(url).set(drivername=_driver(url)))
    columns = ", ".join(claim)
    values = ", ".join(f":{name}" for name in claim)
    try:
        with engine.connect() as connection:
            shot.wait(30)
            with connection.begin():
                connection.execute(text(f"INSERT INTO claim ({columns}) VALUES ({values})"), claim)
        results.put("claimed")
    except SQLAlchemyError:
        results.put("refused")


def _driver(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"


def race_for_one_resource(url: str) -> Counter[str]:
    """Let four processes claim one resource for one hour, past all our own checks."""
    appointment = a_booking(local(10))
    chair = db.session.scalars(
        select(Resource.id).filter_by(kind=ResourceKind.CHAIR).order_by(Resource.id)
    ).first()
    claim = {
        "resource_id": chair,
        "appointment_id": appointment.id,
        "starts_at": str(local(13).astimezone(UTC)),
        "ends_at": str(local(14).astimezone(UTC)),
    }
    if url.startswith("sqlite"):
        claim |= {
            "starts_at": "2026-12-01 20:00:00.000000",
            "ends_at": "2026-12-01 21:00:00.000000",
        }
    shot, results = forkserver.Barrier(4), forkserver.Queue()
    racers = [
        forkserver.Process(target=claim_regardless, args=(url, claim, shot, results))
        for _ in range(4)
    ]
    for racer in racers:
        racer.start()
    found = Counter(results.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join(10)
    return found


def test_invariant_1_whoever_does_not_look_is_refused_by_the_database(
    app: Flask, database_url: str
) -> None:
    a_clinic()
    assert race_for_one_resource(database_url) == {"claimed": 1, "refused": 3}


def test_without_the_constraint_the_same_race_claims_twice(app: Flask, database_url: str) -> None:
    """The test above can fail: it is the constraint, and nothing else, that makes it pass."""
    a_clinic()
    with transaction():
        for statement in CLAIMS_NEVER_OVERLAP.drop(db.engine.dialect.name):
            db.session.execute(text(statement))
    assert race_for_one_resource(database_url)["claimed"] > 1


@pytest.fixture(autouse=True)
def _no_session_left_open(app: Flask) -> Any:
    yield
    db.session.remove()
