"""Reading series and the sessions in them, with the visits that hold their times."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.occupied import TAKES_DAY
from booking.appointments.rules import Status
from booking.extensions import db
from booking.patients import operations as patients
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.progress import GOING_ON, Place, Progress, SessionState, progress
from booking.series.rules import Gap, Held, Phase, Template, phases_from_data
from booking.series.spacing import Infusion

STANDING = (SessionState.BOOKED, SessionState.DONE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A session and the visit that holds its time, if it has one."""

    session: Session
    visit: Appointment | None


def templates() -> list[ScheduleTemplate]:
    """Return the newest active version of each template, in the clinic's order."""
    return list(
        db.session.scalars(
            select(ScheduleTemplate)
            .where(ScheduleTemplate.active)
            .order_by(ScheduleTemplate.position, ScheduleTemplate.id)
        )
    )


def template_of(series: InfusionSeries) -> Template:
    """Return the version of the template that a series was prescribed from."""
    return Template.from_data(db.session.get_one(ScheduleTemplate, series.template_id).data)


def series_of(patient_id: int) -> list[InfusionSeries]:
    """Return a patient's series, newest first."""
    return list(
        db.session.scalars(
            select(InfusionSeries)
            .where(InfusionSeries.patient_id == patient_id)
            .order_by(InfusionSeries.id.desc())
        )
    )


def going_on(patient_id: int) -> list[InfusionSeries]:
    """Return a person's series that are prescribed or booked, on any of their records: one as a rule."""
    theirs = InfusionSeries.patient_id.in_(patients.record_ids(patient_id))
    goes_on = InfusionSeries.status.in_(GOING_ON)
    rows = select(InfusionSeries).where(theirs, goes_on).order_by(InfusionSeries.id)
    return list(db.session.scalars(rows))


def sessions_of(series_id: int) -> list[Placed]:
    """Return a series' sessions in order, with their visits."""
    rows = db.session.execute(
        select(Session, Appointment)
        .outerjoin(Appointment, Appointment.id == Session.appointment_id)
        .where(Session.series_id == series_id)
        .order_by(Session.number)
    )
    return [Placed(session, visit) for session, visit in rows]


def session_for(appointment_id: int) -> Session | None:
    """Return the session whose time a visit holds."""
    return db.session.scalar(select(Session).filter_by(appointment_id=appointment_id))


def phases_of(series: InfusionSeries) -> tuple[Phase, ...]:
    """Return a series' own phases, as personalised."""
    return phases_from_data(series.phases)


def held(placed: list[Placed]) -> list[Held]:
    """Return the sessions that stand: booked or done, by their visit's local date."""
    return [
        Held(one.session.number, one.session.phase, one.visit.local_date)
        for one in placed
        if one.session.state in STANDING and one.visit is not None
    ]


def infusions_besides(patient_id: int, series_id: int | None = None) -> list[Infusion]:
    """Return a person's infusions, to come or given, besides the standing sessions of one series.

    At any location, in any series or none, and on all of the person's records.
    """
    rows = db.session.execute(
        select(Appointment.id, Appointment.local_date, Session)
        .outerjoin(Session, Session.appointment_id == Appointment.id)
        .where(Appointment.patient_id.in_(patients.record_ids(patient_id)), TAKES_DAY)
    ).all()
    return [
        Infusion(row.id, row.local_date, _gap_before(row[2]))
        for row in rows
        if not _stands_in(row[2], series_id)
    ]


def _stands_in(session: Session | None, series_id: int | None) -> bool:
    return session is not None and session.series_id == series_id and session.state in STANDING


def _gap_before(session: Session | None) -> Gap | None:
    if session is None:
        return None
    series = db.session.get_one(InfusionSeries, session.series_id)
    return phases_of(series)[session.phase].gap


def progress_of(series: InfusionSeries) -> Progress:
    """Sum a series up."""
    places = [
        Place(
            one.session.number,
            one.session.phase,
            one.session.state,
            one.visit.local_date
            if one.visit and one.visit.status is not Status.CANCELLED
            else None,
        )
        for one in sessions_of(series.id)
    ]
    return progress(phases_of(series), places)


def is_suspended(placed: Sequence[Placed]) -> bool:
    """Tell whether a session to come is suspended: its time is kept, but its patient isn't cleared for it."""
    return any(one.visit is not None and one.visit.suspended_at is not None for one in placed)
