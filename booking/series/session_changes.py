"""Sessions cancelled by an order about their whole series: nobody is asked about each of them."""

from collections.abc import Sequence
from datetime import datetime

from booking.appointments import operations as appointment_operations
from booking.extensions import db
from booking.series.completion import settle_session_tasks
from booking.series.models import Session
from booking.series.progress import SessionState
from booking.series.queries import ScheduledSession
from booking.series.refusals import PractitionerRequired
from booking.staff.models import Role, Staff


def require_practitioner(staff_id: int) -> None:
    """Raise `PractitionerRequired` for anybody else: only they decide about a series."""
    if db.session.get_one(Staff, staff_id).role is not Role.PRACTITIONER:
        raise PractitionerRequired


def cancel_sessions(
    sessions: Sequence[ScheduledSession],
    state: SessionState,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Cancel coming appointments as a change of the clinic's; their sessions are unplaced now, or given up.

    The state comes first: the series' guard asks about no session that its series has given up by itself.
    """
    for scheduled in sessions:
        scheduled.session.state = state
        if scheduled.appointment is not None:
            appointment_operations.cancel(
                scheduled.appointment.id, now, actor, by_patient=False, reason=reason
            )


def give_up_sessions(sessions: Sequence[Session], now: datetime) -> None:
    """Give up sessions without a time, which a change has made needless; that one was missed stays a fact."""
    for session in sessions:
        if session.state is SessionState.UNPLACED:
            session.state = SessionState.CANCELLED
        settle_session_tasks(session.id, now)
