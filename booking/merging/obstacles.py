"""What stands between two records and being one: the rules that one person's appointments keep."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from booking.appointments.conflicts import OCCUPIES_DAY, OCCUPIES_TIME, is_at_same_time
from booking.appointments.models import Appointment
from booking.appointments.rules import OCCUPYING_STATES
from booking.extensions import db
from booking.merging.rules import MergeObstacle
from booking.outages.models import AffectedPatient
from booking.outages.rules import OPEN_ANSWERS
from booking.patients.models import Patient
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON
from booking.series.queries import list_other_infusions
from booking.series.spacing import list_newly_too_close


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """Why two records can't be merged; between which appointments, where it is about two."""

    obstacle: MergeObstacle
    appointment_ids: tuple[int, ...] = ()


class MergeRefused(Exception):
    """Two records can't be merged as things stand: `obstacles` says why."""

    def __init__(self, obstacles: list[MergeConflict]) -> None:
        super().__init__(", ".join(each.obstacle for each in obstacles))
        self.obstacles = obstacles


def list_obstacles(survivor: Patient, other: Patient, today: date) -> list[MergeConflict]:
    """Return all for which `other` can't be merged into `survivor`; `today` is local. Reads only."""
    if survivor.id == other.id or survivor.merged_into_id or other.merged_into_id:
        return [MergeConflict(MergeObstacle.MERGED_ALREADY)]
    if survivor.erased_at or other.erased_at:
        return [MergeConflict(MergeObstacle.ERASED)]
    conflicts = _list_meeting_appointments(survivor.id, other.id)
    if not conflicts:
        conflicts = _list_close_infusions(survivor.id, other.id, today)
    if _have_series(survivor.id) and _have_series(other.id):
        conflicts.append(MergeConflict(MergeObstacle.TWO_SERIES))
    if _are_asked_at_once(survivor.id, other.id):
        conflicts.append(MergeConflict(MergeObstacle.BOTH_ASKED))
    return conflicts


def _list_meeting_appointments(survivor_id: int, other_id: int) -> list[MergeConflict]:
    others = _list_occupying(other_id)
    pairs = [(first, second) for first in _list_occupying(survivor_id) for second in others]
    conflicts = [
        MergeConflict(MergeObstacle.SAME_TIME, (first.id, second.id))
        for first, second in pairs
        if first.status in OCCUPYING_STATES
        and is_at_same_time(second, first.starts_at, first.ends_at)
    ]
    return conflicts + [
        MergeConflict(MergeObstacle.INFUSIONS_SAME_DAY, (first.id, second.id))
        for first, second in pairs
        if first.is_infusion and second.is_infusion and first.local_date == second.local_date
    ]


def _list_occupying(patient_id: int) -> list[Appointment]:
    rows = select(Appointment).where(
        Appointment.patient_id == patient_id, OCCUPIES_TIME | OCCUPIES_DAY
    )
    return list(db.session.scalars(rows.order_by(Appointment.starts_at)))


def _list_close_infusions(survivor_id: int, other_id: int, today: date) -> list[MergeConflict]:
    """Return which infusions, one of them still to come, are nearer than a series allows."""
    infusions, others = list_other_infusions(survivor_id), list_other_infusions(other_id)
    return [
        MergeConflict(MergeObstacle.INFUSIONS_TOO_CLOSE, (pair.first.key, pair.second.key))
        for pair in list_newly_too_close([], infusions, others)
        if max(pair.first.day, pair.second.day) >= today
    ]


def _have_series(patient_id: int) -> bool:
    goes_on = InfusionSeries.status.in_(GOING_ON)
    series = select(InfusionSeries.id).where(InfusionSeries.patient_id == patient_id, goes_on)
    return db.session.scalar(series.limit(1)) is not None


def _are_asked_at_once(survivor_id: int, other_id: int) -> bool:
    cases = [
        set(db.session.scalars(select(AffectedPatient.case_id).filter_by(patient_id=patient_id)))
        for patient_id in (survivor_id, other_id)
    ]
    still_open = select(AffectedPatient.id).where(
        AffectedPatient.case_id.in_(cases[0] & cases[1]),
        AffectedPatient.patient_id.in_((survivor_id, other_id)),
        AffectedPatient.status.in_(OPEN_ANSWERS),
    )
    return db.session.scalar(still_open.limit(1)) is not None
