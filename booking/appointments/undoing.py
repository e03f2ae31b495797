"""Undoing what was done at the desk: all as it was before, or a refusal that says why not."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from booking.appointments.changes import list_standing_changes
from booking.appointments.guards import read_change_basis
from booking.appointments.models import Appointment, AppointmentChange
from booking.appointments.notices import was_told, withdraw_notices
from booking.appointments.operations import lock_for_change
from booking.appointments.reverting import UndoProblem, UndoRefused, revert_change
from booking.appointments.rules import TOLD_ACTIONS, Action
from booking.audit import operations as audit
from booking.db.row_images import holds, read_image, row_key
from booking.db.transactions import transaction
from booking.extensions import db


@transaction()
def undo_change(
    appointment_id: int,
    change_id: int,
    now: datetime,
    actor: str,
    *,
    expected_version: int | None = None,
) -> AppointmentChange:
    """Undo the latest change of an appointment, of which no patient was told: all is as before it.

    Raises `StaleVersion`, `UndoRefused`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    changes = list_standing_changes(appointment_id)
    if not changes or changes[0].id != change_id:
        raise UndoRefused(UndoProblem.NOT_LATEST)
    if problem := _find_problem(changes[0], appointment, now):
        raise UndoRefused(problem)
    undone_start = appointment.starts_at
    revert_change(changes[0], appointment, now)
    withdraw_notices(appointment)
    facts = {"from": undone_start.isoformat(), "to": appointment.starts_at.isoformat()}
    is_moved = undone_start != appointment.starts_at
    undone_action = changes[0].action.value
    audit.record(
        actor, "undo", "appointment", appointment.id, now, undone=undone_action,
        **(facts if is_moved else {}),
    )  # fmt: skip
    return changes[0]


def find_undoable_change(appointment: Appointment, now: datetime) -> AppointmentChange | None:
    """Return the change of an appointment that can be undone now, as far as a look can tell."""
    latest = next(iter(list_standing_changes(appointment.id)), None)
    if latest is None or _find_problem(latest, appointment, now):
        return None
    return latest


@dataclass(frozen=True, slots=True)
class FormerTime:
    """Where an appointment was before it was moved, by local date."""

    location_id: int
    local_date: date


def find_former_time(appointment: Appointment, change_id: int) -> FormerTime | None:
    """Return where an appointment was before a change moved it; None where it did not."""
    change = db.session.get(AppointmentChange, change_id)
    if change is None or change.appointment_id != appointment.id:
        return None
    if change.action is not Action.MOVE:
        return None
    image = {**read_image(appointment), **change.details["before"][row_key(appointment)]}
    return FormerTime(image["location_id"], date.fromisoformat(image["local_date"]))


def _find_problem(
    change: AppointmentChange, appointment: Appointment, now: datetime
) -> UndoProblem | None:
    zone = ZoneInfo(appointment.time_zone)
    if change.made_at.astimezone(zone).date() != now.astimezone(zone).date():
        return UndoProblem.DAY_OVER
    if change.action in TOLD_ACTIONS and was_told(appointment):
        return UndoProblem.TOLD
    if not holds(appointment, change.details["appointment"]):
        return UndoProblem.CHANGED
    if change.action in TOLD_ACTIONS and not _is_basis_as_left(change, appointment):
        return UndoProblem.CHANGED
    return None


def _is_basis_as_left(change: AppointmentChange, appointment: Appointment) -> bool:
    """Tell whether the rest of a series stands as it did: what was right before is right then."""
    basis = read_change_basis(appointment)
    return all(basis.get(key) == value for key, value in change.details["basis"].items())
