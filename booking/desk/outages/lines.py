"""Those whom an outage hits, as its pages list them: who, when, what becomes of it, what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.appointments.contacts import contacts_by_appointment
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.db.rows import get_rows_by_id
from booking.outages.models import AffectedPatient, OutagePlan
from booking.outages.queries import AffectedRecord, list_affected_patients, list_records_by_affected
from booking.outages.rules import ANSWERABLE, OPEN_ANSWERS, AnswerStatus, NoTimeReason
from booking.outages.settling import needs_time
from booking.patients.models import Patient
from booking.patients.queries import get_patients_by_id


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """An appointment with whom it is for, and the number to call."""

    appointment: Appointment
    patient: Patient
    location: LocationCalendar
    phone: str | None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What a plan has for one appointment: a new time and place, its own time, or why none.

    Not `is_hit` is one that could take place, and moves so that others of its series can.
    """

    line: AppointmentLine
    starts_at: datetime | None
    location: LocationCalendar | None
    stays: bool
    reason: NoTimeReason | None
    is_hit: bool


@dataclass(frozen=True, slots=True)
class AffectedLine:
    """One affected patient with their appointments; `can_answer` while the new times are held."""

    affected: AffectedPatient
    records: Sequence[AffectedRecord]
    patient: Patient
    phone: str | None
    is_late: bool
    can_answer: bool

    @property
    def old_start(self) -> datetime:
        """The first start that was lost."""
        return self.records[0].affected.old_starts_at


@dataclass(frozen=True, slots=True)
class Board:
    """Affected patients by what is to be done: to be called, the earliest first; awaited; seen to."""

    to_call: Sequence[AffectedLine]
    awaited: Sequence[AffectedLine]
    settled: Sequence[AffectedLine]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in numbers: visits with a new time, how many of them elsewhere, and those that keep theirs.

    `besides`: how many of those with a new time could have taken place as booked.
    """

    plan: OutagePlan
    moved: int
    elsewhere: int
    stay: int
    besides: int


def summarize_plan(plan: OutagePlan) -> PlanSummary:
    """Count what a plan has for its appointments."""
    lines = list_plan_lines(plan)
    moved = [line for line in lines if line.location is not None and not line.stays]
    elsewhere = [line for line in moved if line.location != line.line.location]
    stay = sum(line.stays for line in lines)
    besides = sum(not line.is_hit for line in moved)
    return PlanSummary(plan, len(moved), len(elsewhere), stay, besides)


def list_appointment_lines(appointment_ids: Sequence[int]) -> list[AppointmentLine]:
    """Return a line for each appointment: patient, time, outcome, answer; the soonest first."""
    appointments = get_rows_by_id(Appointment, appointment_ids)
    lines = _describe(appointments)
    return sorted(lines.values(), key=lambda line: line.appointment.starts_at)


def list_plan_lines(plan: OutagePlan) -> list[PlanLine]:
    """Return what a plan has for each appointment, in order of time."""
    by_id = availability.current_catalogue().locations_by_id
    lines = _describe(get_rows_by_id(Appointment, [move["appointment"] for move in plan.moves]))
    return [
        PlanLine(
            lines[move["appointment"]],
            datetime.fromisoformat(move["starts_at"]) if "starts_at" in move else None,
            by_id[move["location"]] if "location" in move else None,
            bool(move.get("stays")),
            NoTimeReason(move["reason"]) if "reason" in move else None,
            move.get("hit", True),
        )
        for move in plan.moves
        if move["appointment"] in lines
    ]


def read_board(case_id: int, now: datetime) -> Board:
    """Return everybody whom the plan of a case moves, by what is to be done."""
    affected_patients = list_affected_patients(case_id)
    records = list_records_by_affected([affected.id for affected in affected_patients])
    patients = get_patients_by_id({affected.patient_id for affected in affected_patients})
    phones = _list_phones([record.appointment for each in records.values() for record in each])
    lines = sorted(
        (
            _board_line(affected, records[affected.id], patients[affected.patient_id], phones, now)
            for affected in affected_patients
            if affected.id in records
        ),
        key=lambda line: line.old_start,
    )
    open_lines = [line for line in lines if line.affected.status in OPEN_ANSWERS]
    awaited = [line for line in open_lines if _is_awaited(line)]
    return Board(
        [line for line in open_lines if not _is_awaited(line)],
        awaited,
        [line for line in lines if line.affected.status not in OPEN_ANSWERS],
    )


def _is_awaited(line: AffectedLine) -> bool:
    return line.affected.status is AnswerStatus.ASKED and not line.is_late


def _board_line(
    affected: AffectedPatient,
    records: Sequence[AffectedRecord],
    patient: Patient,
    phones: Mapping[int, str],
    now: datetime,
) -> AffectedLine:
    is_held = affected.held_until is not None and now < affected.held_until
    can_answer = affected.status in ANSWERABLE and any(
        needs_time(record) and record.affected.hold_id is not None for record in records
    )
    return AffectedLine(
        affected,
        records,
        patient,
        phones.get(records[0].appointment.id) or patient.phone,
        affected.answer_by is not None and affected.answer_by <= now,
        is_held and can_answer,
    )


def _describe(appointments: Mapping[int, Appointment]) -> dict[int, AppointmentLine]:
    by_id = availability.current_catalogue().locations_by_id
    patients = get_patients_by_id(
        {each.patient_id for each in appointments.values() if each.patient_id is not None}
    )
    phones = _list_phones([*appointments.values()])
    return {
        key: AppointmentLine(
            each,
            patients[each.patient_id],
            by_id[each.location_id],
            phones.get(key) or patients[each.patient_id].phone,
        )
        for key, each in appointments.items()
        if each.patient_id is not None
    }


def _list_phones(appointments: Sequence[Appointment]) -> dict[int, str]:
    contacts = contacts_by_appointment([appointment.id for appointment in appointments])
    return {key: contact.phone for key, contact in contacts.items() if contact.phone}
