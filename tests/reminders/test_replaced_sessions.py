"""A session that was cancelled and has another time: its patient reads of both at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from booking import clock
from booking.appointments.models import Appointment
from booking.appointments.reverting import UndoRefused
from booking.series import operations as series_operations
from booking.series.applied_healing import apply_healing
from booking.series.healing import HealingOrder, propose_healing
from booking.series.models import Session
from booking.series.queries import list_sessions
from tests.reminders.prepared import Pass, a_clinic_that_reminds
from tests.reminders.test_undone import ACTOR, MINUTE, cancel, undo
from tests.series.prescribed import a_booked_series, appointments


def place_an_hour_later(session: Session, appointment: Appointment) -> None:
    starts_at = appointment.starts_at + timedelta(hours=1)
    series_operations.place_session(session.id, starts_at, clock.now(), ACTOR)


def heal(session: Session, _appointment: Appointment) -> None:
    proposal = propose_healing(HealingOrder(session.series_id, session.id), clock.now())
    apply_healing(proposal.order, proposal.key, clock.now(), ACTOR, reason="Rang")


@pytest.mark.parametrize("replace", [place_an_hour_later, heal])
def test_a_session_cancelled_and_given_another_time_is_told_of_once(
    app: Flask, pass_time: Pass, replace: Callable[[Session, Appointment], None]
) -> None:
    series = a_booked_series(a_clinic_that_reminds())
    assert len(pass_time(MINUTE)) > 0
    appointment = appointments(series)[2]
    change_id = cancel(appointment)
    replace(list_sessions(series.id)[2].session, appointment)
    messages = pass_time(2 * MINUTE)
    assert {message.kind for message in messages} == {"schedule"}
    assert len(messages) == len({message.channel for message in messages})
    assert pass_time(30 * MINUTE) == []
    with pytest.raises(UndoRefused):
        undo(appointment, change_id)
