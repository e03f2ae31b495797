"""Builders with sensible defaults: a test states only what matters to it."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from booking.appointments.booking import Booked, BookingDetails, BookingRequest, book_slot
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.calendars import availability
from booking.calendars.models import CatalogueVersion, Service
from booking.calendars.rules import ResourceNeed, infusion_needs
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.patients.rules import Contact, normalize_name
from booking.screening.models import Questionnaire, Suitability
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import Finding, ScreeningOutcome, ScreeningQuestion
from booking.staff.models import Role, Shift, Staff
from tests.written_once import written_once

PHOENIX = ZoneInfo("America/Phoenix")
SINCE = date(2026, 1, 1)
NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # Monday, 08:00 in Phoenix
TOMORROW = date(2026, 12, 1)
BORN = date(1980, 2, 29)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Clinic:
    """The ids a test may need."""

    location: Location
    practitioner: Staff
    front_desk: Staff


@written_once
def a_clinic(
    *,
    slug: str = "ahwatukee",
    zone: str = "America/Phoenix",
    opens: time = time(9),
    closes: time = time(17),
    rooms: int = 1,
    chairs: int = 4,
    practitioners: int = 1,
    nurses: int = 2,
    watches: int = 4,
    weekdays: range = range(7),
) -> Clinic:
    """Make a location with people and rooms, the services, and the safety questions."""
    with transaction():
        location = Location(
            slug=slug, name=f"{slug.title()} Clinic", neutral_name=f"{slug.title()} Clinic",
            time_zone=zone, address="1 Example Street", phone="+16025550100",
            email="desk@example.com", emergency_room="Example Hospital, 2 Example Street",
            position=next(_numbers),
        )  # fmt: skip
        doctors = [_worker(Role.PRACTITIONER, 0) for _ in range(practitioners)]
        team = [*doctors, *(_worker(Role.NURSE, watches) for _ in range(nurses))]
        desk = _worker(Role.FRONT_DESK, 0)
        db.session.add_all([location, *team, desk])
        db.session.flush()
        _open(location, [*team, desk], weekdays, opens, closes)
        _furnish(location, {"room": rooms, "chair": chairs, "seat": nurses * watches}, doctors)
        if db.session.get(CatalogueVersion, 1) is None:
            _services()
            db.session.add(_questions())
            db.session.add(CatalogueVersion(id=1, version=1))
        else:
            db.session.get_one(CatalogueVersion, 1).version += 1
    return Clinic(location, doctors[0] if doctors else desk, desk)


def _worker(role: Role, watches: int) -> Staff:
    number = next(_numbers)
    return Staff(
        slug=f"{role}-{number}", name=f"{role} {number}", role=role,
        email=f"{role}{number}@example.com", watches=watches,
    )  # fmt: skip


def _open(
    location: Location, staff: list[Staff], weekdays: range, opens: time, closes: time
) -> None:
    """Write a clinic's hours and shifts as rows: objects would take most of a test's own time."""
    place = {"location_id": location.id, "valid_from": SINCE}
    hours = [{**place, "weekday": day, "opens": opens, "closes": closes} for day in weekdays]
    shift = {**place, "begins": opens, "ends": closes}
    shifts = [
        {**shift, "staff_id": person.id, "weekday": day} for person in staff for day in weekdays
    ]
    for table, rows in ((OpeningHours, hours), (Shift, shifts)):
        if rows:
            db.session.execute(insert(table), rows)


def _furnish(location: Location, counts: dict[str, int], doctors: list[Staff]) -> None:
    numbered = [
        {"kind": ResourceKind(kind), "name": f"{kind} {number}", "position": number}
        for kind, count in counts.items()
        for number in range(1, count + 1)
    ]
    things = [{**thing, "location_id": location.id, "created_at": NOW} for thing in numbered]
    people = [
        {
            "kind": ResourceKind.PRACTITIONER,
            "name": doctor.name,
            "staff_id": doctor.id,
            "created_at": NOW,
        }
        for doctor in doctors
    ]
    for rows in filter(None, (things, people)):
        db.session.execute(insert(Resource), rows)


def _services() -> None:
    seen = (ResourceNeed(ResourceKind.ROOM, 0, 55), ResourceNeed(ResourceKind.PRACTITIONER, 0, 55))
    short = (ResourceNeed(ResourceKind.ROOM, 0, 20), ResourceNeed(ResourceKind.PRACTITIONER, 0, 20))
    for slug, minutes, needs, infusion, online in (
        ("consultation", 45, seen, False, True),
        ("infusion", 90, infusion_needs(15, 45, 30, 4), True, False),
        ("follow-up", 20, short, False, False),
    ):
        db.session.add(
            Service(
                slug=slug, names={"en": slug.title()}, minutes=minutes, notice_minutes=120,
                horizon_days=60, step_minutes=15, price_cents=15000,
                needs=[need.to_dict() for need in needs], is_infusion=infusion,
                bookable_online=online,
            )
        )  # fmt: skip


def _questions() -> Questionnaire:
    questions = (
        ScreeningQuestion(
            "danger",
            {"en": "Are you in danger right now?"},
            ScreeningOutcome.HELP_FIRST,
        ),
        ScreeningQuestion("psychosis", {"en": "Psychosis, ever?"}, ScreeningOutcome.CALL_FIRST),
        ScreeningQuestion("pregnancy", {"en": "Are you pregnant?"}, ScreeningOutcome.FLAGGED),
    )
    return Questionnaire(
        version=1,
        digest="0" * 64,
        approved_by="Test",
        questions=[q.to_dict() for q in questions],
        created_at=NOW,
    )


def a_closure(location: Location, day: date) -> None:
    """Close a location for a day."""
    with transaction():
        db.session.add(Closure(location_id=location.id, first_day=day, last_day=day, name="Closed"))
        db.session.get_one(CatalogueVersion, 1).version += 1


def local(hour: int, minute: int = 0, day: date = TOMORROW, zone: ZoneInfo = PHOENIX) -> datetime:
    """Return a local wall-clock time as a UTC instant."""
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def a_contact(**given: str | None) -> Contact:
    """Return a person nobody knows yet."""
    number = next(_numbers)
    defaults: dict[str, str | None] = {
        "given_name": "Test", "family_name": f"Person{number}",
        "phone": f"+1602555{number % 10000:04d}", "email": f"person{number}@example.com",
    }  # fmt: skip
    return Contact(**{**defaults, **given})  # type: ignore[arg-type]


def answers(birth_date: date = BORN, **yes: bool) -> ScreeningAnswers:
    """Answer no to every question but those given."""
    return ScreeningAnswers(
        1, {"danger": False, "psychosis": False, "pregnancy": False, **yes}, birth_date
    )


def a_request(starts_at: datetime | None = None, **changed: object) -> BookingRequest:
    """Return a request for a consultation tomorrow at ten."""
    wanted: dict[str, object] = {
        "service": "consultation", "location": "ahwatukee", "starts_at": starts_at or local(10),
    }  # fmt: skip
    told: dict[str, object] = {
        "contact": a_contact(), "answers": answers(), "sms_consent": True, "wording": "Text me",
    }  # fmt: skip
    for name, value in changed.items():
        (wanted if name in wanted else told)[name] = value
    return BookingRequest(**wanted, details=BookingDetails(**told))  # type: ignore[arg-type]


def a_booking(
    starts_at: datetime | None = None, now: datetime = NOW, **changed: object
) -> Appointment:
    """Book a consultation and return it."""
    result = book_slot(a_request(starts_at, **changed), now)
    assert isinstance(result, Booked)
    return result.appointment


def a_patient(
    clinic: Clinic | None = None,
    *,
    cleared: bool = True,
    birth_date: date = BORN,
    **given: str | None,
) -> Patient:
    """Make a patient; with a clinic, one found suitable by its practitioner."""
    contact = a_contact(**given)
    with transaction():
        patient = Patient(
            given_name=contact.given_name, family_name=contact.family_name,
            birth_date=birth_date, family_key=normalize_name(contact.family_name),
            phone=contact.phone, email=contact.email, language=contact.language, created_at=NOW,
        )  # fmt: skip
        db.session.add(patient)
        db.session.flush()
        if clinic and cleared:
            db.session.add(
                Suitability(
                    patient_id=patient.id, finding=Finding.SUITABLE,
                    found_by_id=clinic.practitioner.id, found_at=NOW - timedelta(days=1),
                )
            )  # fmt: skip
    return patient


def an_infusion(
    clinic: Clinic, starts_at: datetime, patient: Patient | None = None, location: str = "ahwatukee"
) -> Appointment:
    """Book an infusion that no series has, for a new patient who is cleared."""
    catalogue, person = availability.current_catalogue(), patient or a_patient(clinic)
    calendar, service = catalogue.locations[location], catalogue.services["infusion"]
    return book_for_patient(person, calendar, service, service.demand, starts_at, NOW,
                            origin=Origin.DESK, actor="staff:1")  # fmt: skip
