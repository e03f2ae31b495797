"""Outages as the desk records them, planned and applied, and those whom they hit."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.locations.rules import ResourceKind
from booking.messaging.models import Message
from booking.outages.applying import apply_plan
from booking.outages.making_plans import plan_waiting_cases
from booking.outages.models import AffectedPatient, OutageCase, OutagePlan
from booking.outages.operations import close_finished_cases, record_case
from booking.outages.queries import AffectedRecord, list_plans, list_records
from booking.outages.rules import AnswerStatus
from booking.outages.settling import update_open_patients
from booking.series.models import InfusionSeries
from booking.series.rules import Gap, Phase
from booking.staff.models import Role, Staff
from tests.builders import NOW, TOMORROW, Clinic, local
from tests.series.prescribed import appointments

SECONDS = 10
HOUR = timedelta(hours=1)
IN_TWO_DAYS = TOMORROW + timedelta(days=1)
WIDE = (Phase("Twice a week", 6, Gap(2, 3, 4, 9), 15, 45, 30),)


def closing(clinic: Clinic, begins: int = 0, ends: int | None = 24) -> Outage:
    """Return that a location is closed in two days, all day or between two hours."""
    return Outage(location_id=clinic.location.id, **_span(begins, ends))


def closed_between(clinic: Clinic, series: InfusionSeries) -> Outage:
    """Return that the location is closed from the first visit to the third: the second has no day."""
    first, _, third = appointments(series)[:3]
    outage = closing(clinic)
    outage.starts_at, outage.ends_at = first.ends_at + HOUR, third.starts_at - 2 * HOUR
    return outage


def broken_chair(begins: int = 0, ends: int | None = 24, which: int = 0) -> Outage:
    chairs = db.session.scalars(
        select(Resource.id).filter_by(kind=ResourceKind.CHAIR).order_by(Resource.id)
    )
    return Outage(resource_id=chairs.all()[which], **_span(begins, ends))


def nurse_ill(begins: int = 0, ends: int | None = 24, which: int = 0) -> Outage:
    nurses = db.session.scalars(select(Staff.id).filter_by(role=Role.NURSE).order_by(Staff.id))
    return Outage(staff_id=nurses.all()[which], **_span(begins, ends))


def _span(begins: int, ends: int | None) -> dict[str, datetime | None]:
    midnight = local(0, day=IN_TWO_DAYS)
    return {
        "starts_at": midnight + begins * HOUR,
        "ends_at": None if ends is None else midnight + ends * HOUR,
    }


def recorded(outage: Outage, clinic: Clinic, now: datetime = NOW) -> OutageCase:
    """Record an outage as the front desk does."""
    return record_case(outage, "Pipe burst", clinic.front_desk.id, now).case


def planned(outage: Outage, clinic: Clinic, now: datetime = NOW) -> list[OutagePlan]:
    """Record an outage and let the scheduler plan; return the plans, the best first."""
    case = recorded(outage, clinic, now)
    plan_waiting_cases(now, SECONDS)
    db.session.rollback()
    return list_plans(case.id)


def applied(outage: Outage, clinic: Clinic, now: datetime = NOW) -> list[AffectedPatient]:
    """Record an outage, plan it, and use the best plan; return those asked or to be called."""
    plan = planned(outage, clinic, now)[0]
    apply_plan(plan.id, clinic.practitioner.id, now)
    return affected_patients()


def affected_patients() -> list[AffectedPatient]:
    """Return all whom outages hit, as they are now."""
    db.session.rollback()
    rows = select(AffectedPatient).order_by(AffectedPatient.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def record_of(affected: AffectedPatient) -> AffectedRecord:
    """Return the one appointment of an affected patient."""
    (record,) = list_records(affected.id)
    return record


def case_now() -> OutageCase:
    """Return the one case, as it is now."""
    db.session.rollback()
    return db.session.scalars(select(OutageCase)).one()


def tick(now: datetime) -> None:
    """Do what the scheduler does about those who are asked."""
    update_open_patients(now)
    close_finished_cases(now)
    db.session.rollback()


def current(appointment: Appointment) -> Appointment:
    """Return an appointment as it is now."""
    db.session.rollback()
    return db.session.get_one(Appointment, appointment.id, populate_existing=True)


def questions() -> list[Message]:
    """Return the messages that ask about new times, oldest first."""
    rows = select(Message).filter_by(kind="choice").order_by(Message.id)
    return list(db.session.scalars(rows))


def status_of(affected: AffectedPatient) -> AnswerStatus:
    return next(each.status for each in affected_patients() if each.id == affected.id)
