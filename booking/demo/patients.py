"""A half-full month of invented patients, booked through the same operations as real ones."""

import random
from datetime import date, datetime, time, timedelta

from booking.appointments import operations as appointments
from booking.appointments.booking import book_visit
from booking.appointments.models import Appointment
from booking.appointments.rules import Origin, Outcome
from booking.calendars import operations as calendars
from booking.calendars.catalogue import Catalogue, Offer, Place
from booking.calendars.rules import bits
from booking.db import transaction
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series
from booking.series.proposing import propose
from booking.series.reading import templates
from booking.series.rules import Preferences, Template
from booking.staff import operations as staff
from booking.staff.models import Role

ACTOR = "demo"
SEED = 1
DAYS = 30
SHARE = 0.5  # of a day's consultations
SERIES_EACH = 5  # series at each location
GIVEN = (
    "Alex Bea Carla Dana Eli Fay Gus Hana Ivan June Kai Lou Mae Nico Olga Pete Quinn Rosa Sol Tess"
).split()
FAMILY = (
    "Abbot Baker Cruz Dale Ellis Flores Grant Hale Ito James Kent Lopez Moss Nash Ortega Price Reed "
    "Silva Tate Vega Ward Young"
).split()


def fill(now: datetime) -> int:
    """Book about half of the next month at every location; return how many visits there are then.

    Deterministic for a given day. Only example.com and 555-01xx; one patient in eight is texted.
    """
    known, chance = calendars.catalogue(), random.Random(SEED)  # noqa: S311 - invented people
    count = 0
    for place in known.places.values():
        count += _fill_series(known, place, chance, now)
        count += _fill_consultations(known, place, chance, now)
        _live_through_today(place, chance, now)
    return count


def _patient(chance: random.Random, number: int, now: datetime, *, texted: bool) -> Patient:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    contact = Contact(
        given,
        family,
        f"+1602555{100 + number % 100:04d}",
        f"{given}.{family}.{number}@example.com".lower() if texted else None,
    )
    birth_date = date(chance.randint(1950, 2004), chance.randint(1, 12), chance.randint(1, 28))
    patient = patients.create(contact, birth_date, now, ACTOR)
    if contact.phone:
        patients.record_consent(patient, contact.phone, "Demo", now, granted=texted)
    return patient


def _fill_consultations(
    known: Catalogue, place: Place, chance: random.Random, now: datetime
) -> int:
    offer, today = known.offers["consultation"], now.astimezone(place.zone).date()
    midnight = place.day(today).begins
    count = 0
    for offset in range(DAYS):
        day = today + timedelta(days=offset)
        full = len(_starts(place, offer, day, midnight))
        while (free := _starts(place, offer, day, midnight)) and len(free) > full * (1 - SHARE):
            _book(place, offer, chance, chance.choice(free), midnight, count)
            count += 1
    return count


def _starts(place: Place, offer: Offer, day: date, now: datetime) -> list[datetime]:
    [(_, answer)] = calendars.starts_by_day([(place, offer.demand)], day, day, now)
    return [answer.free.day.instant(cell) for cell in bits(answer.starts)]


@transaction()
def _book(
    place: Place,
    offer: Offer,
    chance: random.Random,
    starts_at: datetime,
    now: datetime,
    number: int,
) -> None:
    patient = _patient(chance, number, now, texted=number % 8 == 0)
    book_visit(patient, place, offer, offer.demand, starts_at, now, origin=Origin.DESK, actor=ACTOR)


def _fill_series(known: Catalogue, place: Place, chance: random.Random, now: datetime) -> int:
    practitioner = next(p for p in staff.everyone() if p.role is Role.PRACTITIONER)
    offered = templates()
    midnight = place.day(now.astimezone(place.zone).date()).begins
    count = 0
    for number in range(SERIES_EACH):
        patient = _patient(chance, 1000 + number, midnight, texted=False)
        screening.record_finding(patient, Finding.SUITABLE, practitioner.id, midnight)
        row = offered[number % len(offered)]
        made = series.prescribe(
            patient,
            row.id,
            Template.from_data(row.data).phases,
            Preferences(frozenset(range(5)), time(8), time(16)),
            place.slug,
            now.astimezone(place.zone).date() + timedelta(days=number % 3),
            practitioner.id,
            midnight,
        )
        plans = propose(made, midnight).plans
        if plans:
            starts = [session.starts_at for session in plans[0].sessions]
            series.book_plan(made.id, starts, midnight, ACTOR)
            count += len(starts)
    return count


def _live_through_today(place: Place, chance: random.Random, now: datetime) -> None:
    """Let today's visits up to now take place: most are seen, some don't come, some are here."""
    for visit in appointments.on_day(place.id, now.astimezone(place.zone).date()):
        if visit.starts_at >= now:
            continue
        if chance.random() < 0.1:
            appointments.mark_no_show(visit.id, now, ACTOR)
            continue
        appointments.check_in(visit.id, visit.starts_at, ACTOR)
        if visit.ends_at < now:
            appointments.fulfil(visit.id, _outcome(visit), visit.ends_at, ACTOR)


def _outcome(visit: Appointment) -> Outcome:
    return Outcome.TREATED if visit.is_infusion else Outcome.SEEN
