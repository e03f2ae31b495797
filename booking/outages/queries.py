"""What pages and the scheduler read of outages and of those they hit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.locations.models import Outage
from booking.outages.models import AffectedAppointment, AffectedPatient, OutageCase, OutagePlan
from booking.outages.rules import OPEN_ANSWERS, AnswerStatus, CaseStatus

UNDECIDED = (CaseStatus.PLANNING, CaseStatus.PROPOSED)


@dataclass(frozen=True, slots=True)
class CaseOverview:
    """An outage with what is done about it, and how many patients are asked and still open."""

    case: OutageCase
    outage: Outage
    patient_count: int
    open_count: int


@dataclass(frozen=True, slots=True)
class AffectedRecord:
    """An appointment that loses its time, as it was and as it is now."""

    affected: AffectedAppointment
    appointment: Appointment

    @property
    def is_as_planned(self) -> bool:
        """Tell whether nobody has moved, or otherwise changed, the appointment since."""
        return self.appointment.sequence == self.affected.sequence


def find_case(case_id: int) -> OutageCase | None:
    """Return a case, whatever its status."""
    return db.session.get(OutageCase, case_id)


def get_outage(case: OutageCase) -> Outage:
    """Return what a case is about."""
    return db.session.get_one(Outage, case.outage_id)


def list_cases() -> list[CaseOverview]:
    """Return all outages: those that go on first, then by when they begin, the latest first."""
    rows = db.session.execute(
        select(OutageCase, Outage)
        .join(Outage, Outage.id == OutageCase.outage_id)
        .order_by(Outage.starts_at.desc(), OutageCase.id.desc())
    ).all()
    statuses = _statuses_by_case([case.id for case, _ in rows])
    overviews = [
        CaseOverview(
            case,
            outage,
            len(statuses.get(case.id, ())),
            sum(status in OPEN_ANSWERS for status in statuses.get(case.id, ())),
        )
        for case, outage in rows
    ]
    return sorted(overviews, key=lambda each: each.case.status is CaseStatus.ENDED)


def list_cases_between(begins: datetime, ends: datetime) -> list[tuple[OutageCase, Outage]]:
    """Return the outages that touch [begins, ends), wherever they are, with what is done about them."""
    rows = db.session.execute(
        select(OutageCase, Outage)
        .join(Outage, Outage.id == OutageCase.outage_id)
        .where(
            Outage.starts_at < ends,
            or_(Outage.ends_at.is_(None), Outage.ends_at > begins),
            or_(Outage.ends_at.is_(None), Outage.ends_at > Outage.starts_at),
        )
        .order_by(Outage.starts_at)
    )
    return [(case, outage) for case, outage in rows]


def _statuses_by_case(case_ids: Collection[int]) -> dict[int, list[AnswerStatus]]:
    rows = select(AffectedPatient.case_id, AffectedPatient.status).where(
        AffectedPatient.case_id.in_(case_ids)
    )
    statuses: dict[int, list[AnswerStatus]] = {}
    for case_id, status in db.session.execute(rows):
        statuses.setdefault(case_id, []).append(status)
    return statuses


def list_plans(case_id: int) -> list[OutagePlan]:
    """Return the plans made last for a case, the one that leaves the fewest without a time first."""
    plans = select(OutagePlan).filter_by(case_id=case_id)
    return list(db.session.scalars(plans.order_by(OutagePlan.unplaced, OutagePlan.id)))


def find_kept_plan(plan_id: int) -> OutagePlan | None:
    """Return one plan."""
    return db.session.get(OutagePlan, plan_id)


def list_affected_patients(case_id: int) -> list[AffectedPatient]:
    """Return whom the plan chosen for a case moves, or could give no time."""
    patients = select(AffectedPatient).filter_by(case_id=case_id)
    return list(db.session.scalars(patients.order_by(AffectedPatient.id)))


def list_records_by_affected(
    affected_patient_ids: Collection[int],
) -> dict[int, list[AffectedRecord]]:
    """Return, by affected patient, the appointments that lose their times, in order of time."""
    rows = db.session.execute(
        select(AffectedAppointment, Appointment)
        .join(Appointment, Appointment.id == AffectedAppointment.appointment_id)
        .where(AffectedAppointment.affected_patient_id.in_(affected_patient_ids))
        .order_by(AffectedAppointment.old_starts_at, AffectedAppointment.id)
    )
    records: dict[int, list[AffectedRecord]] = {}
    for affected, appointment in rows:
        record = AffectedRecord(affected, appointment)
        records.setdefault(affected.affected_patient_id, []).append(record)
    return records


def list_records(affected_patient_id: int) -> list[AffectedRecord]:
    """Return the appointments of one affected patient, in order of time."""
    return list_records_by_affected([affected_patient_id]).get(affected_patient_id, [])


def find_by_choice_token(token: str) -> AffectedPatient | None:
    """Return the affected patient whose link has this token."""
    return db.session.scalar(select(AffectedPatient).filter_by(token=token))


def find_affected_patient(affected_patient_id: int) -> AffectedPatient | None:
    """Return one affected patient."""
    return db.session.get(AffectedPatient, affected_patient_id)


def find_open_by_appointment(appointment_id: int) -> AffectedPatient | None:
    """Return the affected patient who is still to agree to a new time for an appointment, if one is."""
    return db.session.scalar(
        select(AffectedPatient)
        .join(AffectedAppointment, AffectedAppointment.affected_patient_id == AffectedPatient.id)
        .where(
            AffectedAppointment.appointment_id == appointment_id,
            AffectedPatient.status.in_(OPEN_ANSWERS),
        )
    )


def list_open_patient_ids(case_id: int | None = None) -> list[int]:
    """Return the ids of affected patients (of one case, or all) who are not seen to yet."""
    rows = select(AffectedPatient.id).where(AffectedPatient.status.in_(OPEN_ANSWERS))
    if case_id is not None:
        rows = rows.where(AffectedPatient.case_id == case_id)
    return list(db.session.scalars(rows.order_by(AffectedPatient.id)))


def list_finished_case_ids() -> list[int]:
    """Return the ids of cases whose plan is used, and of which nobody is left to be seen to."""
    is_open = exists().where(
        AffectedPatient.case_id == OutageCase.id, AffectedPatient.status.in_(OPEN_ANSWERS)
    )
    finished = select(OutageCase.id).where(OutageCase.status == CaseStatus.APPLIED, ~is_open)
    return list(db.session.scalars(finished))


def list_proposed_case_ids() -> list[int]:
    """Return the ids of cases whose plans are made, and of which nobody has chosen one."""
    proposed = select(OutageCase.id).where(OutageCase.status == CaseStatus.PROPOSED)
    return list(db.session.scalars(proposed.order_by(OutageCase.id)))


def find_case_to_plan(now: datetime) -> int | None:
    """Return the id of the case to be planned next, if one waits and no scheduler is at it."""
    waiting = select(OutageCase.id).where(
        OutageCase.status == CaseStatus.PLANNING, OutageCase.plan_again_at <= now
    )
    return db.session.scalar(waiting.order_by(OutageCase.id).limit(1))


def list_undecided_outages() -> Sequence[Outage]:
    """Return the outages for which nobody has chosen a plan yet."""
    undecided = (
        select(Outage)
        .join(OutageCase, OutageCase.outage_id == Outage.id)
        .where(OutageCase.status.in_(UNDECIDED))
    )
    return db.session.scalars(undecided).all()


def filter_awaited(appointment_ids: Collection[int], now: datetime) -> set[int]:
    """Return those of these appointments whose patients are asked by text and have time to answer."""
    awaited = (
        select(AffectedAppointment.appointment_id)
        .join(AffectedPatient, AffectedPatient.id == AffectedAppointment.affected_patient_id)
        .where(
            AffectedAppointment.appointment_id.in_(appointment_ids),
            AffectedPatient.status == AnswerStatus.ASKED,
            AffectedPatient.answer_by > now,
        )
    )
    return set(db.session.scalars(awaited))
