"""What happens to an appointment once it is booked: move, cancel, confirm, check in, fulfil, miss."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import select

from booking.appointments import exemptions
from booking.appointments.exemptions import USUAL_TERMS, ClaimTerms, get_exempt_rules
from booking.appointments.guards import Change, check_change
from booking.appointments.impossible import (
    close_call_task,
    get_demand,
    is_still_possible,
    reopen_call_task,
)
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import require_clearance, save_appointment
from booking.appointments.rules import (
    Action,
    Status,
    require_action_allowed,
)
from booking.appointments.timing import set_time
from booking.appointments.versions import increment_version
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.location_calendars import LocationCalendar
from booking.db.statements import KEEPS_ITS_ID
from booking.db.transactions import transaction
from booking.db.versions import require_version
from booking.extensions import db

NOTHING_ELSE: Mapping[int, date] = MappingProxyType({})  # moves with it


@transaction()
def move(
    appointment_id: int,
    starts_at: datetime,
    now: datetime,
    actor: str,
    *,
    location: str | None = None,
    reason: str = "",
    expected_version: int | None = None,
    together: Mapping[int, date] = NOTHING_ELSE,
    terms: ClaimTerms = USUAL_TERMS,
) -> Appointment:
    """Move an appointment to another start, keeping its resources, or preferred ones, where they are free.

    Rules of the calendar are overridden by who may, with a reason, as `terms` say; gaps with a
    `reason`. Its reference, link and UID stay; SEQUENCE rises. A series is asked at once about what moves
    `together` (appointment id → new local date) in this transaction. Raises `StaleVersion`,
    `ActionNotAllowed`, `ChangeRefused`, `SlotTaken`, `OverrideRefused`, `PatientBusy`, `NotCleared`.
    """
    appointment = lock_for_change(appointment_id, expected_version)
    catalogue = availability.current_catalogue()
    old_location = catalogue.locations_by_id[appointment.location_id]
    new_location = availability.get_location(catalogue, location) if location else old_location
    require_move_allowed(appointment, new_location, starts_at, now, actor, reason, together)
    facts = {"from": appointment.starts_at.isoformat(), "to": starts_at.isoformat()}
    service = catalogue.services_by_id[appointment.service_id]
    exempt = exemptions.require_exemption(
        *(terms, new_location, get_demand(appointment, service), starts_at, now, actor),
        besides=appointment.id,
    )
    exemptions.keep_exemption(appointment, exempt, now, actor)
    _replace_claims(appointment, old_location, new_location, starts_at, now, terms.preferred_ids)
    appointment.sequence, appointment.revised_at, appointment.confirmed_at = (
        appointment.sequence + 1,
        now,
        None,
    )
    reopen_call_task(appointment.id, now)
    record_reason(appointment, reason)
    audit.record(actor, "move", "appointment", appointment.id, now, reason=bool(reason), **facts)
    return appointment


def require_move_allowed(
    appointment: Appointment,
    location: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    actor: str,
    reason: str = "",
    together: Mapping[int, date] = NOTHING_ELSE,
) -> None:
    """Raise what stands against a move whatever is free: rules, guards, the patient's clearance.

    That is `ActionNotAllowed`, `SlotTaken` (it is past), `ChangeRefused`, `NotCleared`.
    """
    require_action_allowed(
        Action.MOVE, appointment.status, appointment.starts_at, now, has_reason=bool(reason)
    )
    if starts_at <= now:
        raise calendars.SlotTaken
    local_date = starts_at.astimezone(location.zone).date()
    check_change(
        Change(
            *(appointment, Action.MOVE, actor, now, False, reason, starts_at, local_date, together)
        )
    )
    if appointment.is_infusion and appointment.patient_id is not None:
        require_clearance(appointment.patient_id, location, starts_at)


def _replace_claims(
    appointment: Appointment,
    old_location: LocationCalendar,
    location: LocationCalendar,
    starts_at: datetime,
    now: datetime,
    preferred_ids: Sequence[int],
) -> None:
    """Give an appointment another time and place; it keeps its chair where that is free."""
    local_date = starts_at.astimezone(location.zone).date()
    calendars.lock_days([(old_location.id, appointment.local_date), (location.id, local_date)])
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand = get_demand(appointment, service)
    own_ids = calendars.claimed_resource_ids(appointment.id)
    calendars.release_claims(appointment.id, old_location, appointment.local_date)
    set_time(appointment, location, starts_at, demand.minutes)
    appointment.needs = [need.to_dict() for need in demand.needs]
    save_appointment(appointment)
    calendars.claim_resources(
        *(appointment.id, location, demand, starts_at, now),
        preferred_ids=(*preferred_ids, *own_ids),
        exempt=get_exempt_rules(appointment),
    )


@transaction()
def cancel(
    appointment_id: int,
    now: datetime,
    actor: str,
    *,
    by_patient: bool,
    is_fact: bool = False,
    reason: str = "",
    expected_version: int | None = None,
) -> Appointment:
    """Cancel an appointment and free its time. One that is cancelled already stays as it is.

    The patient's own wish is a fact, and so is what happened at the clinic (`is_fact`: a nurse is ill, a
    chair broken); anything else is planned, and rules of a series may ask a reason. After the start, where
    the visit did not begin, it needs one anyway. Raises `StaleVersion`, `ActionNotAllowed`, `ChangeRefused`.
    """
    appointment = lock_for_change(appointment_id, None)
    if appointment.status is Status.CANCELLED:
        return appointment
    require_version(appointment.version, expected_version)
    require_action_allowed(
        Action.CANCEL, appointment.status, appointment.starts_at, now, has_reason=bool(reason)
    )
    check_change(Change(appointment, Action.CANCEL, actor, now, by_patient or is_fact, reason))
    _end_as_cancelled(appointment, now)
    record_reason(appointment, reason)
    audit.record(
        actor,
        "cancel",
        "appointment",
        appointment.id,
        now,
        by_patient=by_patient,
        is_fact=by_patient or is_fact,
        reason=bool(reason),
    )
    return appointment


@transaction()
def cancel_impossible(appointment_id: int, now: datetime, actor: str) -> None:
    """Cancel a booked appointment whose time has come and which couldn't take place: a fact, like a miss.

    The practitioner decides what follows for a session; nothing is sent, as it would have begun.
    """
    appointment = lock_for_change(appointment_id, None)
    if appointment.status is Status.BOOKED and not is_still_possible(appointment):
        check_change(Change(appointment, Action.CANCEL, actor, now, True))
        _end_as_cancelled(appointment, now)
        audit.record(actor, "cancel_impossible", "appointment", appointment.id, now)


def _end_as_cancelled(appointment: Appointment, now: datetime) -> None:
    appointment.status, appointment.ended_at, appointment.sequence = (
        Status.CANCELLED,
        now,
        appointment.sequence + 1,
    )
    calendars.release_claims(appointment.id, location_of(appointment), appointment.local_date)
    close_call_task(appointment.id, now)


@transaction()
def confirm(appointment_id: int, now: datetime, actor: str) -> None:
    """Keep that the patient answered they will come; a second answer changes nothing."""
    appointment = lock_for_change(appointment_id, None)
    if appointment.status is Status.BOOKED and appointment.confirmed_at is None:
        appointment.confirmed_at = now
        audit.record(actor, "confirm", "appointment", appointment.id, now)


@transaction()
def mark_upcoming_changed(patient_id: int, now: datetime) -> None:
    """Count up the versions of a patient's coming appointments, so that messages are derived anew."""
    upcoming = (
        Appointment.patient_id == patient_id,
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > now,
    )
    for appointment in db.session.scalars(select(Appointment).where(*upcoming).with_for_update()):
        increment_version(appointment)


def record_reason(appointment: Appointment, reason: str) -> None:
    """Keep why a change was made, under the reasons given before; the audit trail says who and when."""
    if reason:
        appointment.note = f"{appointment.note}\n{reason}".strip()


def lock_for_change(appointment_id: int, expected_version: int | None) -> Appointment:
    """Lock an appointment; refuse one that changed after the version it was shown at."""
    appointment = db.session.get_one(Appointment, appointment_id, with_for_update=KEEPS_ITS_ID)
    require_version(appointment.version, expected_version)
    return appointment


def location_of(appointment: Appointment) -> LocationCalendar:
    """Return the location an appointment is at, though it be closed for good."""
    return availability.current_catalogue().locations_by_id[appointment.location_id]
