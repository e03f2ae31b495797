"""Writing back what a change wrote over: rows, tasks and claims, as they were before it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import update

from booking.appointments.changes import lock_change_rows, read_former_claims
from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment, AppointmentChange
from booking.appointments.operations import location_of
from booking.appointments.patient_booking import PatientBusy, save_appointment
from booking.appointments.rules import TOLD_ACTIONS
from booking.appointments.versions import increment_version
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.operations import SlotTaken
from booking.calendars.reclaiming import FormerClaim, reclaim
from booking.db.row_images import Image, holds, row_key, write_image
from booking.extensions import Model, db
from booking.tasks.reverting import reopen_tasks, withdraw_open_tasks


class UndoProblem(StrEnum):
    """Why a change can't be undone."""

    NOT_LATEST = "not_latest"  # undone already, or something was done after it
    DAY_OVER = "day_over"
    TOLD = "told"  # the patient has been told of it
    CHANGED = "changed"  # something has changed since: the appointment, or its series
    TAKEN = "taken"  # somebody else has the time
    BUSY = "busy"  # the patient has another appointment then


class UndoRefused(Exception):
    """A change can't be undone; nothing was changed. `problem` is a code."""

    def __init__(self, problem: UndoProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def revert_change(change: AppointmentChange, appointment: Appointment, now: datetime) -> None:
    """Write back all that a change wrote over, in the caller's transaction; the appointment is locked.

    Its time is claimed again. Raises `UndoRefused`.
    """
    rows = lock_change_rows(appointment)
    _lock_days(appointment, change.details["before"].get(row_key(appointment), {}))
    _restore_rows(change, rows)
    increment_version(appointment)
    try:
        save_appointment(appointment)  # writes the rows, and may be refused
        _restore_tasks(change, now)
        _claim_again(change, appointment, now)
    except PatientBusy as refusal:
        raise UndoRefused(UndoProblem.BUSY) from refusal
    except SlotTaken as refusal:
        raise UndoRefused(UndoProblem.TAKEN) from refusal


def revert_effects(change: AppointmentChange, appointment: Appointment, now: datetime) -> None:
    """Write back what a change wrote over elsewhere; the appointment and its claims stay as they are.

    Raises `UndoRefused`.
    """
    _restore_rows(change, lock_change_rows(appointment)[1:])
    _restore_tasks(change, now)


def _lock_days(appointment: Appointment, former: Image) -> None:
    """Lock the days of both times at once, in their one order."""
    local_date = former.get("local_date", appointment.local_date.isoformat())
    calendars.lock_days(
        [
            (appointment.location_id, appointment.local_date),
            (former.get("location_id", appointment.location_id), date.fromisoformat(local_date)),
        ]
    )


def _restore_rows(change: AppointmentChange, rows: list[Model]) -> None:
    details, rows_by_key = change.details, {row_key(row): row for row in rows}
    own_key = f"appointment:{change.appointment_id}"
    for key, image in details["before"].items():
        if key == own_key and key not in rows_by_key:
            continue
        row = rows_by_key.get(key)
        if row is None or not holds(row, details["after"][key]):
            raise UndoRefused(UndoProblem.CHANGED)
        write_image(row, image)


def _restore_tasks(change: AppointmentChange, now: datetime) -> None:
    """Restore what was to do, and which changes stand."""
    details = change.details
    withdraw_open_tasks(details["opened_tasks"], now)
    reopen_tasks(details["closed_tasks"], now)
    change.undone_at = now
    earlier = update(AppointmentChange).where(AppointmentChange.id.in_(details["reverted_changes"]))
    db.session.execute(earlier.values(undone_at=None))


def _claim_again(change: AppointmentChange, appointment: Appointment, now: datetime) -> None:
    """Claim what an appointment had; others of their kind, where these went and it isn't in its chair yet.

    Raises `SlotTaken`.
    """
    claims = read_former_claims(change)
    if change.action not in TOLD_ACTIONS and _reclaim(appointment, claims, now):
        return
    if any(claim.pinned for claim in claims):
        raise SlotTaken
    _claim_anew(appointment, claims, now)


def _reclaim(appointment: Appointment, claims: list[FormerClaim], now: datetime) -> bool:
    """Claim the very same again; nothing, where there was nothing."""
    if not claims:
        return True
    location, local_date = location_of(appointment), appointment.local_date
    return reclaim(appointment.id, location, local_date, claims, now)


def _claim_anew(appointment: Appointment, claims: list[FormerClaim], now: datetime) -> None:
    """Claim an appointment's time as a booking does, in its own chair where that is free."""
    location = location_of(appointment)
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand = get_demand(appointment, service)
    calendars.release_claims(appointment.id, location, appointment.local_date)
    if not claims:
        return  # it had lost its time before
    preferred_ids = tuple(claim.resource_id for claim in claims)
    calendars.claim_resources(
        *(appointment.id, location, demand, appointment.starts_at, now),
        preferred_ids=preferred_ids,
        exempt=get_exempt_rules(appointment),
    )
