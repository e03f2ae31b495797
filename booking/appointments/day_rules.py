"""An infusion on its day: where its patient is, what comes next and when. Pure: facts in, answer out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from booking.appointments.rules import Action, ActionNotAllowed
from booking.calendars.rules import ResourceNeed
from booking.locations.rules import ResourceKind

LATE_AFTER = timedelta(minutes=2)  # what is due is late from then on
USUAL_RECOVERY = 30  # minutes, of an infusion that no series has (CLINICAL §1: 15 + 45 + 30)


class TreatmentStep(StrEnum):
    """What somebody saw or did, and records once: each is a fact with its instant."""

    SEAT = "seat"
    START = "start"
    CHECK = "check"
    RECOVER = "recover"
    READY = "ready"
    RIDE = "ride"  # somebody has come, or is on the way, to take the patient home


# Whether they may be done is for a nurse or a practitioner to see
CLINICAL_STEPS = frozenset(
    {TreatmentStep.START, TreatmentStep.CHECK, TreatmentStep.RECOVER, TreatmentStep.READY}
)


class Stage(StrEnum):
    """Where somebody who has arrived is."""

    WAITING = "waiting"
    SETUP = "setup"
    INFUSION = "infusion"
    RECOVERY = "recovery"
    READY = "ready"


NEXT_STEPS: Mapping[Stage, tuple[TreatmentStep, ...]] = {
    Stage.WAITING: (TreatmentStep.SEAT,),
    Stage.SETUP: (TreatmentStep.START,),
    Stage.INFUSION: (TreatmentStep.CHECK, TreatmentStep.RECOVER),
    Stage.RECOVERY: (TreatmentStep.CHECK, TreatmentStep.READY),
    Stage.READY: (),
}


@dataclass(frozen=True, slots=True)
class TreatmentFacts:
    """When each thing was recorded, in UTC; `checks` in order."""

    seated_at: datetime | None = None
    started_at: datetime | None = None
    checks: tuple[datetime, ...] = ()
    recovery_at: datetime | None = None
    ready_at: datetime | None = None
    ride_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        """Where the patient is: the furthest that was recorded."""
        reached = (
            (self.ready_at, Stage.READY),
            (self.recovery_at, Stage.RECOVERY),
            (self.started_at, Stage.INFUSION),
            (self.seated_at, Stage.SETUP),
        )
        return next((stage for instant, stage in reached if instant), Stage.WAITING)

    @property
    def allowed_steps(self) -> tuple[TreatmentStep, ...]:
        """What can be recorded next; the ride at any time, once."""
        ride = () if self.ride_at else (TreatmentStep.RIDE,)
        return NEXT_STEPS[self.stage] + ride


@dataclass(frozen=True, slots=True)
class TreatmentPlan:
    """Minutes: how long each stage takes as prescribed, and from one check to the next.

    How often blood pressure is read differs between clinics, and no guideline for infusions of this kind sets
    it: a medical director does (settings).
    """

    setup: int
    infusion: int
    recovery: int
    check: int
    recovery_check: int


def plan_treatment(
    needs: Sequence[ResourceNeed],
    recovery: int | None,
    check: int,
    recovery_check: int,
    extra_minutes: int = 0,
) -> TreatmentPlan:
    """Return how an infusion with these needs goes; `recovery` as prescribed, of its last minutes.

    What it takes longer than that is recovery, too. Setup ends where a nurse begins to watch
    (`calendars.rules.infusion_needs`).
    """
    seats = [need for need in needs if need.kind is ResourceKind.SEAT]
    watching = max(seats, key=lambda need: need.offset, default=None)
    setup, watched = (watching.offset, watching.minutes) if watching else (0, 0)
    usual = USUAL_RECOVERY if recovery is None else recovery
    rest = min(usual + extra_minutes, watched)
    return TreatmentPlan(setup, watched - rest, rest, check, recovery_check)


@dataclass(frozen=True, slots=True)
class DueStep:
    """The step that is due next, and when."""

    step: TreatmentStep
    due_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Tell whether it should have been done by now, and a little more: who is at it comes first."""
        return now > self.due_at + LATE_AFTER


@dataclass(frozen=True, slots=True)
class TreatmentState:
    """Where a patient is, what is due when, and what can be recorded, the next step first."""

    stage: Stage = Stage.WAITING
    due: DueStep | None = None
    steps: tuple[TreatmentStep, ...] = ()
    has_ride: bool = False
    checks: tuple[datetime, ...] = field(default=())


def compute_treatment_state(facts: TreatmentFacts, plan: TreatmentPlan) -> TreatmentState:
    """Return where a patient is and what comes next.

    A check is due so long after the last one, or after its stage began; what ends the stage, once it has
    taken the minutes prescribed.
    """
    due = _find_due_step(facts, plan)
    steps = facts.allowed_steps
    if due is not None:
        steps = (due.step, *(step for step in steps if step is not due.step))
    return TreatmentState(facts.stage, due, steps, facts.ride_at is not None, facts.checks)


def _find_due_step(facts: TreatmentFacts, plan: TreatmentPlan) -> DueStep | None:
    if facts.stage is Stage.SETUP and facts.seated_at:
        return DueStep(TreatmentStep.START, facts.seated_at + timedelta(minutes=plan.setup))
    if facts.stage is Stage.INFUSION and facts.started_at:
        end = DueStep(TreatmentStep.RECOVER, facts.started_at + timedelta(minutes=plan.infusion))
        return _sooner_check(facts, facts.started_at, plan.check, end)
    if facts.stage is Stage.RECOVERY and facts.recovery_at:
        end = DueStep(TreatmentStep.READY, facts.recovery_at + timedelta(minutes=plan.recovery))
        return _sooner_check(facts, facts.recovery_at, plan.recovery_check, end)
    return None


def _sooner_check(
    facts: TreatmentFacts, stage_began_at: datetime, minutes: int, end: DueStep
) -> DueStep:
    """Return the next check of a stage, where one is due before its end; else the end."""
    last_at = max((stage_began_at, *facts.checks[-1:]))
    check = DueStep(TreatmentStep.CHECK, last_at + timedelta(minutes=minutes))
    return check if check.due_at < end.due_at else end


def require_step_allowed(step: TreatmentStep, facts: TreatmentFacts, *, is_clinician: bool) -> None:
    """Raise `ActionNotAllowed` for a step that isn't next, or that is a clinician's to record."""
    if step not in facts.allowed_steps:
        raise ActionNotAllowed(Action.RECORD_STEP, "step_not_next")
    if step in CLINICAL_STEPS and not is_clinician:
        raise ActionNotAllowed(Action.RECORD_STEP, "step_is_clinical")
