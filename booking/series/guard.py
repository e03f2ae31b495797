"""What a series says to changes of its visits: planned ones keep its gaps, facts are accepted."""

from datetime import datetime, timedelta

from booking.appointments.guards import Change, NewInfusion
from booking.appointments.rules import Outcome, Step
from booking.calendars import offering
from booking.calendars.deadlines import end_of_open_day
from booking.extensions import db
from booking.series.gaps import require_distance, require_gaps, standing_beside
from booking.series.life import complete_if_over
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.reading import session_for
from booking.series.reviews import review_if_due
from booking.series.rules import moved, without
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SAME_DAY = timedelta(hours=4)  # a no-show means a call by a person on the same day (CLINICAL §5)


class SeriesGuard:
    """Registered with `appointments`: every change of a session's visit passes it, and of other infusions."""

    def review(self, change: Change) -> None:
        """Refuse a planned change that breaks a gap, unless a practitioner says why; note a fact."""
        session = session_for(change.appointment.id)
        if session is None:
            _require_distance(change)
            return
        series = db.session.get_one(InfusionSeries, session.series_id, with_for_update=True)
        if series.status is SeriesStatus.STOPPED:
            _require_distance(change)
            _note_in_a_stopped_series(session, change)
            return
        if not change.is_fact:
            _require_gaps(session, change)
        if change.step is Step.CANCEL:
            _cancelled(session, change)
        elif change.step is Step.MARK_NO_SHOW:
            _missed(session, change, change.at + SAME_DAY)
        elif change.step is Step.FULFIL:
            _fulfilled(series, session, change)

    def review_infusion(self, infusion: NewInfusion) -> None:
        """Refuse an infusion booked by itself too close to a session, unless a practitioner says why."""
        require_distance(infusion.patient_id, infusion.local_date, infusion.actor, "", infusion.at)


def _require_distance(change: Change) -> None:
    """Keep an infusion that no series has away from the sessions of those that go on."""
    visit = change.appointment
    if visit.is_infusion and visit.patient_id is not None and change.new_date is not None:
        require_distance(
            visit.patient_id, change.new_date, change.actor, change.reason, change.at, moved=visit
        )


def _note_in_a_stopped_series(session: Session, change: Change) -> None:
    """Keep what became of a visit that had begun when its series was stopped; nobody decides any more."""
    if change.step is Step.MARK_NO_SHOW:
        session.state = SessionState.MISSED
    elif change.step is Step.CANCEL:
        session.state = SessionState.CANCELLED
    elif change.step is Step.FULFIL:
        session.state = _state_after(change)
        review_if_due(session, change.at)


def _state_after(change: Change) -> SessionState:
    treated = change.appointment.outcome is Outcome.TREATED
    return SessionState.DONE if treated else SessionState.MISSED


def _require_gaps(session: Session, change: Change) -> None:
    standing = standing_beside(session)
    if change.new_date is not None:
        changed = moved(standing, session.number, change.new_date)
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
    review_if_due(session, change.at)
    complete_if_over(series, change.at)
