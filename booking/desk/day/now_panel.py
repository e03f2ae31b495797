"""Who is here now, how far they are, and what is due: what is late comes first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.appointments.day_rules import (
    CLINICAL_STEPS,
    Stage,
    TreatmentFacts,
    TreatmentState,
    TreatmentStep,
    compute_treatment_state,
    plan_treatment,
)
from booking.appointments.limits import check_minutes
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status, allowed_outcomes
from booking.appointments.treatments import facts_by_appointment
from booking.calendars.rules import ResourceNeed
from booking.desk.day.day_view import AppointmentDetails
from booking.series.queries import recovery_by_appointment


@dataclass(frozen=True, slots=True)
class NowRow:
    """Somebody who is here: `steps` are what the reader may record, `outcome` ends the visit by one button.

    `awaits_clinician` tells that the next step is one that the reader may not record.
    """

    details: AppointmentDetails
    state: TreatmentState
    is_late: bool
    steps: Sequence[TreatmentStep]
    outcome: Outcome | None
    awaits_clinician: bool


def read_now_rows(
    details: Iterable[AppointmentDetails], now: datetime, *, is_clinician: bool
) -> list[NowRow]:
    """Return those who have arrived and not left, late checks first, then by what is due."""
    present = [each for each in details if each.appointment.status is Status.ARRIVED]
    states = read_treatment_states([each.appointment for each in present])
    rows = [_describe(each, states[each.appointment.id], now, is_clinician) for each in present]
    return sorted(rows, key=_urgency)


def read_treatment_states(appointments: Collection[Appointment]) -> Mapping[int, TreatmentState]:
    """Return, by appointment, how far each patient is, in a fixed number of queries."""
    ids = [appointment.id for appointment in appointments if appointment.is_infusion]
    facts, recovery = facts_by_appointment(ids), recovery_by_appointment(ids)
    return {
        appointment.id: _state(appointment, facts.get(appointment.id), recovery.get(appointment.id))
        for appointment in appointments
    }


def _state(
    appointment: Appointment, facts: TreatmentFacts | None, recovery: int | None
) -> TreatmentState:
    if not appointment.is_infusion:
        return TreatmentState()
    needs = [ResourceNeed.from_dict(need) for need in appointment.needs]
    plan = plan_treatment(needs, recovery, *check_minutes(), appointment.extra_minutes)
    return compute_treatment_state(facts or TreatmentFacts(), plan)


def _describe(
    details: AppointmentDetails, state: TreatmentState, now: datetime, is_clinician: bool
) -> NowRow:
    steps = [step for step in state.steps if is_clinician or step not in CLINICAL_STEPS]
    return NowRow(
        details=details,
        state=state,
        is_late=is_step_late(state, now),
        steps=steps,
        outcome=_find_outcome(details.appointment, state, now),
        awaits_clinician=state.due is not None and state.due.step not in steps,
    )


def is_step_late(state: TreatmentState, now: datetime) -> bool:
    """Tell whether what is due should have been done by now."""
    return state.due is not None and state.due.is_late(now)


def _find_outcome(appointment: Appointment, state: TreatmentState, now: datetime) -> Outcome | None:
    """Return how a visit ends when all went as it should and nothing is left to be recorded before.

    None before its time begins: that it took place isn't recorded then.
    """
    is_infusion, has_started = appointment.is_infusion, now >= appointment.starts_at
    outcome = Outcome.TREATED if is_infusion else Outcome.SEEN
    is_over = not is_infusion or (state.stage is Stage.READY and state.has_ride)
    return (
        outcome
        if is_over and outcome in allowed_outcomes(is_infusion, has_started=has_started)
        else None
    )


def _urgency(row: NowRow) -> tuple[bool, datetime]:
    due_at = row.state.due.due_at if row.state.due else row.details.appointment.starts_at
    return not row.is_late, due_at
