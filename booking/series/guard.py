"""What a series says to changes of its visits: planned ones keep its gaps, facts are accepted."""

from datetime import datetime, timedelta

from booking.appointments.guards import Change
from booking.appointments.rules import Outcome, Step
from booking.calendars import offering
from booking.calendars.deadlines import end_of_open_day
from booking.extensions import db
from booking.series.gaps import require_gaps, standing_beside
from booking.series.life import complete_if_over
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.reading import phases_of, session_for, sessions_of
from booking.series.rules import moved, without
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SAME_DAY = timedelta(hours=4)  # a no-show means a call by a person on the same day (CLINICAL §5)


class SeriesGuard:
    """Registered with `appointments`: every change of a session's visit passes it."""

    def review(self, change: Change) -> None:
        """Refuse a planned change that breaks a gap, unless a practitioner says why; note a fact."""
        session = session_for(change.appointment.id)
        if session is None:
            return
        series = db.session.get_one(InfusionSeries, session.series_id)
        if series.status is SeriesStatus.STOPPED:
            _note_in_a_stopped_series(session, change)
            return
        if not change.is_fact:
            _require_gaps(series, session, change)
        if change.step is Step.CANCEL:
            _cancelled(session, change)
        elif change.step is Step.MARK_NO_SHOW:
            _missed(session, change, change.at + SAME_DAY)
        elif change.step is Step.FULFIL:
            _fulfilled(series, session, change)


def _note_in_a_stopped_series(session: Session, change: Change) -> None:
    """Keep what became of a visit that had begun when its series was stopped; nobody decides any more."""
    if change.step is Step.MARK_NO_SHOW:
        session.state = SessionState.MISSED
    elif change.step is Step.FULFIL:
        session.state = _state_after(change)


def _state_after(change: Change) -> SessionState:
    treated = change.appointment.outcome is Outcome.TREATED
    return SessionState.DONE if treated else SessionState.MISSED


def _require_gaps(series: InfusionSeries, session: Session, change: Change) -> None:
    standing = standing_beside(session)
    if change.new_start is not None:
        place = offering.catalogue().places_by_id[series.location_id]
        day = change.new_start.astimezone(place.zone).date()
        changed = moved(standing, session.number, day)
    else:
        changed = without(standing, session.number)
    require_gaps(session, changed, change.actor, change.reason, change.at)


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
    place = offering.catalogue().places_by_id[change.appointment.location_id]
    return end_of_open_day([place], change.at).at


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
    phases = phases_of(series)
    states = [one.session.state for one in sessions_of(series.id)]
    every = phases[session.phase].review_every
    if every and states.count(SessionState.DONE) % every == 0:
        tasks.open_task(
            TaskKind.REVIEW_SERIES,
            Owner.PRACTITIONER,
            "infusion_series",
            series.id,
            change.at + timedelta(days=7),
            change.at,
            why="review_due",
        )
    complete_if_over(series)
