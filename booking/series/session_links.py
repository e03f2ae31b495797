"""Which appointment is which session's, after sessions were planned anew: numbers rise with the days."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from booking.appointments.models import Appointment
from booking.appointments.notices import end_notice_wait
from booking.appointments.rules import Status
from booking.extensions import db
from booking.series.completion import (
    open_missed_session_task,
    open_place_session_task,
    settle_session_tasks,
)
from booking.series.models import ReplacedAppointment, Session
from booking.series.progress import UNPLACED_STATES, SessionState


def keep_replaced_appointment(session: Session, now: datetime) -> None:
    """Keep the cancelled appointment of a session that is about to get another, in its transaction.

    The patient is told of both at once, so what cancelled it can't be undone any more.
    """
    if session.appointment_id is None:
        return
    replaced = db.session.get_one(Appointment, session.appointment_id)
    if replaced.status is Status.CANCELLED:
        end_notice_wait(replaced.id, now)
        db.session.merge(ReplacedAppointment(appointment_id=replaced.id, session_id=session.id))


def link_sessions(
    rows: Sequence[Session],
    appointment_ids: Mapping[int, int],
    states: Mapping[int, SessionState],
    cancelled_ids: Sequence[int],
    now: datetime,
) -> None:
    """Give each session the appointment that is its own now, by number; those without one wait as tasks.

    `states` is what sessions were before; `cancelled_ids` are appointments that lost their times just now.
    """
    for row in rows:
        if row.number in appointment_ids and states[row.number] in UNPLACED_STATES:
            keep_replaced_appointment(row, now)
    _link(rows, appointment_ids, states)
    lost_ids = list(cancelled_ids)
    for row in rows:
        if row.number not in appointment_ids:
            _keep_unplaced(row, states[row.number], lost_ids, now)
        elif states[row.number] in UNPLACED_STATES:
            settle_session_tasks(row.id, now)
    db.session.flush()


def _link(
    rows: Sequence[Session],
    appointment_ids: Mapping[int, int],
    states: Mapping[int, SessionState],
) -> None:
    """Give each session the appointment that is its own now; an appointment is one session's at a time."""
    missed_slots = {row.appointment_id: row.missed_slot for row in rows if row.appointment_id}
    for row in rows:
        if row.number in appointment_ids or states[row.number] not in UNPLACED_STATES:
            row.appointment_id, row.missed_slot = None, None
    db.session.flush()
    for row in rows:
        if row.number in appointment_ids:
            row.state, row.appointment_id = SessionState.BOOKED, appointment_ids[row.number]
            row.missed_slot = missed_slots.get(row.appointment_id)
    db.session.flush()


def _keep_unplaced(
    row: Session, state: SessionState, cancelled_ids: list[int], now: datetime
) -> None:
    """Let a session without a place wait as somebody's task: a practitioner's, where its visit is lost."""
    if state in UNPLACED_STATES:
        row.state = state
    elif cancelled_ids:
        row.state, row.appointment_id = SessionState.MISSED, cancelled_ids.pop(0)
        open_missed_session_task(row, now)
    else:
        open_place_session_task(row, now)
