"""Why a patient's record can't be erased now: something is still to come, to do, or to be preserved."""

from sqlalchemy import Select, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.erasure import traces as finding
from booking.erasure.models import LegalHold
from booking.erasure.rules import ErasureObstacle
from booking.erasure.subjects import list_all_task_ids
from booking.erasure.traces import PatientTraces
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus
from booking.patients.models import Patient
from booking.screening.models import Flag
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON
from booking.tasks.models import Task

STANDING = (Status.PENDING, Status.BOOKED, Status.ARRIVED)
ON_THE_WAY = (MessageStatus.PLANNED, MessageStatus.SENDING)


class ErasureRefused(Exception):
    """A patient's record can't be erased as things stand: `obstacles` say why."""

    def __init__(self, obstacles: list[ErasureObstacle]) -> None:
        super().__init__(", ".join(obstacles))
        self.obstacles = obstacles


def list_obstacles(patient: Patient, traces: PatientTraces) -> list[ErasureObstacle]:
    """Return all for which a patient's record can't be erased; reads only."""
    if patient.erased_at is not None:
        return [ErasureObstacle.ERASED_ALREADY]
    if patient.merged_into_id is not None:
        return [ErasureObstacle.MERGED]
    return [obstacle for obstacle, rows in _list_questions(traces).items() if _are_any(rows)]


def _list_questions(traces: PatientTraces) -> dict[ErasureObstacle, Select[int]]:
    """Return, by obstacle, the rows that are one."""
    records = traces.record_ids
    return {
        ErasureObstacle.LEGAL_HOLD: select(LegalHold.id).where(
            LegalHold.patient_id.in_(records), LegalHold.lifted_at.is_(None)
        ),
        ErasureObstacle.COMING_APPOINTMENT: select(Appointment.id).where(
            Appointment.patient_id.in_(records), Appointment.status.in_(STANDING)
        ),
        ErasureObstacle.RUNNING_SERIES: select(InfusionSeries.id).where(
            InfusionSeries.patient_id.in_(records), InfusionSeries.status.in_(GOING_ON)
        ),
        ErasureObstacle.OPEN_TASK: select(Task.id).where(
            Task.id.in_(list_all_task_ids(traces)), Task.done_at.is_(None)
        ),
        ErasureObstacle.OPEN_FLAG: select(Flag.id).where(
            Flag.id.in_(finding.list_erased_flag_ids(traces)), Flag.cleared_at.is_(None)
        ),
        ErasureObstacle.MESSAGE_WAITING: select(Message.id).where(
            Message.id.in_(finding.list_message_ids(traces)), Message.status.in_(ON_THE_WAY)
        ),
    }


def _are_any(rows: Select[int]) -> bool:
    return db.session.scalar(rows.limit(1)) is not None


def list_standing_holds(record_ids: list[int]) -> list[LegalHold]:
    """Return the legal holds that stand on any of a person's records."""
    holds = select(LegalHold).where(
        LegalHold.patient_id.in_(record_ids), LegalHold.lifted_at.is_(None)
    )
    return list(db.session.scalars(holds.order_by(LegalHold.id)))
