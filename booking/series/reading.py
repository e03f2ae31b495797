"""Reading series and the sessions in them, with the visits that hold their times."""

from dataclasses import dataclass

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.progress import Place, Progress, SessionState, progress
from booking.series.rules import Held, Phase, Template, phases_from_data

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
