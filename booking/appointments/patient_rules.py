"""What whoever an appointment is for has to do with its start, rule by rule."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from booking.appointments.conflicts import is_at_same_time, takes_day_of_infusion
from booking.appointments.models import Appointment
from booking.calendars.local_days import LocalDay
from booking.calendars.relaxations import RuleKind, RulePrice
from booking.calendars.ruled_days import Facts, StartRule, constant_facts
from booking.calendars.rules import ResourceDemand
from booking.screening.rules import Clearance, ClearanceBasis


class PatientRule(StrEnum):
    """A rule about whoever an appointment is for, as a code; beside it the facts a blocker comes with."""

    BUSY = "busy"  # appointment_id, service_id, location_id, starts_at, ends_at: of the other
    INFUSION_THAT_DAY = "infusion_that_day"  # the same
    MINOR = "minor"
    CALL_FIRST = "call_first"  # an open flag asks for a clinician's call before anything is booked
    NOT_CLEARED = (
        "not_cleared"  # clearance: what stands in the way; valid_until: of the finding; day
    )
    FINDING_SAYS_NO = "finding_says_no"
    NOT_MOVABLE = "not_movable"  # reason: why, as `ActionNotAllowed` has it


CLEARANCE_RULES = {
    Clearance.MINOR: PatientRule.MINOR,
    Clearance.FINDING_SAYS_NO: PatientRule.FINDING_SAYS_NO,
}
# A practitioner may look again, and another appointment of the patient's be moved.
PATIENT_PRICES: Mapping[StrEnum, RulePrice] = {
    PatientRule.BUSY: RulePrice(RuleKind.BUSY, 30),
    PatientRule.NOT_CLEARED: RulePrice(RuleKind.CLEARANCE, 20),
}


def list_patient_rules(
    day: LocalDay, demand: ResourceDemand, others: Sequence[Appointment], *, is_infusion: bool
) -> list[StartRule]:
    """Return the rules that a patient's other appointments (of `list_occupying_appointments`) make."""
    rules = []
    for other in _near(others, day, demand):
        facts = _facts_of(other)
        starts = _starts_beside(other, day, demand)
        if starts != day.all_cells:
            rules.append(StartRule(PatientRule.BUSY, starts, partial(constant_facts, facts)))
        if is_infusion and takes_day_of_infusion(other, day.local_date):
            rules.append(StartRule.against_day(PatientRule.INFUSION_THAT_DAY, **facts))
    return rules


def list_clearance_rules(basis: ClearanceBasis, day: date) -> list[StartRule]:
    """Return one rule for each thing for which a patient isn't cleared for an infusion on a local day."""
    return [
        StartRule.against_day(
            CLEARANCE_RULES.get(problem, PatientRule.NOT_CLEARED),
            clearance=problem,
            valid_until=basis.valid_until,
            day=day,
        )
        for problem in basis.list_problems_on(day)
    ]


def _near(
    others: Sequence[Appointment], day: LocalDay, demand: ResourceDemand
) -> list[Appointment]:
    """Return those of some appointments that can have to do with one starting on a day."""
    ends_at = day.ends_at + timedelta(minutes=demand.minutes)
    return [
        other
        for other in others
        if other.local_date == day.local_date
        or (other.starts_at < ends_at and other.ends_at > day.starts_at)
    ]


def _starts_beside(other: Appointment, day: LocalDay, demand: ResourceDemand) -> int:
    """Return the cells from which an appointment doesn't meet the patient's other one."""
    length, starts = timedelta(minutes=demand.minutes), 0
    for cell in range(day.cells):
        starts_at = day.cell_start(cell)
        if not is_at_same_time(other, starts_at, starts_at + length):
            starts |= 1 << cell
    return starts


def _facts_of(other: Appointment) -> Facts:
    return {
        "appointment_id": other.id,
        "service_id": other.service_id,
        "location_id": other.location_id,
        "starts_at": other.starts_at,
        "ends_at": other.ends_at,
    }
