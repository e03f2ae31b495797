"""“Don't notify”: what the desk does to a visit without telling the patient, who was told in person."""

from collections.abc import Callable
from datetime import datetime

from flask import request

from booking.appointments.changes import keep_told_change
from booking.appointments.notices import leave_unannounced
from booking.appointments.rules import Action

FIELD = "do_not_notify"


def leave_unannounced_if_ticked(appointment_id: int, now: datetime, actor: str) -> None:
    """Tell the patient nothing of a visit as it stands, where the form says so."""
    if request.form.get(FIELD):
        leave_unannounced(appointment_id, now, actor)


def change_and_announce(
    appointment_id: int, action: Action, now: datetime, actor: str, change: Callable[[], object]
) -> None:
    """Move or cancel at the desk; the patient is told a while later, unless the form says not to."""

    def change_as_ticked() -> None:
        change()
        leave_unannounced_if_ticked(appointment_id, now, actor)

    keep_told_change(appointment_id, action, now, actor, change_as_ticked)
