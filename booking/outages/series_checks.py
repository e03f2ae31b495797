"""Series of which a plan moves several visits, judged before anybody sees it: by guard and checker."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import minute_of_day
from booking.extensions import db
from booking.outages.planning.problem import MoveOption, MovePlan
from booking.outages.reading import DisplacedSession
from booking.series.gap_rules import with_session_moved
from booking.series.healing_requests import HealingBasis, read_healing_basis
from booking.series.models import InfusionSeries
from booking.series.planning.checker import PlanRule, Violation, check_plan
from booking.series.planning.requests import PlannedSession, PlanSlot


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """The displaced sessions of a plan by appointment id, which of them could stay, and whose plan it is."""

    sessions: Mapping[int, DisplacedSession]
    companion_ids: Set[int]
    catalogue: Catalogue
    now: datetime

    def list_errors(self, plan: MovePlan) -> list[str]:
        """Return what a plan breaks of the series whose visits it moves."""
        moves = {key: choice for key, choice in plan.choices.items() if not choice.is_own}
        series_ids = {self.sessions[key].session.series_id for key in moves if key in self.sessions}
        return [
            error for series_id in sorted(series_ids) for error in self._check(series_id, moves)
        ]

    def _check(self, series_id: int, moves: Mapping[int, MoveOption]) -> Iterator[str]:
        own_ids = {
            key
            for key, each in self.sessions.items()
            if each.session.series_id == series_id and key in moves
        }
        own = {self.sessions[key].session.number: moves[key] for key in own_ids}
        gaps = next(
            each.gaps for each in self.sessions.values() if each.session.series_id == series_id
        )
        moved = gaps.sessions
        for number, choice in own.items():
            moved = with_session_moved(moved, number, choice.day)
        for problem in gaps.list_gap_problems(moved):
            yield f"series {series_id}: {problem}"
        if own_ids & self.companion_ids:  # it goes on, then, and can be judged as a whole
            for violation in self._list_violations(series_id, own):
                yield f"series {series_id}, session {violation.number}: {violation.rule.value}"

    def _list_violations(self, series_id: int, own: Mapping[int, MoveOption]) -> list[Violation]:
        """Return what the series' checker finds that was not so before; what is free is counted elsewhere."""
        series = db.session.get_one(InfusionSeries, series_id)
        basis = read_healing_basis(series, [], self.now)
        new_slots = basis.slots | {number: self._slot(choice) for number, choice in own.items()}
        before = check_plan(basis.request, _plan_sessions(basis, basis.slots))
        return [
            violation
            for violation in check_plan(basis.request, _plan_sessions(basis, new_slots))
            if violation.rule is not PlanRule.NOT_FREE and violation not in before
        ]

    def _slot(self, choice: MoveOption) -> PlanSlot:
        location = self.catalogue.locations_by_id[choice.location_id]
        return PlanSlot(location.slug, choice.day, minute_of_day(choice.starts_at, location.zone))


def _plan_sessions(basis: HealingBasis, slots: Mapping[int, PlanSlot]) -> list[PlannedSession]:
    return [
        PlannedSession(number, basis.sessions[number].session.phase, slots[number], None)
        for number in basis.request.numbers
    ]
