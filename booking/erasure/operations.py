"""Erasing a patient's record, and forbidding it for as long as the record has to be preserved."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.erasure import traces as finding
from booking.erasure.models import LegalHold
from booking.erasure.obstacles import ErasureRefused, list_obstacles, list_standing_holds
from booking.erasure.removal import remove_words
from booking.erasure.rules import ErasureObstacle
from booking.erasure.subjects import list_all_task_ids
from booking.erasure.traces import PatientTraces, read_traces
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient, StaffNote

SUBJECT = "patient"


class HoldStands(Exception):
    """A record has a legal hold already, or none that could be lifted."""


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What an erasure would take, and what it would leave."""

    obstacles: list[ErasureObstacle]
    records: int
    appointments: int
    series: int
    messages: int
    texts: int
    notes: int
    tasks: int
    trail_entries: int
    shares_phone: bool  # somebody else is reached there: texts from it stay
    shares_email: bool


def preview_erasure(patient: Patient) -> ErasurePreview:
    """Count what an erasure would take and leave, doing nothing."""
    traces = read_traces(patient.id)
    return ErasurePreview(
        obstacles=list_obstacles(patient, traces),
        records=len(traces.record_ids),
        appointments=len(traces.appointment_ids),
        series=len(traces.series_ids),
        messages=len(finding.list_message_ids(traces)),
        texts=len(finding.list_inbound_ids(traces)),
        notes=_count_notes(traces),
        tasks=len(list_all_task_ids(traces)),
        trail_entries=_count_trail(traces),
        shares_phone=bool(traces.shared_phones),
        shares_email=bool(traces.shared_emails),
    )


def _count_notes(traces: PatientTraces) -> int:
    notes = select(func.count()).where(StaffNote.patient_id.in_(traces.record_ids))
    return db.session.scalar(notes) or 0


def _count_trail(traces: PatientTraces) -> int:
    entries = select(func.count()).where(
        AuditEntry.subject_kind == SUBJECT, AuditEntry.subject_id.in_(traces.record_ids)
    )
    return db.session.scalar(entries) or 0


@transaction()
def erase_patient(patient_id: int, now: datetime, actor: str) -> None:
    """Take a patient's words out of all tables; nothing brings them back. Raises `ErasureRefused`.

    The records merged into theirs go with it. That it was done, by whom, and how much it was, is on record.
    """
    patient = lock_row(Patient, patient_id)
    traces = read_traces(patient.id)
    if obstacles := list_obstacles(patient, traces):
        raise ErasureRefused(obstacles)
    remove_words(traces, now)
    db.session.flush()
    db.session.expire_all()
    audit.record(
        actor, "erase_patient", SUBJECT, patient_id, now,
        records=len(traces.record_ids), appointments=len(traces.appointment_ids),
    )  # fmt: skip


@transaction()
def place_hold(patient_id: int, reason: str, staff_id: int, now: datetime, actor: str) -> None:
    """Forbid that a record is erased, until it is lifted. Raises `HoldStands`, `ErasureRefused`."""
    patient = lock_row(Patient, patient_id)
    if patient.erased_at is not None:
        raise ErasureRefused([ErasureObstacle.ERASED_ALREADY])
    if is_held(patient_id):
        raise HoldStands
    hold = LegalHold(patient_id=patient_id, reason=reason, placed_by_id=staff_id, placed_at=now)
    db.session.add(hold)
    db.session.flush()
    audit.record(actor, "place_legal_hold", SUBJECT, patient_id, now, hold=hold.id)


@transaction()
def lift_hold(patient_id: int, staff_id: int, now: datetime, actor: str) -> None:
    """Let a record be erased again. Raises `HoldStands` where none forbids it."""
    lock_row(Patient, patient_id)
    holds = list_standing_holds(patients.list_record_ids(patient_id))
    if not holds:
        raise HoldStands
    for hold in holds:
        hold.lifted_at, hold.lifted_by_id = now, staff_id
        audit.record(actor, "lift_legal_hold", SUBJECT, patient_id, now, hold=hold.id)


def is_held(patient_id: int) -> bool:
    """Tell whether a legal hold stands on a person's records."""
    return bool(list_standing_holds(patients.list_record_ids(patient_id)))


def list_holds(patient_id: int) -> list[LegalHold]:
    """Return the legal holds that a person's records have or had, the latest first."""
    record_ids = patients.list_record_ids(patient_id)
    holds = select(LegalHold).where(LegalHold.patient_id.in_(record_ids))
    return list(db.session.scalars(holds.order_by(LegalHold.id.desc())))
