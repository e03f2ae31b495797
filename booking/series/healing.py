"""Healing a series: what to do about a session that was lost, with the fewest sessions moved. Reads only.

`applied_healing.py` makes one of the proposals true.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from booking.series.healing_requests import HealingBasis, list_lost_sessions, read_healing_basis
from booking.series.models import InfusionSeries, Session
from booking.series.planning.checker import PlanRule, check_plan
from booking.series.planning.healing import (
    HealedPlan,
    LongGap,
    PlannedChange,
    list_long_gaps,
    match_appointments,
    plan_fewest_moves,
    plan_healing,
    without_new_slots_until,
)
from booking.series.planning.requests import PlannedSession, PlanRequest
from booking.series.progress import SessionState
from booking.series.queries import get_phases, get_series, lacks_time, list_sessions
from booking.series.refusals import SeriesNotPending


class HealingWay(StrEnum):
    """What can be done about a session that was lost; the first three are rules of phases, too."""

    REPEAT = "repeat"
    ADD_AT_END = "add_at_end"
    GO_ON = "go_on"
    FEWEST = "fewest"  # made up, with the fewest moved, though a gap be over its limit
    AS_THEY_ARE = "as_they_are"  # go on without it, and move none of the others


@dataclass(frozen=True, slots=True)
class HealingOrder:
    """What is to be healed: a session that was lost, and the way; or days on which the patient is away."""

    series_id: int
    session_id: int | None = None
    way: HealingWay = HealingWay.REPEAT
    away_days: tuple[date, ...] = ()

    @property
    def gives_up(self) -> bool:
        """Whether the session is not made up."""
        return self.way in (HealingWay.GO_ON, HealingWay.AS_THEY_ARE)


@dataclass(frozen=True, slots=True)
class Healing:
    """A proposal: what becomes of each visit, by day, and the gaps that it leaves too long.

    `given_up` is the session that is not made up. `by_rule` says that its phase's rule asks for this.
    """

    order: HealingOrder
    basis: HealingBasis
    request: PlanRequest
    plan: HealedPlan
    changes: tuple[PlannedChange, ...]
    long_gaps: tuple[LongGap, ...]
    given_up: Session | None = None
    by_rule: bool = False

    @property
    def moved_count(self) -> int:
        """How many visits get another time."""
        return sum(each.before is not None and not each.is_kept for each in self.changes)

    @property
    def new_count(self) -> int:
        """How many visits are new."""
        return sum(each.before is None for each in self.changes)

    @property
    def needs_practitioner(self) -> bool:
        """Whether only a practitioner may decide so: more than times would be found."""
        session = self.lost_session
        was_missed = session is not None and session.state is SessionState.MISSED
        is_decided = bool(self.long_gaps or self.given_up or self.lost_appointments)
        return is_decided or (was_missed and not self.by_rule)

    @property
    def lost_appointments(self) -> tuple[PlannedChange, ...]:
        """The visits to come that would have no place."""
        return tuple(each for each in self.changes if each.after is None)

    @property
    def lost_session(self) -> Session | None:
        """The session that the order is about."""
        return self.basis.find_session(self.order.session_id)

    @property
    def key(self) -> str:
        """The sessions as planned, as a form carries them: number, location, local day and minute."""
        return ",".join(
            f"{each.number} {each.slot.location} {each.day.isoformat()} {each.minute}"
            for each in self.plan.sessions
        )


def propose_healing(order: HealingOrder, now: datetime) -> Healing:
    """Return the plan for an order that moves the fewest sessions; nothing changes.

    Raises `SeriesNotPending`, `InvalidChange` ("paused", "suspended"), `UnknownSlug`.
    """
    series = get_series(order.series_id)
    basis = read_order(series, order, now)
    request = order_request(basis, order)
    return build_healing(order, basis, request, _plan(order, basis, request))


def _plan(order: HealingOrder, basis: HealingBasis, request: PlanRequest) -> HealedPlan:
    if order.way is HealingWay.AS_THEY_ARE:
        return _stay(basis)
    return plan_fewest_moves(request) if order.way is HealingWay.FEWEST else plan_healing(request)


def propose_with_fewest(order: HealingOrder, now: datetime) -> list[Healing]:
    """Return the plan for an order; and with it, where it moves fewer, the one with a gap over its limit.

    Raises as `propose_healing` does.
    """
    proposal = propose_healing(order, now)
    if proposal.moved_count <= len(proposal.basis.coming) - len(proposal.request.held):
        return [proposal]  # no more than lost their times
    fewest = propose_healing(replace(order, way=HealingWay.FEWEST), now)
    moves_fewer = fewest.moved_count < proposal.moved_count and not fewest.lost_appointments
    return [proposal, fewest] if moves_fewer and is_sound(fewest) else [proposal]


def propose_ways(session: Session, now: datetime) -> list[Healing]:
    """Return what can be done about a session without a time, its phase's own rule first.

    Raises as `propose_healing` does.
    """
    rule = get_phases(get_series(session.series_id))[session.phase].after_miss
    ways = sorted(
        (way for way in HealingWay if way is not HealingWay.FEWEST),
        key=lambda way: way.value != rule.value,
    )
    proposals: list[Healing] = []
    for way in ways:
        order = HealingOrder(session.series_id, session.id, way)
        is_made_up = way is HealingWay.REPEAT
        proposals += (
            propose_with_fewest(order, now) if is_made_up else [propose_healing(order, now)]
        )
    different: dict[tuple[str, bool], Healing] = {}
    for proposal in filter(is_sound, proposals):
        different.setdefault((proposal.key, proposal.given_up is None), proposal)
    return [*different.values()]


def read_order(series: InfusionSeries, order: HealingOrder, now: datetime) -> HealingBasis:
    """Read what an order starts from. Raises as `propose_healing` does."""
    sessions = list_sessions(series.id)
    session = next((each.session for each in sessions if each.session.id == order.session_id), None)
    if order.session_id is not None and (session is None or not lacks_time(session, series)):
        raise SeriesNotPending
    lost: list[Session] = []
    if session is not None and order.way is not HealingWay.AS_THEY_ARE:
        lost = [each for each in list_lost_sessions(sessions) if each is not session]
    if session is not None and not order.gives_up:
        lost.append(session)
    return read_healing_basis(series, lost, now, order.away_days)


def order_request(basis: HealingBasis, order: HealingOrder) -> PlanRequest:
    """Return what to plan: where a session is added at the end, others of its phase stay before it."""
    session = basis.find_session(order.session_id)
    if order.way is not HealingWay.ADD_AT_END or session is None:
        return basis.request
    days = [
        slot.day
        for number, slot in basis.slots.items()
        if basis.sessions[number].session.phase == session.phase
    ]
    return (
        without_new_slots_until(basis.request, session.phase, max(days)) if days else basis.request
    )


def _stay(basis: HealingBasis) -> HealedPlan:
    """Return the sessions to come as they stand."""
    by_day = sorted(basis.slots.items(), key=lambda item: item[1].day)
    return HealedPlan(
        tuple(
            PlannedSession(number, basis.request.phase_index(number), slot, None)
            for number, (_, slot) in zip(sorted(basis.slots), by_day, strict=True)
        )
    )


def build_healing(
    order: HealingOrder, basis: HealingBasis, request: PlanRequest, plan: HealedPlan
) -> Healing:
    """Return a plan as a proposal: visits matched with their times, and gaps that nobody has let stand."""
    session = basis.find_session(order.session_id)
    return Healing(
        order,
        basis,
        request,
        plan,
        tuple(match_appointments(request, basis.slots, plan.sessions)),
        tuple(list_undecided_gaps(basis, plan.sessions)),
        session if order.gives_up else None,
        session is not None and basis.phases[session.phase].after_miss.value == order.way.value,
    )


def list_undecided_gaps(basis: HealingBasis, sessions: Sequence[PlannedSession]) -> list[LongGap]:
    """Return the gaps longer than was prescribed, but for those that a practitioner has let stand."""
    allowed = {
        slot: basis.sessions[number].session.allowed_gap for number, slot in basis.slots.items()
    }
    slots = {session.number: session.slot for session in sessions}
    gaps = list_long_gaps(replace(basis.request, phases=basis.phases), sessions)
    return [gap for gap in gaps if allowed.get(slots[gap.number]) != gap.days]


def is_sound(healing: Healing) -> bool:
    """Tell whether the independent checker finds nothing wrong but the gaps said to be too long."""
    sessions = healing.plan.sessions
    numbers = tuple(session.number for session in sessions)
    long_numbers = {gap.number for gap in healing.long_gaps}
    violations = check_plan(replace(healing.request, numbers=numbers), sessions)
    return all(each.rule is PlanRule.GAP and each.number in long_numbers for each in violations)
