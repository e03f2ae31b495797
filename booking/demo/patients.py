"""A half-full month of invented patients, booked through the same operations as real ones."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from booking.appointments import attendance, queries
from booking.appointments.callbacks import request_callback
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_appointment
from booking.appointments.rules import Origin, Outcome
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.operations import derive_appointment_messages
from booking.reminders.queries import TELL_UNTIL
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series
from booking.series.models import InfusionSeries
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible
from booking.series.proposals import build_plan_request
from booking.series.queries import list_templates
from booking.series.series_calendars import session_start
from booking.series.templates import Preferences, Template
from booking.staff import operations as staff
from booking.staff.models import Role

ACTOR = "demo"
SEED = 1
DAYS = 30
SHARE = 0.5  # of a day's consultations
SERIES_EACH = 14  # series at each location
BEGUN_AGO = 24  # days since the earliest of them began
TO_BEGIN_IN = 7  # days until the latest of them begins
TEXTED = 8  # one patient in so many gets messages
AREAS = (
    480,
    520,
    623,
    928,
)  # of Arizona; who tries the demo with a 602 number shares it with nobody
NO_SHOWS = 0.1  # of today's appointments
EARLY = timedelta(minutes=20)  # before their time people come
GIVEN = [
    "Alex", "Bea", "Carla", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivan", "June", "Kai", "Lou",
    "Mae", "Nico", "Olga", "Pete", "Quinn", "Rosa", "Sol", "Tess",
]  # fmt: skip
FAMILY = [
    "Abbot", "Baker", "Cruz", "Dale", "Ellis", "Flores", "Grant", "Hale", "Ito", "James", "Kent",
    "Lopez", "Moss", "Nash", "Ortega", "Price", "Reed", "Silva", "Tate", "Vega", "Ward", "Young",
]  # fmt: skip
SUITS = (  # days of the week (Monday is 0) and hours
    Preferences(frozenset({0, 3}), time(8), time(12)),
    Preferences(frozenset({1, 4}), time(12), time(17)),
    Preferences(frozenset({0, 2, 4}), time(8), time(11)),
    Preferences(frozenset({1, 3}), time(9), time(13)),
    Preferences(frozenset({2, 4}), time(13), time(17)),
    Preferences(),
)


@dataclass(frozen=True, slots=True)
class _Filling:
    """One location being filled; `now` is when the demo begins, `chance` always throws the same."""

    known: Catalogue
    place: LocationCalendar
    chance: random.Random
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.place.zone).date()

    def midnight(self, days: int) -> datetime:
        """Return when the local day so many days from today begins."""
        return self.place.local_day(self.today + timedelta(days=days)).starts_at


@transaction()
def fill(now: datetime) -> int:
    """Book about half of the next month at every location; return how many appointments there are then.

    The same for a given moment. Only example.com and 555-01xx; few are sent messages, so that the
    outbox stays readable.
    """
    known, chance = availability.current_catalogue(), random.Random(SEED)  # noqa: S311 - invented people
    count = 0
    for place in known.locations.values():
        one = _Filling(known, place, chance, now)
        count += sum(_begin_series(one, number) for number in range(SERIES_EACH))
        count += sum(_fill_day(one, days) for days in range(DAYS))
        _live_through(one)
    _settle_messages_of_the_unreachable(now)
    request_callback("Robin Sample", "+16025550199", now, note="In the afternoon, please")
    return count


def _patient(one: _Filling, at: datetime) -> Patient:
    """Make a patient known since `at`."""
    chance = one.chance
    given, family, number = chance.choice(GIVEN), chance.choice(FAMILY), chance.randint(100, 199)
    texted = chance.randrange(TEXTED) == 0
    phone = f"+1{AREAS[number % len(AREAS)]}555{number:04d}"
    email = f"{given}.{family}{number}@example.com".lower() if texted else None
    born = date(chance.randint(1950, 2004), chance.randint(1, 12), chance.randint(1, 28))
    patient = patients.create_patient(Contact(given, family, phone, email), born, at, ACTOR)
    patients.record_consent(patient, phone, "Invented for the demo", at, granted=texted)
    return patient


def _fill_day(one: _Filling, days: int) -> int:
    """Book consultations on a day until its share of them is taken."""
    full = len(free := _free_starts(one, days))
    count = 0
    while free and len(free) > full * (1 - SHARE):
        at = one.midnight(-one.chance.randint(0, 13))
        _consult(one, _patient(one, at), one.chance.choice(free), at)
        free = _free_starts(one, days)
        count += 1
    return count


def _free_starts(one: _Filling, days: int) -> list[datetime]:
    day, demand = one.today + timedelta(days=days), one.known.services["consultation"].demand
    [(_, answer)] = availability.list_starts_by_day([(one.place, demand)], day, day, one.now)
    return [answer.free.day.cell_start(cell) for cell in iter_bits(answer.starts)]


def _consult(one: _Filling, patient: Patient, starts_at: datetime, at: datetime) -> None:
    offer = one.known.services["consultation"]
    book_appointment(
        patient, one.place, offer, offer.demand, starts_at, at, origin=Origin.DESK, actor=ACTOR
    )


def _consulted_patient(one: _Filling, days: int) -> Patient:
    """Make a patient who came for a consultation some days before the local day `days` from today."""
    before = next(n for n in range(days - 3, days - 10, -1) if _free_starts(one, n))
    patient = _patient(one, one.midnight(before))
    _consult(one, patient, one.chance.choice(_free_starts(one, before)), one.midnight(before))
    return patient


def _begin_series(one: _Filling, number: int) -> int:
    """Prescribe and book a series that began some days ago or begins soon; return its sessions."""
    begins_in = TO_BEGIN_IN - number * (TO_BEGIN_IN + BEGUN_AGO) // (SERIES_EACH - 1)
    at = one.midnight(min(begins_in, 0))
    prescriber = next(p for p in staff.list_active_staff() if p.role is Role.PRACTITIONER)
    patient = _consulted_patient(one, min(begins_in, 0))
    screening.record_finding(patient, Finding.SUITABLE, prescriber.id, at)
    offered = list_templates()
    template = offered[0] if number % 2 else offered[number // 2 % len(offered)]
    made = series.prescribe_series(
        patient, template.id, Template.from_dict(template.data).phases,
        one.chance.choice(SUITS), one.place.slug, one.today + timedelta(days=begins_in),
        prescriber.id, at,
    )  # fmt: skip
    return _book_series(one, made, at)


def _book_series(one: _Filling, made: InfusionSeries, at: datetime) -> int:
    """Book the best plan as of `at`; a series that finds no room then stays a proposal."""
    request, _ = build_plan_request(made, at)
    try:
        planned = find_plan(request).sessions
    except PlanInfeasible:
        return 0
    starts = [session_start(session, one.place.zone) for session in planned]
    series.book_plan(made.id, starts, at, ACTOR)
    return len(starts)


def _live_through(one: _Filling) -> None:
    """Let appointments up to now take place: most people are seen, some of today's don't come."""
    for days in range(-BEGUN_AGO - 10, 1):
        for appointment in queries.list_day(one.place.id, one.today + timedelta(days=days)):
            if appointment.starts_at < one.now and _is_missed(one, appointment):
                attendance.mark_no_show(appointment.id, one.now, ACTOR)
            elif appointment.starts_at < one.now + EARLY:
                _take_place(one, appointment)


def _is_missed(one: _Filling, appointment: Appointment) -> bool:
    return appointment.local_date == one.today and one.chance.random() < NO_SHOWS


def _take_place(one: _Filling, appointment: Appointment) -> None:
    attendance.check_in(appointment.id, appointment.starts_at - EARLY, ACTOR)
    if appointment.ends_at < one.now:
        outcome = Outcome.TREATED if appointment.is_infusion else Outcome.SEEN
        attendance.fulfil(appointment.id, outcome, appointment.ends_at, ACTOR)


def _settle_messages_of_the_unreachable(now: datetime) -> None:
    """Derive that most are owed nothing, so that the first real booking is not kept waiting."""
    unreachable = (
        select(Appointment.id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(Patient.email.is_(None), Appointment.starts_at > now - TELL_UNTIL)
    )
    done: set[int] = set()
    for appointment_id in db.session.scalars(unreachable).all():
        if appointment_id not in done:
            done |= derive_appointment_messages(appointment_id, now)
