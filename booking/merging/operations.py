"""Merging two records of one person, and parting them again as they were."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import delete, select, update

from booking.appointments import operations as appointment_operations
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.merging import owned_rows
from booking.merging.models import MergeDetails, PatientMerge
from booking.merging.obstacles import MergeRefused, list_obstacles
from booking.merging.rules import UndoObstacle, merge_values
from booking.messaging import persons as message_persons
from booking.patients import consents, editing
from booking.patients.models import Patient, TextConsent
from booking.reminders.persons import PATIENT
from booking.reminders.topics import appointment_topic, series_topic
from booking.screening import flags
from booking.screening.models import Flag
from booking.tasks import subjects as task_subjects

SUBJECT = "patient"  # of tasks


class MergeUndoRefused(Exception):
    """A merge can't be undone as things stand; `obstacle` says why."""

    def __init__(self, obstacle: UndoObstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@transaction()
def merge_patients(
    survivor_id: int,
    merged_id: int,
    taken_fields: Collection[str],
    staff_id: int,
    today: date,
    now: datetime,
) -> PatientMerge:
    """Make everything of one record another's, and keep how it was; `taken_fields` are the merged one's.

    The stricter answer about texts and voicemail holds. `today` is local. Whoever books for the merged record
    at this moment waits, and then books for the kept one. Raises `MergeRefused`.
    """
    survivor, merged = _lock(survivor_id, merged_id)
    if obstacles := list_obstacles(survivor, merged, today):
        raise MergeRefused(obstacles)
    details = _move_all(survivor, merged, staff_id, now)
    details["fields"] = _merge_fields(survivor, merged, taken_fields, staff_id, now)
    merged.merged_into_id = survivor.id
    merge = PatientMerge(
        survivor_id=survivor.id,
        merged_id=merged.id,
        details=details,
        merged_at=now,
        merged_by_id=staff_id,
    )
    db.session.add(merge)
    db.session.flush()
    _record("merge_patients", merge, staff_id, now)
    _notice_changes([survivor.id], now)
    return merge


@transaction()
def undo_merge(merge_id: int, staff_id: int, now: datetime) -> PatientMerge:
    """Part two records again: each has what it had, what came since is the kept one's.

    A field that was corrected since stays as it is. Raises `MergeUndoRefused`.
    """
    merge = db.session.get_one(PatientMerge, merge_id, with_for_update=True)
    survivor, merged = _lock(merge.survivor_id, merge.merged_id)
    if merge.undone_at is not None:
        raise MergeUndoRefused(UndoObstacle.UNDONE_ALREADY)
    if survivor.merged_into_id is not None:
        raise MergeUndoRefused(UndoObstacle.MERGED_ON)
    _move_back(merge, now)
    _restore_fields(survivor, merge.details, staff_id, now)
    merged.merged_into_id, merge.undone_at, merge.undone_by_id = None, now, staff_id
    db.session.flush()
    _record("undo_merge", merge, staff_id, now)
    _notice_changes([survivor.id, merged.id], now)
    return merge


def list_merges(patient_id: int) -> list[PatientMerge]:
    """Return the merges into a record, undone ones too, the latest first."""
    merges = select(PatientMerge).filter_by(survivor_id=patient_id)
    return list(db.session.scalars(merges.order_by(PatientMerge.id.desc())))


def find_merge(merge_id: int) -> PatientMerge | None:
    """Return a merge, also one that was undone."""
    return db.session.get(PatientMerge, merge_id)


def _lock(survivor_id: int, merged_id: int) -> tuple[Patient, Patient]:
    """Lock both records, by id, against whoever books for one: its row must be there to refer to."""
    rows = select(Patient).where(Patient.id.in_((survivor_id, merged_id))).order_by(Patient.id)
    fresh = rows.with_for_update().execution_options(populate_existing=True)
    patients = {patient.id: patient for patient in db.session.scalars(fresh)}
    return patients[survivor_id], patients[merged_id]


def _move_all(survivor: Patient, merged: Patient, staff_id: int, now: datetime) -> MergeDetails:
    attached_flags = [flag.id for flag in flags.list_open_flags(merged.id) if not flag.patient_id]
    flags.attach_matching_flags(merged.id)
    db.session.flush()
    moved_tasks, closed_tasks = task_subjects.move_tasks(SUBJECT, merged.id, survivor.id, now)
    return MergeDetails(
        consents=consents.keep_stricter(survivor, merged, staff_id, now),
        rows=owned_rows.move_rows(merged.id, survivor.id),
        messages=message_persons.reassign_person(_person(merged.id), _person(survivor.id)),
        tasks=moved_tasks,
        closed_tasks=closed_tasks,
        flags=attached_flags,
        fields={},
    )


def _move_back(merge: PatientMerge, now: datetime) -> None:
    details = merge.details
    owned_rows.move_rows_back(details["rows"], merge.survivor_id, merge.merged_id)
    db.session.execute(update(Flag).where(Flag.id.in_(details["flags"])).values(patient_id=None))
    db.session.execute(delete(TextConsent).where(TextConsent.id.in_(details["consents"])))
    task_subjects.move_tasks_back(
        SUBJECT, merge.merged_id, details["tasks"], details["closed_tasks"], now
    )
    topics = [appointment_topic(number) for number in details["rows"]["appointment"]]
    topics += [series_topic(number) for number in details["rows"]["infusion_series"]]
    message_persons.assign_messages(details["messages"], topics, _person(merge.merged_id))


def _merge_fields(
    survivor: Patient, merged: Patient, taken_fields: Collection[str], staff_id: int, now: datetime
) -> dict[str, list[str | None]]:
    before = editing.list_values(survivor)
    after = merge_values(before, editing.list_values(merged), taken_fields)
    changed_fields = editing.change_values(survivor, after, staff_id, now)
    return {name: [before[name], after[name]] for name in sorted(changed_fields)}


def _restore_fields(survivor: Patient, details: MergeDetails, staff_id: int, now: datetime) -> None:
    current = editing.list_values(survivor)
    fields = details["fields"]
    unchanged = {name: old for name, (old, new) in fields.items() if current[name] == new}
    editing.change_values(survivor, unchanged, staff_id, now, is_given_back=True)


def _notice_changes(patient_ids: Collection[int], now: datetime) -> None:
    """Let what is owed to these people be derived anew, and forms opened before be outdated."""
    db.session.expire_all()
    for patient_id in patient_ids:
        appointment_operations.mark_upcoming_changed(patient_id, now)


def _person(patient_id: int) -> str:
    return f"{PATIENT}{patient_id}"


def _record(action: str, merge: PatientMerge, staff_id: int, now: datetime) -> None:
    actor = staff_actor(staff_id)
    audit.record(
        actor, action, SUBJECT, merge.survivor_id, now, merged=merge.merged_id, merge=merge.id
    )
