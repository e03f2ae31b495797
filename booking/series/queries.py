"""Reading series and the sessions in them, with the appointments that hold their times."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.appointments.conflicts import OCCUPIES_DAY
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.patients import operations as patients
from booking.series.gap_rules import StandingSession
from booking.series.models import InfusionSeries, PlannerRates, ScheduleTemplate, Session
from booking.series.planning.costs import PlanRates
from booking.series.progress import (
    GOING_ON,
    UNPLACED_STATES,
    SeriesProgress,
    SeriesStatus,
    SessionRecord,
    SessionState,
    compute_progress,
)
from booking.series.rules import Gap, Phase, last_session_number, read_phases
from booking.series.spacing import Infusion
from booking.series.templates import Template

STANDING = (SessionState.BOOKED, SessionState.DONE)


@dataclass(frozen=True, slots=True)
class ScheduledSession:
    """A session and the appointment that holds its time, if it has one."""

    session: Session
    appointment: Appointment | None

    def is_coming(self, now: datetime) -> bool:
        """Tell whether it is booked and yet to begin."""
        appointment = self.appointment
        if appointment is None or appointment.status is not Status.BOOKED:
            return False
        return appointment.starts_at > now


def list_templates() -> list[ScheduleTemplate]:
    """Return the newest active version of each template, in the clinic's order."""
    return list(
        db.session.scalars(
            select(ScheduleTemplate)
            .where(ScheduleTemplate.active)
            .order_by(ScheduleTemplate.position, ScheduleTemplate.id)
        )
    )


def get_template(series: InfusionSeries) -> Template:
    """Return the version of the template that a series was prescribed from."""
    return Template.from_dict(db.session.get_one(ScheduleTemplate, series.template_id).data)


def find_series(series_id: int) -> InfusionSeries | None:
    """Return a series, whatever its status."""
    return db.session.get(InfusionSeries, series_id)


def get_series(series_id: int) -> InfusionSeries:
    """Return a series; raise `NoResultFound`."""
    return db.session.get_one(InfusionSeries, series_id)


def list_series(patient_id: int) -> list[InfusionSeries]:
    """Return a patient's series, newest first."""
    return list(
        db.session.scalars(
            select(InfusionSeries)
            .where(InfusionSeries.patient_id == patient_id)
            .order_by(InfusionSeries.id.desc())
        )
    )


def list_current_series(patient_id: int) -> list[InfusionSeries]:
    """Return a person's series that are prescribed or booked, on any of their records: one as a rule."""
    of_patient = InfusionSeries.patient_id.in_(patients.list_record_ids(patient_id))
    goes_on = InfusionSeries.status.in_(GOING_ON)
    rows = select(InfusionSeries).where(of_patient, goes_on).order_by(InfusionSeries.id)
    return list(db.session.scalars(rows))


def list_series_statuses(patient_id: int) -> list[tuple[int, SeriesStatus]]:
    """Return id and status of each of a patient's series as the database has them now, oldest first."""
    rows = select(InfusionSeries.id, InfusionSeries.status).filter_by(patient_id=patient_id)
    return [(row.id, row.status) for row in db.session.execute(rows.order_by(InfusionSeries.id))]


def find_session(session_id: int) -> Session | None:
    """Return a session of any series."""
    return db.session.get(Session, session_id)


def get_session(session_id: int) -> Session:
    """Return a session of any series; raise `NoResultFound`."""
    return db.session.get_one(Session, session_id)


def list_sessions(series_id: int) -> list[ScheduledSession]:
    """Return a series' sessions in order, with their appointments."""
    rows = db.session.execute(
        select(Session, Appointment)
        .outerjoin(Appointment, Appointment.id == Session.appointment_id)
        .where(Session.series_id == series_id)
        .order_by(Session.number)
    )
    return [ScheduledSession(session, appointment) for session, appointment in rows]


def is_placeable(session: Session, series: InfusionSeries) -> bool:
    """Tell whether a session of a series may be given a time: it has none, and no other series goes on."""
    return bool(filter_placeable([session], series))


def filter_placeable(sessions: Sequence[Session], series: InfusionSeries) -> list[Session]:
    """Return those of a series' sessions that may be given a time, likewise."""
    is_going_on = series.status in (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED)
    waiting = [session for session in sessions if lacks_time(session, series)]
    if not (is_going_on and waiting):
        return []
    others = (other for other in list_current_series(series.patient_id) if other.id != series.id)
    return [] if any(others) else waiting


def lacks_time(session: Session, series: InfusionSeries) -> bool:
    """Tell whether a session has no time and its series, as it ends now, still has a use for one."""
    return session.state in UNPLACED_STATES and not is_past_end(session.number, series)


def is_past_end(number: int, series: InfusionSeries) -> bool:
    """Tell whether a series ends before a session of this number: that it was missed stays a mere fact."""
    last_number = last_session_number(get_phases(series))
    return last_number is not None and number > last_number


def find_session_of_appointment(appointment_id: int) -> Session | None:
    """Return the session whose time an appointment holds."""
    return db.session.scalar(select(Session).filter_by(appointment_id=appointment_id))


def get_phases(series: InfusionSeries) -> tuple[Phase, ...]:
    """Return a series' own phases, as personalised."""
    return read_phases(series.phases)


def list_standing_sessions(sessions: list[ScheduledSession]) -> list[StandingSession]:
    """Return the sessions that stand: booked or done, by their appointment's local date."""
    return [
        StandingSession(
            session.session.number, session.session.phase, session.appointment.local_date
        )
        for session in sessions
        if session.session.state in STANDING and session.appointment is not None
    ]


def list_other_infusions(patient_id: int, series_id: int | None = None) -> list[Infusion]:
    """Return a person's infusions, to come or given, besides the standing sessions of one series.

    At any location, in any series or none, and on all of the person's records.
    """
    rows = db.session.execute(
        select(Appointment.id, Appointment.local_date, Session)
        .outerjoin(Session, Session.appointment_id == Appointment.id)
        .where(Appointment.patient_id.in_(patients.list_record_ids(patient_id)), OCCUPIES_DAY)
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
    return get_phases(series)[session.phase].gap


def get_progress(series: InfusionSeries) -> SeriesProgress:
    """Return how many sessions are done, booked, missed and without a time, and how many gaps were kept."""
    records = [
        SessionRecord(
            session.session.number,
            session.session.phase,
            session.session.state,
            session.appointment.local_date
            if session.appointment and session.appointment.status is not Status.CANCELLED
            else None,
        )
        for session in list_sessions(series.id)
    ]
    return compute_progress(get_phases(series), records)


def is_session_suspended(sessions: Sequence[ScheduledSession]) -> bool:
    """Tell whether a session to come is suspended: its time is kept, but its patient isn't cleared for it."""
    return any(
        session.appointment is not None and session.appointment.suspended_at is not None
        for session in sessions
    )


def read_plan_rates() -> PlanRates:
    """Return the exchange rates of the planner's costs: the clinic's own, or as shipped."""
    row = db.session.scalar(select(PlannerRates).filter_by(active=True))
    return PlanRates.from_dict(row.rates) if row else PlanRates()


def recovery_by_appointment(appointment_ids: Collection[int]) -> dict[int, int]:
    """Return, by appointment that a session of a series has, how many of its last minutes are recovery."""
    rows = db.session.execute(
        select(Session.appointment_id, Session.phase, InfusionSeries.phases)
        .join(InfusionSeries, InfusionSeries.id == Session.series_id)
        .where(Session.appointment_id.in_(appointment_ids))
    )
    return {row[0]: read_phases(row.phases)[row.phase].recovery for row in rows}
