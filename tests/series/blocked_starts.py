"""Somebody's appointments to be placed, moved or booked, in a clinic where much stands against it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from booking.appointments import operations as appointment_operations
from booking.appointments.booking import Booked
from booking.appointments.by_phone import book_by_phone
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared, PatientNotBookable
from booking.appointments.ruled_starts import read_booking_rules, read_move_rules
from booking.appointments.rules import ActionNotAllowed
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.calendars.overrides import OverriddenBy
from booking.calendars.ruled_days import Blocker, RuledDay
from booking.calendars.slot_cache import get_slot_cache
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db
from booking.locations.models import Location
from booking.patients.models import Patient
from booking.series import operations as series_operations
from booking.series.models import Session
from booking.series.queries import list_sessions
from booking.series.refusals import SeriesNotPending
from booking.series.ruled_starts import read_placing_rules
from tests.builders import NOW, Clinic, a_clinic, answers, local
from tests.series.prescribed import a_booked_series

REFUSALS = (
    *(SlotTaken, PatientNotBookable, NotCleared, ChangeRefused, ActionNotAllowed),
    *(SeriesNotPending, availability.UnknownSlug, OverlapError),
)
# Of the consultation: the very same, asked for once more, is the one that is booked, and no refusal.
AFTER_ALL_DRAWN = date(2027, 1, 5)


@dataclass(frozen=True)
class Wish:
    """What somebody would like to start: how the rules are read, and how it is done."""

    name: str
    read_rules: Callable[[LocationCalendar, date, datetime], list[RuledDay]]
    carry_out: Callable[[str, datetime, datetime, str, str], object]


@dataclass(frozen=True)
class World:
    """A clinic with two locations, and its patient's wishes by name."""

    clinic: Clinic
    patient_id: int
    series_id: int
    wishes: dict[str, Wish] = field(default_factory=dict)

    @property
    def practitioner(self) -> str:
        return f"staff:{self.clinic.practitioner.id}"

    @property
    def front_desk(self) -> str:
        return f"staff:{self.clinic.front_desk.id}"


def a_world() -> World:
    """Two small locations; of a series of six, session 4 has lost its time; a consultation in a month."""
    clinic = a_clinic(chairs=2, nurses=1, watches=4)
    a_clinic(slug="scottsdale", chairs=1, nurses=1, watches=4)
    series = a_booked_series(clinic)
    fourth = list_sessions(series.id)[3]
    assert fourth.appointment is not None
    appointment_operations.cancel(fourth.appointment.id, NOW, "online", by_patient=True)
    world = World(clinic, series.patient_id, series.id)
    patient = db.session.get_one(Patient, series.patient_id)
    catalogue = availability.current_catalogue()
    seen = book_by_phone(
        patient, catalogue.locations["ahwatukee"], catalogue.services["consultation"],
        local(10, day=AFTER_ALL_DRAWN), answers(patient.birth_date), clinic.front_desk.id, NOW,
    )  # fmt: skip
    assert isinstance(seen, Booked)
    ids = {
        row.session.number: row.appointment.id
        for row in list_sessions(series.id)
        if row.appointment
    }
    for wish in (
        place_wish(fourth.session.id),
        move_wish("move_session", ids[5]),
        move_wish("move_first_session", ids[1]),
        move_wish("move_consultation", seen.appointment.id),
        book_wish(world),
    ):
        world.wishes[wish.name] = wish
    return world


def place_wish(session_id: int) -> Wish:
    def read_rules(location: LocationCalendar, day: date, now: datetime) -> list[RuledDay]:
        return read_placing_rules(db.session.get_one(Session, session_id), location, day, day, now)

    def carry_out(slug: str, start: datetime, now: datetime, actor: str, reason: str) -> object:
        return series_operations.place_session(
            session_id, start, now, actor, location=slug, reason=reason
        )

    return Wish("place", read_rules, carry_out)


def move_wish(name: str, appointment_id: int) -> Wish:
    def read_rules(location: LocationCalendar, day: date, now: datetime) -> list[RuledDay]:
        appointment = db.session.get_one(Appointment, appointment_id)
        return read_move_rules(appointment, location, day, day, now)

    def carry_out(slug: str, start: datetime, now: datetime, actor: str, reason: str) -> object:
        return appointment_operations.move(
            appointment_id, start, now, actor, location=slug, reason=reason
        )

    return Wish(name, read_rules, carry_out)


def book_wish(world: World) -> Wish:
    def patient() -> Patient:
        return db.session.get_one(Patient, world.patient_id)

    def read_rules(location: LocationCalendar, day: date, now: datetime) -> list[RuledDay]:
        service = availability.current_catalogue().services["consultation"]
        return read_booking_rules(patient(), service, location, day, day, now)

    def carry_out(slug: str, start: datetime, now: datetime, actor: str, _reason: str) -> object:
        catalogue = availability.current_catalogue()
        location, service = catalogue.locations_by_id[location_id(slug)], catalogue.services
        staff_id, caller = int(actor.removeprefix("staff:")), patient()
        answered = answers(caller.birth_date)
        return book_by_phone(
            caller, location, service["consultation"], start, answered, staff_id, now
        )

    return Wish("book", read_rules, carry_out)


def location_id(slug: str) -> int:
    return int(db.session.scalars(db.select(Location.id).filter_by(slug=slug)).one())


def blockers(wish: Wish, slug: str, start: datetime, now: datetime) -> list[Blocker]:
    """Return what stands against a wish at the desk."""
    forget_catalogue()
    location = availability.current_catalogue().locations_by_id[location_id(slug)]
    (day,) = wish.read_rules(location, start.astimezone(location.zone).date(), now)
    return [each for each in day.blockers_at(start) if each.override is not OverriddenBy.FRONT_DESK]


def is_possible(
    wish: Wish, slug: str, start: datetime, now: datetime, actor: str, reason: str = ""
) -> bool:
    """Try it, and take it back."""
    forget_catalogue()
    nested = db.session.begin_nested()
    try:
        wish.carry_out(slug, start, now, actor, reason)
    except REFUSALS:
        return False
    finally:
        nested.rollback()
        db.session.expire_all()
    return True


class Undone(Exception):
    """All of an example is taken back."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Run in a transaction that leaves nothing."""
    try:
        with transaction():
            yield
            raise Undone
    except Undone:
        forget_catalogue()


def forget_catalogue() -> None:
    """Versions count up, and a version that was taken back comes again with other content."""
    get_slot_cache().catalogue = None
    get_slot_cache().days.clear()


@contextmanager
def where_possible() -> Iterator[None]:
    """Go on without what is refused."""
    nested = db.session.begin_nested()
    try:
        yield
    except REFUSALS:
        nested.rollback()
        db.session.expire_all()
    else:
        nested.commit()
