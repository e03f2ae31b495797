"""A half-full month of invented patients, booked through the same operations as real ones."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from booking.appointments import operations as appointments
from booking.appointments.calls import ask_to_call_back
from booking.appointments.models import Appointment
from booking.appointments.rules import Origin, Outcome
from booking.appointments.visits import book_visit
from booking.calendars import offering
from booking.calendars.catalogue import Catalogue
from booking.calendars.days import bits
from booking.calendars.places import Place
from booking.db import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.operations import TELL_UNTIL, derive_one
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series
from booking.series.free_time import start_of
from booking.series.models import InfusionSeries
from booking.series.planner import Infeasible, plan
from booking.series.proposing import request_for
from booking.series.reading import templates
from booking.series.rules import Preferences, Template
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
NO_SHOWS = 0.1  # of today's visits
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
    place: Place
    chance: random.Random
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.place.zone).date()

    def midnight(self, days: int) -> datetime:
        """Return when the local day so many days from today begins."""
        return self.place.day(self.today + timedelta(days=days)).begins


@transaction()
def fill(now: datetime) -> int:
    """Book about half of the next month at every location; return how many visits there are then.

    The same for a given moment. Only example.com and 555-01xx; few are sent messages, so that the
    outbox stays readable.
    """
    known, chance = offering.catalogue(), random.Random(SEED)  # noqa: S311 - invented people
    count = 0
    for place in known.places.values():
        one = _Filling(known, place, chance, now)
        count += sum(_begin_series(one, number) for number in range(SERIES_EACH))
        count += sum(_fill_day(one, days) for days in range(DAYS))
        _live_through(one)
    _settle_messages_of_the_unreachable(now)
    ask_to_call_back("Robin Sample", "+16025550199", now, note="In the afternoon, please")
    return count


def _patient(one: _Filling, at: datetime) -> Patient:
    """Make a patient known since `at`."""
    chance = one.chance
    given, family, number = chance.choice(GIVEN), chance.choice(FAMILY), chance.randint(100, 199)
    texted = chance.randrange(TEXTED) == 0
    phone = f"+1{AREAS[number % len(AREAS)]}555{number:04d}"
    email = f"{given}.{family}{number}@example.com".lower() if texted else None
    born = date(chance.randint(1950, 2004), chance.randint(1, 12), chance.randint(1, 28))
    patient = patients.create(Contact(given, family, phone, email), born, at, ACTOR)
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
    day, demand = one.today + timedelta(days=days), one.known.offers["consultation"].demand
    [(_, answer)] = offering.starts_by_day([(one.place, demand)], day, day, one.now)
    return [answer.free.day.instant(cell) for cell in bits(answer.starts)]


def _consult(one: _Filling, patient: Patient, starts_at: datetime, at: datetime) -> None:
    offer = one.known.offers["consultation"]
    book_visit(
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
    prescriber = next(p for p in staff.everyone() if p.role is Role.PRACTITIONER)
    patient = _consulted_patient(one, min(begins_in, 0))
    screening.record_finding(patient, Finding.SUITABLE, prescriber.id, at)
    offered = templates()
    template = offered[0] if number % 2 else offered[number // 2 % len(offered)]
    made = series.prescribe(
        patient, template.id, Template.from_data(template.data).phases,
        one.chance.choice(SUITS), one.place.slug, one.today + timedelta(days=begins_in),
        prescriber.id, at,
    )  # fmt: skip
    return _book_series(one, made, at)


def _book_series(one: _Filling, made: InfusionSeries, at: datetime) -> int:
    """Book the best plan as of `at`; a series that finds no room then stays a proposal."""
    request, _ = request_for(made, at)
    try:
        planned = plan(request).sessions
    except Infeasible:
        return 0
    starts = [start_of(session, one.place.zone) for session in planned]
    series.book_plan(made.id, starts, at, ACTOR)
    return len(starts)


def _live_through(one: _Filling) -> None:
    """Let visits up to now take place: most people are seen, some of today's don't come."""
    for days in range(-BEGUN_AGO - 10, 1):
        for visit in appointments.on_day(one.place.id, one.today + timedelta(days=days)):
            if visit.starts_at < one.now and _is_missed(one, visit):
                appointments.mark_no_show(visit.id, one.now, ACTOR)
            elif visit.starts_at < one.now + EARLY:
                _take_place(one, visit)


def _is_missed(one: _Filling, visit: Appointment) -> bool:
    return visit.local_date == one.today and one.chance.random() < NO_SHOWS


def _take_place(one: _Filling, visit: Appointment) -> None:
    appointments.check_in(visit.id, visit.starts_at - EARLY, ACTOR)
    if visit.ends_at < one.now:
        outcome = Outcome.TREATED if visit.is_infusion else Outcome.SEEN
        appointments.fulfil(visit.id, outcome, visit.ends_at, ACTOR)


def _settle_messages_of_the_unreachable(now: datetime) -> None:
    """Derive that most are owed nothing, so that the first real booking is not kept waiting."""
    unreachable = (
        select(Appointment.id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(Patient.email.is_(None), Appointment.starts_at > now - TELL_UNTIL)
    )
    done: set[int] = set()
    for visit_id in db.session.scalars(unreachable).all():
        if visit_id not in done:
            done |= derive_one(visit_id, now)
