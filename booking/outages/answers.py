"""What a patient, or the desk for them, says to new times: taken, another one, none of them.

Locks are taken in one order everywhere: the affected patient, the appointments, the calendar days.
"""

from collections.abc import Sequence
from datetime import datetime

from booking.appointments.exemptions import ClaimTerms
from booking.appointments.models import Appointment
from booking.appointments.operations import lock_for_change, move
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.db.transactions import transaction
from booking.outages.models import AffectedPatient
from booking.outages.queries import AffectedRecord, list_records
from booking.outages.rules import ANSWERABLE, OPEN_ANSWERS, AnswerStatus, CallOutcome
from booking.outages.settling import (
    PATIENT,
    close_patient,
    give_up_times,
    lock_patient,
    lock_record_days,
    needs_time,
    open_calls,
)

ONLINE = "online"  # who answers by the link
AGREED = (AnswerStatus.ACCEPTED, AnswerStatus.CHOSE_OTHER)


class UnknownChoice(LookupError):
    """No affected patient has this token."""


class ChoiceOver(Exception):
    """The times are held no longer: answered otherwise, too late, or the visit was changed meanwhile."""


@transaction()
def accept_times(affected_patient_id: int, now: datetime, actor: str) -> list[Appointment]:
    """Move a patient's appointments to the times that are held for them; twice moves once.

    All of them or none. Raises `ChoiceOver`, and what `appointments.operations.move` raises: then nothing has
    changed, and the times stay held.
    """
    affected = lock_patient(affected_patient_id)
    records = list_records(affected.id)
    if affected.status in AGREED:
        return [record.appointment for record in records]
    held_records = _require_held(affected, records, now)
    for record in held_records:
        lock_for_change(record.appointment.id, None)
    resource_ids = {
        record.affected.id: calendars.claimed_resource_ids(record.affected.hold_id or 0)
        for record in held_records
    }
    lock_record_days(held_records)
    close_patient(affected, AnswerStatus.ACCEPTED, now, actor)
    return [
        _move(record, held_records, resource_ids[record.affected.id], now, actor)
        for record in _in_possible_order(held_records)
    ]


@transaction()
def choose_other_time(
    affected_patient_id: int, location: str, starts_at: datetime, now: datetime, actor: str
) -> Appointment:
    """Move the one appointment of a patient to another time than the one held, which is free again.

    Raises `ChoiceOver`, `UnknownSlug`, and what `appointments.operations.move` raises, which changes nothing.
    """
    affected = lock_patient(affected_patient_id)
    records = list_records(affected.id)
    if affected.status in AGREED and len(records) == 1:
        return records[0].appointment
    open_records = [record for record in records if needs_time(record)]
    if affected.status not in OPEN_ANSWERS or len(open_records) != 1:
        raise ChoiceOver
    appointment = lock_for_change(open_records[0].appointment.id, None)
    calendar = availability.get_location(availability.current_catalogue(), location)
    new_day = (calendar.id, starts_at.astimezone(calendar.zone).date())
    lock_record_days(open_records, new_day)
    close_patient(affected, AnswerStatus.CHOSE_OTHER, now, actor)
    return move(appointment.id, starts_at, now, actor, location=location)


@transaction()
def decline_times(affected_patient_id: int, now: datetime, actor: str) -> None:
    """Keep that none of the times suits: they are free again, and somebody calls. Twice changes nothing.

    Raises `ChoiceOver`.
    """
    affected = lock_patient(affected_patient_id)
    if affected.status is AnswerStatus.DECLINED:
        return
    records = list_records(affected.id)
    _require_held(affected, records, now)
    give_up_times(records, now, actor)
    affected.status, affected.answered_at = AnswerStatus.DECLINED, now
    audit.record(actor, "answer_declined", PATIENT, affected.id, now)
    open_calls(records, now)


@transaction()
def record_call_outcome(
    affected_patient_id: int, outcome: CallOutcome, now: datetime, actor: str
) -> None:
    """Record the outcome of a call to an affected patient; who wasn't reached stays on the list of calls."""
    affected = lock_patient(affected_patient_id)
    affected.called_at, affected.call_outcome = now, outcome
    audit.record(actor, "call_affected", PATIENT, affected.id, now, outcome=outcome.value)


def _require_held(
    affected: AffectedPatient, records: Sequence[AffectedRecord], now: datetime
) -> list[AffectedRecord]:
    """Return the appointments with times that can be taken now; raise `ChoiceOver` when there are none."""
    held_records = [
        record for record in records if needs_time(record) and record.affected.hold_id is not None
    ]
    is_over = affected.held_until is None or now >= affected.held_until
    if affected.status not in ANSWERABLE or is_over or not held_records:
        raise ChoiceOver
    return held_records


def _move(
    record: AffectedRecord,
    records: Sequence[AffectedRecord],
    resource_ids: Sequence[int],
    now: datetime,
    actor: str,
) -> Appointment:
    locations = availability.current_catalogue().locations_by_id
    together = {
        each.appointment.id: each.affected.local_date
        for each in records
        if each.affected.local_date is not None
    }
    return move(
        record.appointment.id, record.affected.starts_at or now, now, actor,
        location=locations[record.affected.location_id or 0].slug, together=together,
        terms=ClaimTerms(resource_ids),
    )  # fmt: skip


def _in_possible_order(records: Sequence[AffectedRecord]) -> list[AffectedRecord]:
    """Return appointments so that none moves to a day on which another still is: one infusion a day."""
    waiting, in_order = list(records), list[AffectedRecord]()
    while waiting:
        ready = [
            each
            for each in waiting
            if not any(
                other is not each and other.appointment.local_date == each.affected.local_date
                for other in waiting
            )
        ]
        following = (ready or waiting)[0]
        waiting.remove(following)
        in_order.append(following)
    return in_order
