"""When a patient whom an outage hits is seen to: moved, cancelled, late with an answer, past their time."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select

from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.held_slots import is_slot_free, release_slot
from booking.appointments.impossible import (
    SUBJECT,
    get_demand,
    list_impossible_appointments,
    open_call_task,
)
from booking.appointments.models import Appointment
from booking.appointments.operations import cancel_impossible
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import claim_resources, lock_days
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.outages.messages import cancel_question, was_undelivered
from booking.outages.models import AffectedPatient
from booking.outages.queries import AffectedRecord, list_open_patient_ids, list_records
from booking.outages.rules import OPEN_ANSWERS, AnswerStatus
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

ACTOR = "scheduler"
PATIENT = "affected_patient"


def update_open_patients(now: datetime) -> int:
    """See, of each patient still open, whether time or somebody else has done it; return how many changed.

    Each in a transaction of its own; one that fails holds up nobody else.
    """
    return run_each(
        list_open_patient_ids(),
        lambda affected_id: update_affected_patient(affected_id, now),
        "affected_patient_failed",
    )


@transaction()
def update_affected_patient(affected_patient_id: int, now: datetime) -> bool:
    """Bring an open patient up to date; False when nothing is to be done, or another scheduler is at it."""
    rows = select(AffectedPatient).where(
        AffectedPatient.id == affected_patient_id, AffectedPatient.status.in_(OPEN_ANSWERS)
    )
    affected = db.session.scalar(rows.with_for_update(skip_locked=True))
    if affected is None:
        return False
    records = list_records(affected.id)
    _cancel_passed(records, now)
    _release_companions(affected, records, now)
    if not any(needs_time(record) for record in records):
        close_patient(affected, AnswerStatus.SETTLED, now, ACTOR)
        return True
    return _update_waiting(affected, records, now)


def needs_time(record: AffectedRecord) -> bool:
    """Tell whether an appointment still stands at the time that it has lost."""
    is_lost = record.affected.restored_at is None
    return is_lost and record.is_as_planned and record.appointment.status is Status.BOOKED


def _cancel_passed(records: Sequence[AffectedRecord], now: datetime) -> None:
    """Cancel what nobody found another time for until it would have begun: it is never simply lost."""
    for record in records:
        if needs_time(record) and record.appointment.starts_at <= now:
            cancel_impossible(record.appointment.id, now, ACTOR)


def _release_companions(
    affected: AffectedPatient, records: Sequence[AffectedRecord], now: datetime
) -> None:
    """Let what would have moved for others keep its own time, once those are seen to in another way."""
    is_for_nothing = not any(needs_time(record) for record in records if record.affected.is_hit)
    if is_for_nothing and any(needs_time(record) for record in records):
        give_up_times(records, now, ACTOR)
        if affected.status is AnswerStatus.ASKED:
            affected.status = AnswerStatus.TO_CALL
            cancel_question(affected, now)
            open_calls(records, now)


def _update_waiting(
    affected: AffectedPatient, records: Sequence[AffectedRecord], now: datetime
) -> bool:
    is_held = any(record.affected.hold_id is not None for record in records)
    if is_held and affected.held_until is not None and affected.held_until <= now:
        give_up_times(records, now, ACTOR)
        affected.status = AnswerStatus.EXPIRED
        cancel_question(affected, now)
        audit.record(ACTOR, "expire_answer", PATIENT, affected.id, now)
        open_calls(records, now)
        return True
    if affected.status is not AnswerStatus.ASKED:
        return False
    if was_undelivered(affected):
        affected.status = AnswerStatus.TO_CALL
        audit.record(ACTOR, "not_reached", PATIENT, affected.id, now)
        open_calls(records, now)
        return True
    if affected.answer_by is not None and affected.answer_by <= now:
        open_calls(records, now, since=affected.answer_by)
    return False


def open_calls(
    records: Collection[AffectedRecord], now: datetime, since: datetime | None = None
) -> None:
    """Have somebody call about the appointments that still have no time, unless somebody has, `since`."""
    catalogue = availability.current_catalogue()
    ids = [record.appointment.id for record in records if needs_time(record)]
    if since is not None:
        ids = [key for key in ids if not _was_called_about(key, since)]
    for impossible in list_impossible_appointments(catalogue, now, ids).values():
        open_call_task(impossible, now)


def _was_called_about(appointment_id: int, since: datetime) -> bool:
    return tasks.was_handled_since(TaskKind.MOVE_APPOINTMENT, SUBJECT, appointment_id, since=since)


def close_patient(
    affected: AffectedPatient, status: AnswerStatus, now: datetime, actor: str
) -> None:
    """Keep how it ended with a patient; free what is held for them, and take back what was to ask them."""
    records = list_records(affected.id)
    affected.status, affected.answered_at = status, now
    release_holds(records, now, actor)
    cancel_question(affected, now)
    audit.record(actor, f"answer_{status.value}", PATIENT, affected.id, now)


@transaction()
def give_time_back(
    affected_patient_id: int, catalogue: Catalogue, now: datetime, actor: str
) -> bool:
    """Let an open patient have their own times again, all of them or none; tell whether they do."""
    affected = lock_patient(affected_patient_id)
    records = [record for record in list_records(affected.id) if needs_time(record)]
    slots = [
        (record.appointment, catalogue.locations_by_id[record.appointment.location_id])
        for record in records
    ]
    lock_days([(location.id, appointment.local_date) for appointment, location in slots])
    if affected.status not in OPEN_ANSWERS or not all(
        appointment.starts_at > now and _has_own_time_free(appointment, location, now)
        for appointment, location in slots
    ):
        return False
    for appointment, location in slots:
        demand = get_demand(appointment, catalogue.services_by_id[appointment.service_id])
        claim_resources(
            *(appointment.id, location, demand, appointment.starts_at, now),
            exempt=get_exempt_rules(appointment),
        )
    close_patient(affected, AnswerStatus.SETTLED, now, actor)
    return True


def give_up_times(records: Sequence[AffectedRecord], now: datetime, actor: str) -> None:
    """Free what is held for a patient's visits; those that nothing is wrong with have their own time again.

    Where that went meanwhile, somebody calls about them, too.
    """
    lock_record_days(records)
    release_holds(records, now, actor)
    for record in records:
        if not record.affected.is_hit and needs_time(record) and _restore(record.appointment, now):
            record.affected.restored_at = now
            audit.record(actor, "restore_time", SUBJECT, record.appointment.id, now)


def _restore(appointment: Appointment, now: datetime) -> bool:
    """Claim an appointment's own time again, if it is free and yet to come; tell whether it is."""
    catalogue = availability.current_catalogue()
    location = catalogue.locations_by_id[appointment.location_id]
    starts_at = appointment.starts_at
    if starts_at <= now or not _has_own_time_free(appointment, location, now):
        return False
    demand = get_demand(appointment, catalogue.services_by_id[appointment.service_id])
    claim_resources(
        *(appointment.id, location, demand, starts_at, now), exempt=get_exempt_rules(appointment)
    )
    return True


def _has_own_time_free(appointment: Appointment, location: LocationCalendar, now: datetime) -> bool:
    exempt = get_exempt_rules(appointment)
    return is_slot_free(appointment, location, appointment.starts_at, now, exempt=exempt)


def lock_record_days(records: Sequence[AffectedRecord], *others: tuple[int, date]) -> None:
    """Lock all days that a patient's visits may touch, in their one order: old ones, held ones and others."""
    days = [(record.appointment.location_id, record.appointment.local_date) for record in records]
    holds = [hold for record in records if (hold := find_held_appointment(record)) is not None]
    lock_days([*days, *((hold.location_id, hold.local_date) for hold in holds), *others])


def lock_patient(affected_patient_id: int) -> AffectedPatient:
    """Return an affected patient as they are now, locked to the transaction's end."""
    return db.session.get_one(AffectedPatient, affected_patient_id, with_for_update=True)


def release_holds(records: Collection[AffectedRecord], now: datetime, actor: str) -> None:
    """Free the times that are held for these."""
    for record in records:
        hold_id, record.affected.hold_id = record.affected.hold_id, None
        db.session.flush()
        if hold_id is not None:
            release_slot(hold_id, now, actor)


def find_held_appointment(record: AffectedRecord) -> Appointment | None:
    """Return the hold of a new time, while it is there."""
    hold_id = record.affected.hold_id
    return db.session.get(Appointment, hold_id) if hold_id is not None else None
