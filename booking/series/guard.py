"""What a series says to changes of its appointments: planned ones keep its gaps, facts are accepted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from booking.appointments.guards import Change, StandaloneInfusion
from booking.appointments.models import Appointment
from booking.appointments.rules import Action, Outcome
from booking.calendars import availability
from booking.calendars.deadlines import end_of_business_day
from booking.calendars.ruled_days import Blocker
from booking.extensions import Model, db
from booking.series.completion import complete_if_finished
from booking.series.gap_blockers import describe_gap_problem
from booking.series.gap_rules import with_session_moved, without_session
from booking.series.gaps import (
    list_distance_blockers,
    read_series_gaps,
    require_gaps_kept,
    require_infusion_distance,
)
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    find_session_of_appointment,
    list_sessions,
)
from booking.series.reviews import open_review_if_due
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SAME_DAY = timedelta(hours=4)  # a no-show means a call by a person on the same day (CLINICAL §5)


class SeriesGuard:
    """Registered with `appointments`: every change of a session or other infusion passes it."""

    def check_change(self, change: Change) -> None:
        """Refuse a planned change that breaks a gap, unless a practitioner says why; note a fact."""
        session = find_session_of_appointment(change.appointment.id)
        if session is None:
            _require_distance(change)
            return
        if session.state not in STANDING:
            return  # its series has given it up, and frees its time
        series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
        if series.status is SeriesStatus.STOPPED:
            _require_distance(change)
            _note_in_a_stopped_series(session, change)
            return
        if not change.is_fact:
            _require_gaps(session, change)
        if change.step is Action.CANCEL:
            _cancelled(session, change)
        elif change.step is Action.MARK_NO_SHOW:
            _missed(session, change, change.at + SAME_DAY)
        elif change.step is Action.FULFIL:
            _fulfilled(series, session, change)

    def check_standalone_infusion(self, infusion: StandaloneInfusion) -> None:
        """Refuse an infusion booked by itself too close to a session, unless a practitioner says why."""
        require_infusion_distance(
            infusion.patient_id, infusion.local_date, infusion.actor, "", infusion.at
        )

    def list_move_blockers(
        self, appointment: Appointment, dates: Sequence[date]
    ) -> Mapping[date, Sequence[Blocker]]:
        """Return the gaps that an appointment would break on some dates, and what it is too near."""
        session = find_session_of_appointment(appointment.id)
        if session is not None and session.state not in STANDING:
            return {}
        if session is None or _is_stopped(session):
            is_free = not appointment.is_infusion
            return {} if is_free else list_distance_blockers(appointment, dates)
        gaps = read_series_gaps(session)
        return {
            day: [
                describe_gap_problem(problem)
                for problem in gaps.list_gap_problems(
                    with_session_moved(gaps.sessions, session.number, day)
                )
            ]
            for day in dates
        }

    def lock_rows(self, appointment: Appointment) -> Sequence[Model]:
        """Return, locked, the series of a session's appointment and all its sessions."""
        session = find_session_of_appointment(appointment.id)
        if session is None:
            return []
        series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
        return [series, *(each.session for each in list_sessions(series.id))]

    def read_change_basis(self, appointment: Appointment) -> Mapping[str, str]:
        """Return where the other sessions of a session's series stand."""
        session = find_session_of_appointment(appointment.id)
        if session is None:
            return {}
        others = (s for s in list_sessions(session.series_id) if s.session.id != session.id)
        return {f"session:{other.session.id}": _describe_standing(other) for other in others}


def _describe_standing(scheduled: ScheduledSession) -> str:
    appointment = scheduled.appointment
    starts_at = appointment.starts_at.isoformat() if appointment is not None else ""
    return f"{scheduled.session.state.value} {starts_at}"


def _is_stopped(session: Session) -> bool:
    series = db.session.get_one(InfusionSeries, session.series_id)
    return series.status is SeriesStatus.STOPPED


def _require_distance(change: Change) -> None:
    """Keep an infusion that no series has away from the sessions of those that go on."""
    appointment = change.appointment
    if (
        appointment.is_infusion
        and appointment.patient_id is not None
        and change.new_date is not None
    ):
        require_infusion_distance(
            appointment.patient_id,
            change.new_date,
            change.actor,
            change.reason,
            change.at,
            moved_appointment=appointment,
        )


def _note_in_a_stopped_series(session: Session, change: Change) -> None:
    """Keep what became of an appointment that had begun when its series was stopped."""
    if change.step is Action.MARK_NO_SHOW:
        session.state = SessionState.MISSED
    elif change.step is Action.CANCEL:
        session.state = SessionState.CANCELLED
    elif change.step is Action.FULFIL:
        session.state = _state_after(change)
        open_review_if_due(session, change.at)


def _state_after(change: Change) -> SessionState:
    treated = change.appointment.outcome is Outcome.TREATED
    return SessionState.DONE if treated else SessionState.MISSED


def _require_gaps(session: Session, change: Change) -> None:
    gaps = read_series_gaps(session)
    if change.new_date is not None:
        changed_sessions = with_session_moved(gaps.sessions, session.number, change.new_date)
        for other, day in _list_moved_together(session, change):
            changed_sessions = with_session_moved(changed_sessions, other.number, day)
    else:
        changed_sessions = without_session(gaps.sessions, session.number)
    require_gaps_kept(session, gaps, changed_sessions, change.actor, change.reason, change.at)


def _list_moved_together(session: Session, change: Change) -> list[tuple[Session, date]]:
    """Return the other sessions of a series that move with a change, each with its new local date."""
    pairs = [(find_session_of_appointment(key), day) for key, day in change.together.items()]
    return [
        (other, day)
        for other, day in pairs
        if other is not None and other.series_id == session.series_id and other.id != session.id
    ]


def _cancelled(session: Session, change: Change) -> None:
    if change.is_fact:
        _missed(session, change, _next_day(change))
        return
    session.state = SessionState.UNPLACED
    tasks.open_task(
        TaskKind.PLACE_SESSION,
        Owner.FRONT_DESK,
        "session",
        session.id,
        _next_day(change),
        change.at,
    )


def _next_day(change: Change) -> datetime:
    location = availability.current_catalogue().locations_by_id[change.appointment.location_id]
    return end_of_business_day([location], change.at).at


def _missed(session: Session, change: Change, due_at: datetime) -> None:
    """Later sessions stay booked; the practitioner decides what follows (invariant 6)."""
    session.state = SessionState.MISSED
    tasks.open_task(
        TaskKind.DECIDE_AFTER_MISS,
        Owner.PRACTITIONER,
        "session",
        session.id,
        due_at,
        change.at,
        step=change.step.value,
    )


def _fulfilled(series: InfusionSeries, session: Session, change: Change) -> None:
    session.state = _state_after(change)
    if session.state is SessionState.MISSED:
        _missed(session, change, change.at + SAME_DAY)
        return
    open_review_if_due(session, change.at)
    complete_if_finished(series, change.at)
