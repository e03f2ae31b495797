"""An infusion's day by its rules: where the patient is, what is due, and what is late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.appointments.day_rules import (
    DueStep,
    Stage,
    TreatmentFacts,
    TreatmentPlan,
    TreatmentStep,
    compute_treatment_state,
    plan_treatment,
    require_step_allowed,
)
from booking.appointments.rules import ActionNotAllowed
from booking.calendars.rules import infusion_needs

TEN = datetime(2026, 11, 30, 17, tzinfo=UTC)
PLAN = TreatmentPlan(setup=15, infusion=45, recovery=30, check=15, recovery_check=20)
SEATED = TreatmentFacts(seated_at=TEN)


def after(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


STARTED = replace(SEATED, started_at=after(15))
CHECKED = replace(STARTED, checks=(after(31), after(47)))
RECOVERING = replace(CHECKED, recovery_at=after(60))
READY = replace(RECOVERING, ready_at=after(95))


@pytest.mark.parametrize(
    ("facts", "stage", "due"),
    [
        (TreatmentFacts(), Stage.WAITING, None),
        (SEATED, Stage.SETUP, DueStep(TreatmentStep.START, after(15))),
        (STARTED, Stage.INFUSION, DueStep(TreatmentStep.CHECK, after(30))),
        (CHECKED, Stage.INFUSION, DueStep(TreatmentStep.RECOVER, after(60))),
        (RECOVERING, Stage.RECOVERY, DueStep(TreatmentStep.CHECK, after(80))),
        (READY, Stage.READY, None),
    ],
)  # fmt: skip
def test_each_stage_has_what_is_due_next(
    facts: TreatmentFacts, stage: Stage, due: DueStep | None
) -> None:
    state = compute_treatment_state(facts, PLAN)
    assert (state.stage, state.due) == (stage, due)
    assert due is None or state.steps[0] is due.step


def test_a_check_in_time_puts_off_the_next_and_a_late_one_counts_from_when_it_was() -> None:
    late = replace(STARTED, checks=(after(40),))
    due = compute_treatment_state(late, PLAN).due
    assert due == DueStep(TreatmentStep.CHECK, after(55))
    assert not due.is_late(after(57))
    assert due.is_late(after(58))


def test_the_ride_is_confirmed_at_any_time_and_once() -> None:
    for facts in (TreatmentFacts(), SEATED, STARTED, RECOVERING, READY):
        assert TreatmentStep.RIDE in facts.allowed_steps
        assert TreatmentStep.RIDE not in replace(facts, ride_at=TEN).allowed_steps


def test_the_front_desk_seats_and_confirms_the_ride_and_clinicians_record_the_rest() -> None:
    require_step_allowed(TreatmentStep.SEAT, TreatmentFacts(), is_clinician=False)
    with pytest.raises(ActionNotAllowed, match="step_is_clinical"):
        require_step_allowed(TreatmentStep.START, SEATED, is_clinician=False)
    with pytest.raises(ActionNotAllowed, match="step_not_next"):
        require_step_allowed(TreatmentStep.SEAT, SEATED, is_clinician=True)


def test_an_infusion_goes_by_the_minutes_it_was_booked_with() -> None:
    assert plan_treatment(infusion_needs(15, 45, 30, 4), 30, 15, 20) == PLAN
    assert plan_treatment(infusion_needs(15, 0, 120, 4), 120, 15, 20).infusion == 0
    assert plan_treatment(infusion_needs(15, 45, 30, 4), None, 15, 20).recovery == 30
