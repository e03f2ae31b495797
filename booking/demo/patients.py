"""A half-full month of invented patients, booked through the same operations as real ones."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from booking.appointments import attendance, queries
from booking.appointments.callbacks import request_callback
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin, Outcome
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.db.transactions import transaction
from booking.demo.mood_forms import fill_in_forms
from booking.demo.treatments import record_steps_until
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.operations import derive_appointment_messages
from booking.reminders.queries import TELL_UNTIL
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.booking import SessionStart
from booking.series.models import InfusionSeries
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible
from booking.series.preferences import Preferences, TimeWindow
from booking.series.proposals import build_plan_request
from booking.series.queries import list_templates
from booking.series.templates import Template
from booking.staff import operations as staff
from booking.staff.models import Role

ACTOR = "demo"
SEED = 1
DAYS = 30
SHARE = 0.5  # of a day's consultations
SERIES_EACH = 14  # series at each location
BEGUN_AGO = 24  # days since the earliest of them began
TO_BEGIN_IN = 7  # days until the latest of them begins
TEMPLATES_USED = 4  # the first of the clinic's; the others are rare
TEXTED = 8  # one patient in so many gets messages
# Of Arizona; who tries the demo with a 602 number shares it with nobody
AREAS = (480, 520, 623, 928)
NO_SHOWS = 0.1  # of today's appointments
EARLY = timedelta(minutes=20)  # before their time people come
GIVEN_NAMES = [
    "Alex", "Bea", "Carla", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivan", "June", "Kai", "Lou",
    "Mae", "Nico", "Olga", "Pete", "Quinn", "Rosa", "Sol", "Tess",
]  # fmt: skip
FAMILY_NAMES = [
    "Abbot", "Baker", "Cruz", "Dale", "Ellis", "Flores", "Grant", "Hale", "Ito", "James", "Kent",
    "Lopez", "Moss", "Nash", "Ortega", "Price", "Reed", "Silva", "Tate", "Vega", "Ward", "Young",
]  # fmt: skip
SUITS = (  # days of the week (Monday is 0) and hours
    TimeWindow(frozenset({0, 3}), time(8), time(12)),
    TimeWindow(frozenset({1, 4}), time(12), time(17)),
    TimeWindow(frozenset({0, 2, 4}), time(8), time(11)),
    TimeWindow(frozenset({1, 3}), time(9), time(13)),
    TimeWindow(frozenset({2, 4}), time(13), time(17)),
    TimeWindow(),
)


@dataclass(frozen=True, slots=True)
class _Filling:
    """One location being filled; `now` is when the demo begins, `rng` always throws the same."""

    catalogue: Catalogue
    location: LocationCalendar
    rng: random.Random
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.location.zone).date()

    def midnight(self, days: int) -> datetime:
        """Return when the local day so many days from today begins."""
        return self.location.local_day(self.today + timedelta(days=days)).starts_at


@transaction()
def fill(now: datetime) -> int:
    """Book about half of the next month at every location; return how many appointments there are then.

    The same for a given moment. Only example.com and 555-01xx; few are sent messages, so that the
    outbox stays readable.
    """
    catalogue, rng = availability.current_catalogue(), random.Random(SEED)  # noqa: S311 - invented people
    count = 0
    for location in catalogue.locations.values():
        filling = _Filling(catalogue, location, rng, now)
        count += sum(_begin_series(filling, number) for number in range(SERIES_EACH))
        count += sum(_fill_day(filling, days) for days in range(DAYS))
        _live_through(filling)
    fill_in_forms(catalogue, now)
    _settle_messages_of_the_unreachable(now)
    request_callback("Robin Sample", "+16025550199", now, note="In the afternoon, please")
    return count


def _patient(filling: _Filling, at: datetime) -> Patient:
    """Make a patient known since `at`."""
    rng = filling.rng
    given_name, family, number = (
        rng.choice(GIVEN_NAMES),
        rng.choice(FAMILY_NAMES),
        rng.randint(100, 199),
    )
    wants_texts = rng.randrange(TEXTED) == 0
    phone = f"+1{AREAS[number % len(AREAS)]}555{number:04d}"
    email = f"{given_name}.{family}{number}@example.com".lower() if wants_texts else None
    birth_date = date(rng.randint(1950, 2004), rng.randint(1, 12), rng.randint(1, 28))
    patient = patients.create_patient(
        Contact(given_name, family, phone, email), birth_date, at, ACTOR
    )
    patients.record_consent(patient, phone, "Invented for the demo", at, granted=wants_texts)
    return patient


def _fill_day(filling: _Filling, days: int) -> int:
    """Book consultations on a day until its share of them is taken."""
    full = len(free := _free_starts(filling, days))
    count = 0
    while free and len(free) > full * (1 - SHARE):
        at = filling.midnight(-filling.rng.randint(0, 13))
        _consult(filling, _patient(filling, at), filling.rng.choice(free), at)
        free = _free_starts(filling, days)
        count += 1
    return count


def _free_starts(filling: _Filling, days: int) -> list[datetime]:
    day, demand = (
        filling.today + timedelta(days=days),
        filling.catalogue.services["consultation"].demand,
    )
    [(_, day_starts)] = availability.list_starts_by_day(
        [(filling.location, demand)], day, day, filling.now
    )
    return [day_starts.free.day.cell_start(cell) for cell in iter_bits(day_starts.starts)]


def _consult(filling: _Filling, patient: Patient, starts_at: datetime, at: datetime) -> None:
    service = filling.catalogue.services["consultation"]
    book_for_patient(
        patient,
        filling.location,
        service,
        service.demand,
        starts_at,
        at,
        origin=Origin.DESK,
        actor=ACTOR,
    )


def _consulted_patient(filling: _Filling, days: int) -> Patient:
    """Make a patient who came for a consultation some days before the local day `days` from today."""
    consulted_day = next(n for n in range(days - 3, days - 10, -1) if _free_starts(filling, n))
    patient = _patient(filling, filling.midnight(consulted_day))
    _consult(
        filling,
        patient,
        filling.rng.choice(_free_starts(filling, consulted_day)),
        filling.midnight(consulted_day),
    )
    return patient


def _begin_series(filling: _Filling, number: int) -> int:
    """Prescribe and book a series that began some days ago or begins soon; return its sessions."""
    begins_in = TO_BEGIN_IN - number * (TO_BEGIN_IN + BEGUN_AGO) // (SERIES_EACH - 1)
    at = filling.midnight(min(begins_in, 0))
    prescriber = next(p for p in staff.list_active_staff() if p.role is Role.PRACTITIONER)
    patient = _consulted_patient(filling, min(begins_in, 0))
    screening.record_finding(patient, Finding.SUITABLE, prescriber.id, at)
    offered = list_templates()[:TEMPLATES_USED]
    template = offered[0] if number % 2 else offered[number // 2 % len(offered)]
    new_series = series_operations.prescribe_series(
        patient, template.id, Template.from_dict(template.data).phases,
        Preferences(rather=filling.rng.choice(SUITS)), filling.location.slug,
        filling.today + timedelta(days=begins_in), prescriber.id, at,
    )  # fmt: skip
    return _book_series(filling, new_series, at)


def _book_series(filling: _Filling, new_series: InfusionSeries, at: datetime) -> int:
    """Book the best plan as of `at`; a series that finds no room then stays a proposal."""
    request, calendar = build_plan_request(new_series, at)
    try:
        planned = find_plan(request).sessions
    except PlanInfeasible:
        return 0
    starts = [
        SessionStart(session.slot.location, calendar.starts_at(session.slot)) for session in planned
    ]
    series_operations.book_plan(new_series.id, starts, at, ACTOR)
    return len(starts)


def _live_through(filling: _Filling) -> None:
    """Let appointments up to now take place: most people are seen, some of today's don't come."""
    for days in range(-BEGUN_AGO - 10, 1):
        for appointment in queries.list_appointments_of_day(
            filling.location.id, filling.today + timedelta(days=days)
        ):
            if appointment.starts_at < filling.now and _is_missed(filling, appointment):
                attendance.mark_no_show(appointment.id, filling.now, ACTOR)
            elif appointment.starts_at < filling.now + EARLY:
                _take_place(filling, appointment)


def _is_missed(filling: _Filling, appointment: Appointment) -> bool:
    return appointment.local_date == filling.today and filling.rng.random() < NO_SHOWS


def _take_place(filling: _Filling, appointment: Appointment) -> None:
    attendance.check_in(appointment.id, appointment.starts_at - EARLY, ACTOR)
    if appointment.ends_at < filling.now:
        outcome = Outcome.TREATED if appointment.is_infusion else Outcome.SEEN
        attendance.fulfil(appointment.id, outcome, appointment.ends_at, ACTOR)
    elif appointment.is_infusion:
        record_steps_until(appointment, filling.now)


def _settle_messages_of_the_unreachable(now: datetime) -> None:
    """Derive that most are owed nothing, so that the first real booking is not kept waiting."""
    unreachable = (
        select(Appointment.id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .where(Patient.email.is_(None), Appointment.starts_at > now - TELL_UNTIL)
    )
    settled_ids: set[int] = set()
    for appointment_id in db.session.scalars(unreachable).all():
        if appointment_id not in settled_ids:
            settled_ids |= derive_appointment_messages(appointment_id, now)
