"""Taking away the cause of one blocker in the database, and nothing else."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

from sqlalchemy import delete, select, update

from booking.appointments.models import Appointment
from booking.appointments.patient_rules import PatientRule
from booking.appointments.rules import Status
from booking.calendars.models import Service
from booking.calendars.overrides import CalendarRule
from booking.calendars.ruled_days import Blocker
from booking.extensions import db
from booking.locations.models import Closure, OpeningHours, Outage, Resource
from booking.locations.rules import END_OF_DAY, ResourceKind
from booking.patients.models import Patient
from booking.screening.models import Flag, Suitability
from booking.screening.rules import Clearance, Finding
from booking.series.gap_rules import SeriesRule
from booking.series.models import InfusionSeries, SeriesPause
from booking.staff.models import Role, Shift, Staff
from tests.builders import NOW, PHOENIX, SINCE
from tests.series.blocked_starts import World, location_id

NUMBERS = count(1)
SETUP = timedelta(minutes=15)
LENGTH = timedelta(minutes=90)
Causes = dict[str, Callable[[], object]]


def cause_of(blocker: Blocker) -> object:
    """Return what is alike of blockers that go away together: one appointment, one limit of a phase."""
    if blocker.rule in (PatientRule.BUSY, PatientRule.INFUSION_THAT_DAY):
        return blocker.facts["appointment_id"]
    too_near = (SeriesRule.GAP_TOO_SHORT, SeriesRule.INFUSION_TOO_CLOSE)
    return SeriesRule.GAP_TOO_SHORT if blocker.rule in too_near else blocker.rule


def remove_cause(world: World, blocker: Blocker, slug: str, start: datetime) -> None:
    """Let one rule stand against a start no longer."""
    causes = _calendar_causes(blocker, slug, start) | _other_causes(world, blocker)
    causes[blocker.rule]()
    db.session.expire_all()


def _calendar_causes(blocker: Blocker, slug: str, start: datetime) -> Causes:
    here, facts, day = location_id(slug), blocker.facts, start.astimezone(PHOENIX).date()

    def remove_closure() -> None:
        days = {name: facts[name] for name in ("name", "first_day", "last_day")}
        db.session.execute(delete(Closure).filter_by(location_id=here, **days))

    def remove_outage() -> None:
        ends_at = None if facts["ends"].year == 9999 else facts["ends"]
        db.session.execute(
            delete(Outage).filter_by(location_id=here, starts_at=facts["begins"], ends_at=ends_at)
        )

    def open_all_day() -> None:
        of_day = delete(OpeningHours).filter_by(location_id=here, weekday=day.weekday())
        db.session.execute(of_day)
        all_day = {"opens": time(), "closes": END_OF_DAY, "valid_from": SINCE}
        db.session.add(OpeningHours(location_id=here, weekday=day.weekday(), **all_day))

    def work(role: Role, begins: datetime, ends: datetime) -> None:
        add_worker(here, role, day, begins, ends)

    return {
        CalendarRule.GRID: lambda: db.session.execute(update(Service).values(step_minutes=5)),
        CalendarRule.CLOSED: remove_closure,
        CalendarRule.OUTAGE: remove_outage,
        CalendarRule.HOURS: open_all_day,
        CalendarRule.CHAIR: lambda: add_resource(here, ResourceKind.CHAIR),
        CalendarRule.ROOM: lambda: add_resource(here, ResourceKind.ROOM),
        CalendarRule.SETUP_NURSE: lambda: work(Role.NURSE, start, start + SETUP),
        CalendarRule.NURSE_LOAD: lambda: work(Role.NURSE, start + SETUP, start + LENGTH),
        CalendarRule.PRESCRIBER: lambda: work(Role.PRACTITIONER, start, start + LENGTH),
        CalendarRule.PRACTITIONER: lambda: work(Role.PRACTITIONER, start, start + LENGTH),
    }


def _other_causes(world: World, blocker: Blocker) -> Causes:
    facts = blocker.facts

    def cancel_other() -> None:
        cancelled = {"status": Status.CANCELLED, "outcome": None}
        other = update(Appointment).filter_by(id=facts["appointment_id"])
        db.session.execute(other.values(**cancelled))

    def allow_gap(place: int, days: int) -> None:
        series = db.session.get_one(InfusionSeries, world.series_id)
        gap = [*series.phases[0]["gap"]]
        gap[place] = days
        series.phases = [{**series.phases[0], "gap": gap}]
        db.session.flush()

    def change_series(**values: object) -> None:
        db.session.execute(update(InfusionSeries).filter_by(id=world.series_id).values(**values))

    return {
        SeriesRule.BEFORE_START: lambda: change_series(first_day=date(2026, 1, 1)),
        SeriesRule.AFTER_END: lambda: change_series(last_day=None),
        SeriesRule.PAUSED: lambda: db.session.execute(
            delete(SeriesPause).filter_by(first_day=facts["first_day"])
        ),
        PatientRule.BUSY: cancel_other,
        PatientRule.INFUSION_THAT_DAY: cancel_other,
        PatientRule.MINOR: lambda: grow_up(world),
        PatientRule.CALL_FIRST: clear_flags,
        PatientRule.FINDING_SAYS_NO: lambda: clear_patient(world, facts["clearance"]),
        PatientRule.NOT_CLEARED: lambda: clear_patient(world, facts["clearance"]),
        SeriesRule.GAP_TOO_SHORT: lambda: allow_gap(0, 1),
        SeriesRule.GAP_TOO_LONG: lambda: allow_gap(3, 366),
        SeriesRule.INFUSION_TOO_CLOSE: lambda: allow_gap(0, 1),
    }


def clear_patient(world: World, clearance: Clearance) -> None:
    """Let one thing stand in the way of clearance no longer."""
    if clearance is Clearance.MINOR:
        grow_up(world)
    elif clearance is Clearance.FLAG_OPEN:
        clear_flags()
    else:
        rows = update(Suitability).filter_by(patient_id=world.patient_id)
        db.session.execute(rows.values(finding=Finding.SUITABLE, valid_until=None))


def grow_up(world: World) -> None:
    rows = update(Patient).filter_by(id=world.patient_id)
    db.session.execute(rows.values(birth_date=date(1980, 2, 29)))


def clear_flags() -> None:
    db.session.execute(update(Flag).values(cleared_at=NOW))


def add_resource(here: int, kind: ResourceKind, staff_id: int | None = None) -> None:
    location = None if staff_id else here
    name = f"new {next(NUMBERS)}"
    db.session.add(
        Resource(location_id=location, kind=kind, name=name, staff_id=staff_id, created_at=NOW)
    )


def add_worker(here: int, role: Role, day: date, begins: datetime, ends: datetime) -> None:
    """Somebody more is on shift between two instants of a day; a nurse brings seats."""
    number = next(NUMBERS)
    person = Staff(
        slug=f"new-{number}", name=f"New {number}", role=role, email=f"new{number}@example.com",
        watches=4 if role is Role.NURSE else 0,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    times = [instant.astimezone(PHOENIX).time() for instant in (begins, ends)]
    db.session.add(
        Shift(
            staff_id=person.id, location_id=here, weekday=day.weekday(), begins=times[0],
            ends=times[1], valid_from=SINCE,
        )
    )  # fmt: skip
    for _ in range(person.watches):
        add_resource(here, ResourceKind.SEAT)
    if role is Role.PRACTITIONER:
        add_resource(here, ResourceKind.PRACTITIONER, person.id)


def first_staff(here: int, role: Role) -> Staff:
    """Return somebody with a role who works at a location."""
    rows = select(Staff).join(Shift, Shift.staff_id == Staff.id).where(
        Shift.location_id == here, Staff.role == role
    )  # fmt: skip
    return db.session.scalars(rows).unique().first() or Staff()
