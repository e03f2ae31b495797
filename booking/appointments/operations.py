"""What happens to a visit once it is booked: move, cancel, confirm, check in, fulfil, miss."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from booking.appointments.guards import Change, review
from booking.appointments.misfits import ask_anew, demand_of, settle_call
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status, Step, outcomes_for, require_step
from booking.appointments.visits import NotCleared, require_clearance, write_for_patient
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars import operations as calendars
from booking.calendars.days import utc_offset
from booking.calendars.places import Place
from booking.db import transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.staff import operations as staff
from booking.staff.models import Role
from booking.versions import require_version


def by_token(token: str) -> Appointment | None:
    """Return the booked visit whose own page has this token; holds have no page."""
    found = db.session.scalar(select(Appointment).filter_by(token=token))
    return found if found is not None and found.status is not Status.PENDING else None


def on_day(location_id: int, local_date: date) -> list[Appointment]:
    """Return a location's visits of one local day, cancelled ones too, in order of time."""
    return list(
        db.session.scalars(
            select(Appointment)
            .where(
                Appointment.location_id == location_id,
                Appointment.local_date == local_date,
                Appointment.status != Status.PENDING,
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
    )


def of_patient(patient_id: int) -> list[Appointment]:
    """Return a patient's visits, newest first."""
    return list(
        db.session.scalars(
            select(Appointment)
            .where(Appointment.patient_id == patient_id)
            .order_by(Appointment.starts_at.desc())
        )
    )


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
) -> Appointment:
    """Move a visit to another start, keeping its resources where they are free.

    Its reference, link and UID stay; SEQUENCE rises. Raises `StaleVersion`, `StepRefused`,
    `ChangeRefused`, `SlotTaken`, `PatientBusy`, `NotCleared`.
    """
    visit = _for_change(appointment_id, expected_version)
    require_step(Step.MOVE, visit.status, visit.starts_at, now)
    if starts_at <= now:
        raise calendars.SlotTaken
    known = offering.catalogue()
    old_place = known.places_by_id[visit.location_id]
    place = offering.find_place(known, location) if location else old_place
    local_date = starts_at.astimezone(place.zone).date()
    review(Change(visit, Step.MOVE, actor, now, False, reason, starts_at, local_date))
    if visit.is_infusion and visit.patient_id is not None:
        require_clearance(visit.patient_id, place, starts_at)
    facts = {"from": visit.starts_at.isoformat(), "to": starts_at.isoformat()}
    _claim_anew(visit, old_place, place, starts_at, now)
    visit.sequence, visit.revised_at, visit.confirmed_at = visit.sequence + 1, now, None
    ask_anew(visit.id, now)
    _keep_reason(visit, reason)
    audit.record(actor, "move", "appointment", visit.id, now, reason=bool(reason), **facts)
    return visit


def _claim_anew(
    visit: Appointment, old_place: Place, place: Place, starts_at: datetime, now: datetime
) -> None:
    """Give a visit another time and place; it keeps its chair where that is free."""
    local_date = starts_at.astimezone(place.zone).date()
    calendars.lock_days([(old_place.id, visit.local_date), (place.id, local_date)])
    offer = offering.catalogue().offers_by_id[visit.service_id]
    demand, prefer = demand_of(visit, offer), calendars.resources_of(visit.id)
    calendars.release(visit.id, old_place, visit.local_date)
    visit.starts_at, visit.ends_at = starts_at, starts_at + timedelta(minutes=demand.minutes)
    visit.location_id, visit.local_date, visit.time_zone = place.id, local_date, place.zone.key
    visit.needs = [need.as_data() for need in demand.needs]
    visit.utc_offset = utc_offset(starts_at, place.zone)
    write_for_patient(visit)
    calendars.claim(visit.id, place, demand, starts_at, now, prefer=prefer)


@transaction()
def cancel(
    appointment_id: int,
    now: datetime,
    actor: str,
    *,
    by_patient: bool,
    reason: str = "",
    expected_version: int | None = None,
) -> Appointment:
    """Cancel a visit and free its time. One that is cancelled already stays as it is.

    The patient's own wish is a fact; the clinic's is planned, and rules of a series may ask a reason.
    Raises `StaleVersion`, `StepRefused`, `ChangeRefused`.
    """
    visit = _for_change(appointment_id, None)
    if visit.status is Status.CANCELLED:
        return visit
    require_version(visit.version, expected_version)
    require_step(Step.CANCEL, visit.status, visit.starts_at, now)
    review(Change(visit, Step.CANCEL, actor, now, by_patient, reason))
    visit.status, visit.ended_at, visit.sequence = (
        Status.CANCELLED,
        now,
        visit.sequence + 1,
    )
    calendars.release(visit.id, _place_of(visit), visit.local_date)
    settle_call(visit.id, now)
    _keep_reason(visit, reason)
    audit.record(
        actor,
        "cancel",
        "appointment",
        visit.id,
        now,
        by_patient=by_patient,
        reason=bool(reason),
    )
    return visit


@transaction()
def confirm(appointment_id: int, now: datetime, actor: str) -> None:
    """Keep that the patient answered they will come; a second answer changes nothing."""
    visit = _for_change(appointment_id, None)
    if visit.status is Status.BOOKED and visit.confirmed_at is None:
        visit.confirmed_at = now
        audit.record(actor, "confirm", "appointment", visit.id, now)


@transaction()
def look_again(patient_id: int, now: datetime) -> None:
    """Count up the versions of a patient's coming visits: what is pulled from them is to be derived anew."""
    coming = (
        Appointment.patient_id == patient_id,
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > now,
    )
    for visit in db.session.scalars(select(Appointment).where(*coming).with_for_update()):
        flag_modified(visit, "note")


@transaction()
def check_in(
    appointment_id: int,
    now: datetime,
    actor: str,
    *,
    reason: str = "",
    expected_version: int | None = None,
) -> None:
    """The patient is here. An infusion needs clearance for its own local date still.

    Without it a practitioner may go on by a `reason`, which is kept. Raises `StaleVersion`, `StepRefused`,
    `NotCleared`.
    """
    visit = _for_change(appointment_id, expected_version)
    require_step(Step.CHECK_IN, visit.status, visit.starts_at, now)
    if visit.is_infusion and visit.patient_id is not None:
        _require_clearance_or_reason(visit, visit.patient_id, actor, reason, now)
    visit.status, visit.arrived_at, visit.suspended_at = Status.ARRIVED, now, None
    settle_call(visit.id, now)
    audit.record(actor, "check_in", "appointment", visit.id, now)


def _require_clearance_or_reason(
    visit: Appointment, patient_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Let a practitioner who says why treat who isn't cleared; that they did is in the audit trail."""
    clearance = screening.clearance_of(patient_id, visit.local_date)
    if clearance is Clearance.CLEARED:
        return
    may_override = staff.role_of(actor) is Role.PRACTITIONER
    if not (may_override and reason):
        raise NotCleared(clearance, reason_helps=may_override)
    _keep_reason(visit, reason)
    audit.record(
        actor, "override_clearance", "appointment", visit.id, now, clearance=clearance.value
    )


@transaction()
def fulfil(
    appointment_id: int,
    outcome: Outcome,
    now: datetime,
    actor: str,
    *,
    expected_version: int | None = None,
) -> None:
    """The visit is over, with this outcome; what is left of its time is free again.

    Raises `StaleVersion`, `StepRefused`, `ValueError` for an outcome this visit can't have.
    """
    visit = _for_change(appointment_id, expected_version)
    require_step(Step.FULFIL, visit.status, visit.starts_at, now)
    if outcome not in outcomes_for(visit.is_infusion):
        raise ValueError(outcome)
    visit.outcome = outcome
    review(Change(visit, Step.FULFIL, actor, now, True))
    visit.status, visit.ended_at = Status.FULFILLED, now
    calendars.release_rest(visit.id, _place_of(visit), visit.local_date, now)
    audit.record(actor, "fulfil", "appointment", visit.id, now, outcome=outcome.value)


@transaction()
def mark_no_show(
    appointment_id: int, now: datetime, actor: str, *, expected_version: int | None = None
) -> None:
    """The patient did not come: a fact; what is left of the time is free again.

    Raises `StaleVersion`, `StepRefused`.
    """
    visit = _for_change(appointment_id, expected_version)
    require_step(Step.MARK_NO_SHOW, visit.status, visit.starts_at, now)
    review(Change(visit, Step.MARK_NO_SHOW, actor, now, True))
    visit.status, visit.ended_at = Status.NOSHOW, now
    settle_call(visit.id, now)
    calendars.release_rest(visit.id, _place_of(visit), visit.local_date, now)
    audit.record(actor, "mark_no_show", "appointment", visit.id, now)


def _keep_reason(visit: Appointment, reason: str) -> None:
    """Keep why a change was made, under the reasons given before; the audit trail says who and when."""
    if reason:
        visit.note = f"{visit.note}\n{reason}".strip()


def _for_change(appointment_id: int, expected_version: int | None) -> Appointment:
    """Lock a visit; refuse one that changed after the version it was shown at."""
    visit = db.session.get_one(Appointment, appointment_id, with_for_update=True)
    require_version(visit.version, expected_version)
    return visit


def _place_of(visit: Appointment) -> Place:
    return offering.catalogue().places_by_id[visit.location_id]
