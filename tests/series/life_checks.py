"""What must hold at each moment of a life, read from the database."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import DAY_TAKING_OUTCOMES, Origin, Status
from booking.calendars.models import Claim
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import list_paused_days
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.reviews import ReviewReason
from booking.series.revisions import list_revisions
from booking.series.rules import find_phase
from booking.series.work_list import list_unattended_sessions
from booking.tasks.models import Task, TaskKind

STANDING = (SessionState.BOOKED, SessionState.DONE)
A_DAY = timedelta(days=1)


def list_wrongs(now: datetime) -> list[str]:
    """Return all that is wrong, in words; nothing while all rules hold."""
    series = db.session.scalars(select(InfusionSeries)).all()
    return [
        *_overlaps(),
        *_days_with_two(),
        *_lost_appointments(),
        *_suspended_unseen(now),
        *_not_booked_ahead(),
        *(wrong for each in series for wrong in _of_series(each)),
    ]


def list_silent_series(now: datetime) -> list[str]:
    """Return the series that go on with nothing to come and nobody asked; the scheduler has just looked."""
    active = select(InfusionSeries).filter_by(status=SeriesStatus.ACTIVE)
    return [
        f"series {series.id} goes on, and nothing does"
        for series in db.session.scalars(active)
        if not any(each.is_coming(now) for each in list_sessions(series.id))
        and not _is_asked_about(series)
    ]


def _is_asked_about(series: InfusionSeries) -> bool:
    subjects = {("infusion_series", series.id), ("patient", series.patient_id)}
    subjects |= {("session", each.session.id) for each in list_sessions(series.id)}
    open_tasks = db.session.scalars(select(Task).where(Task.done_at.is_(None)))
    return any((task.subject_kind, task.subject_id) in subjects for task in open_tasks)


def _overlaps() -> Iterator[str]:
    by_resource = defaultdict(list)
    for claim in db.session.scalars(select(Claim).order_by(Claim.starts_at)):
        by_resource[claim.resource_id].append(claim)
    for claims in by_resource.values():
        for one, other in pairwise(claims):
            if other.starts_at < one.ends_at:
                yield f"claims {one.id} and {other.id} overlap"


def _days_with_two() -> Iterator[str]:
    standing = (Status.BOOKED, Status.ARRIVED, Status.FULFILLED)
    rows = select(Appointment).where(Appointment.is_infusion, Appointment.status.in_(standing))
    seen: set[object] = set()
    for each in db.session.scalars(rows):
        if each.outcome and each.outcome not in DAY_TAKING_OUTCOMES:
            continue  # had eaten in the morning, and is treated at noon
        if (each.patient_id, each.local_date) in seen:
            yield f"two infusions on {each.local_date}"
        seen.add((each.patient_id, each.local_date))


def _lost_appointments() -> Iterator[str]:
    rows = (
        select(Appointment.id, Session.state)
        .outerjoin(Session, Session.appointment_id == Appointment.id)
        .where(Appointment.origin == Origin.SERIES, Appointment.status == Status.BOOKED)
    )
    for appointment_id, state in db.session.execute(rows):
        if state is not SessionState.BOOKED:  # None: no session has it
            yield f"appointment {appointment_id} is booked and no session's"


def _suspended_unseen(now: datetime) -> Iterator[str]:
    rows = select(Appointment.patient_id).where(
        Appointment.suspended_at.is_not(None),
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > now,
    )
    asked = select(Task.subject_id).filter_by(kind=TaskKind.DECIDE_SUSPENDED, done_at=None)
    for patient_id in set(db.session.scalars(rows)) - set(db.session.scalars(asked)):
        yield f"patient {patient_id} has suspended visits, and nobody is asked"


def _not_booked_ahead() -> Iterator[str]:
    reviews = select(Task).filter_by(kind=TaskKind.REVIEW_SERIES, done_at=None)
    for task in db.session.scalars(reviews):
        if task.details.get("why") == ReviewReason.NOT_BOOKED:
            yield f"series {task.subject_id} could not be booked ahead: a fault"


def _of_series(series: InfusionSeries) -> Iterator[str]:
    sessions = list_sessions(series.id)
    numbers = [each.session.number for each in sessions]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"series {series.id} lost a session: {numbers}"
    for each in sessions:
        yield from _of_session(series, each)
    if series.status is SeriesStatus.ACTIVE:
        yield from (f"session {each.number} waits unseen" for each in list_unattended_sessions())
        yield from _gaps(series, sessions)


def _of_session(series: InfusionSeries, scheduled: ScheduledSession) -> Iterator[str]:
    session, appointment = scheduled.session, scheduled.appointment
    status = appointment.status if appointment else None
    if session.state is SessionState.BOOKED and status not in (Status.BOOKED, Status.ARRIVED):
        yield f"session {session.number} is booked, its appointment {status}"
    if session.state is SessionState.DONE and status is not Status.FULFILLED:
        yield f"session {session.number} is done, its appointment {status}"
    is_needed = session.state in (SessionState.BOOKED, SessionState.UNPLACED)
    if is_needed and session.phase != find_phase(get_phases(series), session.number):
        yield f"session {session.number} is of phase {session.phase}"
    if session.state is SessionState.MISSED and series.status is SeriesStatus.ACTIVE:
        asked = select(Task.id).filter_by(subject_kind="session", subject_id=session.id)
        if db.session.scalar(asked.limit(1)) is None:
            yield f"session {session.number} was missed, and nobody was asked"


def _gaps(series: InfusionSeries, sessions: list[ScheduledSession]) -> Iterator[str]:
    """Yield gaps to sessions that are to come which no rule, fact or decision explains."""
    phases = get_phases(series)
    standing = sorted(
        (each for each in sessions if each.appointment and each.session.state in STANDING),
        key=lambda each: each.appointment.local_date,
    )
    for before, after in pairwise(standing):
        assert before.appointment
        assert after.appointment
        days = (after.appointment.local_date - before.appointment.local_date).days
        is_coming = after.session.state is SessionState.BOOKED
        gap = phases[after.session.phase].gap
        if (
            is_coming
            and not gap.allows(days)
            and not _is_explained(series, sessions, before, after)
        ):
            yield f"{days} days from session {before.session.number} to {after.session.number}"


def _is_explained(
    series: InfusionSeries,
    sessions: list[ScheduledSession],
    before: ScheduledSession,
    after: ScheduledSession,
) -> bool:
    """Tell whether a practitioner let a gap stand, or a session lost, a pause or other phases made it."""
    assert before.appointment
    assert after.appointment
    first, last = before.appointment.local_date, after.appointment.local_date
    if after.session.allowed_gap == (last - first).days:
        return True
    numbers = range(before.session.number + 1, after.session.number)
    lost = any(
        each.session.number in numbers or _lost_its_day(each, first, last) for each in sessions
    )
    is_revised = any(
        before.session.number < revision.first_number <= after.session.number
        for revision in list_revisions(series.id)
    )
    return lost or is_revised or bool(list_paused_days(series.id, first + A_DAY, last))


def _lost_its_day(scheduled: ScheduledSession, first: date, last: date) -> bool:
    """Tell whether a session was lost between two days; a healed one comes out of its number's order."""
    appointment = scheduled.appointment
    is_standing = scheduled.session.state in STANDING
    return appointment is not None and not is_standing and first < appointment.local_date < last
