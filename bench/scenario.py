"""The clinic that is measured: 2 locations, 4 practitioners each, 60 days, 60 % booked; and its past."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select

from booking import clock
from booking.appointments.models import Appointment
from booking.appointments.rules import Origin, Status, new_reference, new_token
from booking.calendars.models import CatalogueVersion, Claim, Service
from booking.calendars.rules import ResourceNeed
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.screening.models import Questionnaire
from booking.screening.rules import ScreeningOutcome, ScreeningQuestion
from booking.staff.models import Role, Shift, Staff

ZONE = ZoneInfo("America/Phoenix")
DAYS, STAFF, SHARE_BOOKED = 60, 4, 0.6
STARTS = [time(9 + n) for n in range(8)]
NEEDS = (ResourceNeed(ResourceKind.ROOM, 0, 60), ResourceNeed(ResourceKind.PRACTITIONER, 0, 60))


def build(app: Flask, history: int) -> None:
    """Fill an empty database: 60 days ahead, 60 % booked, and `history` times as many appointments before."""
    with app.app_context():
        upgrade()
        with transaction():
            _catalogue()
        with transaction():
            _appointments(history)


def _catalogue() -> None:
    since = date(2020, 1, 1)
    db.session.add(CatalogueVersion(id=1, version=1))
    question = ScreeningQuestion(
        "psychosis", {"en": "Psychosis, ever?"}, ScreeningOutcome.CALL_FIRST
    )
    db.session.add(
        Questionnaire(
            version=1,
            digest="",
            approved_by="",
            questions=[question.to_dict()],
            created_at=clock.now(),
        )
    )
    db.session.add(
        Service(
            slug="consultation", names={"en": "Visit"}, minutes=60, notice_minutes=0, horizon_days=90,
            step_minutes=60, price_cents=0, needs=[need.to_dict() for need in NEEDS],
            is_infusion=False, bookable_online=True,
        )
    )  # fmt: skip
    for slug in ("ahwatukee", "scottsdale"):
        location = Location(
            slug=slug, name=slug, neutral_name=slug, time_zone=ZONE.key, address="", phone="",
            email="", emergency_room="", position=1,
        )  # fmt: skip
        db.session.add(location)
        db.session.flush()
        for weekday in range(7):
            db.session.add(
                OpeningHours(
                    location_id=location.id,
                    weekday=weekday,
                    opens=time(9),
                    closes=time(17),
                    valid_from=since,
                )
            )
        for number in range(STAFF):
            _room_and_practitioner(location, number, since)


def _room_and_practitioner(location: Location, number: int, since: date) -> None:
    name = f"{location.slug}-{number}"
    db.session.add(
        Resource(kind=ResourceKind.ROOM, name=name, location_id=location.id, created_at=clock.now())
    )
    person = Staff(
        slug=name, name=name, role=Role.PRACTITIONER, email=f"{name}@example.com", watches=0
    )
    db.session.add(person)
    db.session.flush()
    db.session.add(
        Resource(
            kind=ResourceKind.PRACTITIONER, name=name, staff_id=person.id, created_at=clock.now()
        )
    )
    for weekday in range(7):
        db.session.add(
            Shift(
                staff_id=person.id, location_id=location.id, weekday=weekday, begins=time(9),
                ends=time(17), valid_from=since,
            )
        )  # fmt: skip


def _appointments(history: int) -> None:
    chance, today = random.Random(1), clock.now().astimezone(ZONE).date()  # noqa: S311 - a scenario
    patient = Patient(
        given_name="A", family_name="B", family_key="b", birth_date=date(1980, 1, 1), language="en",
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(patient)
    db.session.flush()
    service = db.session.scalars(select(Service.id)).one()
    appointments: list[dict[str, Any]] = []
    pairs: list[tuple[int, int]] = []
    for location in db.session.scalars(select(Location)):
        for room, person in _pairs(location):
            for offset in range(-DAYS * history, DAYS):
                for start in STARTS:
                    if offset and chance.random() < SHARE_BOOKED:
                        day = today + timedelta(days=offset)
                        appointments.append(_appointment(location, service, patient.id, day, start))
                        pairs.append((room, person))
    _write(appointments, pairs)


def _pairs(location: Location) -> list[tuple[int, int]]:
    rooms = db.session.scalars(
        select(Resource.id)
        .filter_by(kind=ResourceKind.ROOM, location_id=location.id)
        .order_by(Resource.id)
    )
    people = db.session.scalars(
        select(Resource.id)
        .where(Resource.kind == ResourceKind.PRACTITIONER, Resource.name.startswith(location.slug))
        .order_by(Resource.id)
    )
    return list(zip(rooms, people, strict=True))


def _appointment(
    location: Location, service: int, patient: int, day: date, start: time
) -> dict[str, Any]:
    starts_at = datetime.combine(day, start, ZONE).astimezone(UTC)
    past = starts_at < clock.now()
    return {
        "reference": new_reference() + "X", "token": new_token(), "uid": str(uuid4()), "sequence": 0,
        # The future's are another status only so that one invented patient can have them all.
        "status": Status.FULFILLED, "service_id": service, "location_id": location.id,
        "patient_id": patient, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1),
        "local_date": day, "needs": [], "is_infusion": False, "origin": Origin.API,
        "created_at": starts_at, "note": "", "version": 1, "past": past,
    }  # fmt: skip


def _write(appointments: list[dict[str, Any]], pairs: list[tuple[int, int]]) -> None:
    for number, appointment in enumerate(appointments, start=1):
        appointment["id"] = number
        del appointment["past"]
    claims = [
        {
            "appointment_id": v["id"],
            "resource_id": r,
            "starts_at": v["starts_at"],
            "ends_at": v["ends_at"],
        }
        for v, pair in zip(appointments, pairs, strict=True)
        for r in pair
    ]
    for first in range(0, len(appointments), 5000):
        db.session.execute(insert(Appointment), appointments[first : first + 5000])
    for first in range(0, len(claims), 5000):
        db.session.execute(insert(Claim), claims[first : first + 5000])
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(db.func.setval("appointment_id_seq", len(appointments) + 1)))
