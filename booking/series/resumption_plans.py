"""The sessions of a series that goes on after a pause or a gap, with as few visits lost as can be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from booking.appointments.impossible import list_impossible_appointments
from booking.calendars import availability
from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadOrder, build_limited_request, with_phases, with_planned
from booking.series.bookable_plans import BookablePlan, plan_until_uncleared
from booking.series.models import InfusionSeries
from booking.series.planning.held_slots import hold_slots
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.preferences import TimeWindow
from booking.series.proposals import require_plan_checked
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    get_phases,
    list_standing_sessions,
)
from booking.series.rules import Phase, find_phase
from booking.series.standing_slots import list_usual_slots, to_slot
from booking.series.tails import NewSession, Tail, list_needless

MAX_TRIES = 4  # to reach the last visit that stands, one session more each time

HeldSlots = Mapping[PlanSlot, ScheduledSession]


@dataclass(frozen=True, slots=True)
class ContinuedSeries:
    """A series as it goes on from `first_day`: what was to come, phases, and first number.

    With `resumes` it rests until then: the days of its pause past that day count no more.
    """

    series: InfusionSeries
    first_day: date
    sessions: Sequence[ScheduledSession]
    coming: Sequence[ScheduledSession]
    phases: tuple[Phase, ...]
    first_number: int
    resumes: bool = True


def plan_continued_tail(continued: ContinuedSeries, now: datetime) -> Tail:
    """Return how a series goes on; books nothing. Raises `UnknownSlug`."""
    held = _list_held(continued, now)
    usual = list_usual_slots(continued.series, continued.sessions)
    series = with_phases(continued.series, continued.phases, first_day=continued.first_day)
    request, calendar = build_limited_request(series, _order_ahead(continued, usual), now)
    request = _with_held(request, held, continued) if held else _suiting(request, usual)
    plan = _plan_past(
        request, max((slot.day for slot in held), default=continued.first_day),
        lambda each: plan_until_uncleared(each, calendar),
    )  # fmt: skip
    planned = _list_planned(plan)
    require_plan_checked(
        replace(plan.request, numbers=tuple(session.number for session in planned)), planned
    )
    new = tuple(session for session in planned if session.slot not in held)
    ahead = with_planned(request, calendar, new, usual, now)
    return _to_tail(
        continued,
        plan,
        remaining=_list_remaining(held, plan, planned),
        new=[NewSession(session, ahead) for session in new],
        holes=_list_holes(continued, request, plan, len(planned)),
    )


def _order_ahead(continued: ContinuedSeries, usual: Sequence[PlanSlot]) -> AheadOrder:
    """Return what is asked for: as usual, after what stood before, beside what stands on other days."""
    others = [each for each in continued.sessions if each not in continued.coming]
    return AheadOrder(
        continued.first_number,
        _find_previous(continued),
        usual=usual,
        first_day=continued.first_day,
        resumes=continued.resumes,
        other_days=[each.day for each in list_standing_sessions(others)],
    )


def _list_remaining(
    held: HeldSlots, plan: BookablePlan, planned: Sequence[PlannedSession]
) -> list[ScheduledSession]:
    """Return what stays where it stands: as planned, and what is past a plan that was cut short."""
    remaining = [held[session.slot] for session in planned if session.slot in held]
    if _is_refused(plan):
        remaining += [
            each for slot, each in held.items() if not planned or slot.day > planned[-1].day
        ]
    return remaining


def _to_tail(
    continued: ContinuedSeries,
    plan: BookablePlan,
    *,
    remaining: Sequence[ScheduledSession],
    new: Sequence[NewSession],
    holes: Sequence[date],
) -> Tail:
    count = len(remaining) + len(new) + len(holes)
    numbers = range(continued.first_number, continued.first_number + count)
    return Tail(
        continued.phases,
        continued.first_number,
        numbers,
        remaining,
        [each for each in continued.coming if each not in remaining],
        new,
        holes,
        list_needless(continued.sessions, continued.first_number, numbers),
        plan.clearance,
    )


def _list_held(continued: ContinuedSeries, now: datetime) -> HeldSlots:
    """Return what stands from the first day on, and can take place."""
    appointments = {each.appointment.id: each for each in continued.coming if each.appointment}
    impossible = list_impossible_appointments(
        availability.current_catalogue(), now, list(appointments)
    )
    return {
        to_slot(each.appointment): each
        for number, each in appointments.items()
        if each.appointment is not None
        and number not in impossible
        and each.appointment.local_date >= continued.first_day
    }


def _find_previous(continued: ContinuedSeries) -> PlanSlot | None:
    """Return where the last session before the pause stands; None past the longest gap: that was decided."""
    before = [
        each.appointment
        for each in continued.sessions
        if each.appointment and each.session.state in STANDING and each not in continued.coming
    ]
    index = find_phase(continued.phases, continued.first_number)
    if not before or index is None:
        return None
    last = max(before, key=lambda appointment: appointment.starts_at)
    days = (continued.first_day - last.local_date).days
    return to_slot(last) if days <= continued.phases[index].gap.max_days else None


def _with_held(request: PlanRequest, held: HeldSlots, continued: ContinuedSeries) -> PlanRequest:
    """Return a request in which the appointments that stand can stay."""
    phases = get_phases(continued.series)
    last_day = max([request.last_day, *(slot.day for slot in held)])
    request = replace(request, last_day=last_day)
    return hold_slots(request, {slot: phases[each.session.phase] for slot, each in held.items()})


def _suiting(request: PlanRequest, usual: Sequence[PlanSlot]) -> PlanRequest:
    """Return a request that would rather have the usual weekday and time, where nothing stands any more."""
    if not usual:
        return request
    minutes = [slot.minute for slot in usual]
    window = TimeWindow(
        frozenset(slot.day.weekday() for slot in usual), _time(min(minutes)), _time(max(minutes))
    )
    return replace(request, preferences=replace(request.preferences, rather=window))


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))


def _plan_past(
    request: PlanRequest, day: date, plan: Callable[[PlanRequest], BookablePlan]
) -> BookablePlan:
    """Plan so many sessions that the last is not before `day`: none that stands is left over at the end."""
    if not request.numbers:
        return BookablePlan(request, None)
    result = plan(request)
    for _ in range(MAX_TRIES):
        is_open = request.phases[-1].sessions is None
        if not is_open or result.best is None or result.best.sessions[-1].day >= day:
            break
        request = replace(request, numbers=(*request.numbers, request.numbers[-1] + 1))
        result = plan(request)
    return result


def _list_planned(plan: BookablePlan) -> tuple[PlannedSession, ...]:
    if plan.best is not None:
        return plan.best.sessions
    is_refused = plan.refusal is not None and plan.clearance is Clearance.CLEARED
    return plan.refusal.placed if is_refused and plan.refusal else ()


def _is_refused(plan: BookablePlan) -> bool:
    return plan.refusal is not None and plan.clearance is Clearance.CLEARED


def _list_holes(
    continued: ContinuedSeries, request: PlanRequest, plan: BookablePlan, planned_count: int
) -> list[date]:
    """Return a day for each session without a place: all of phases that end, the next of an open one."""
    if plan.refusal is None:
        return []
    left = request.numbers[planned_count:]
    ending = [
        number
        for number in left
        if request.phases[request.phase_index(number)].sessions is not None
    ]
    last_day = continued.series.last_day
    is_past_end = last_day is not None and plan.refusal.latest >= last_day
    count = len(ending) or int(_is_refused(plan) and not is_past_end)
    return [max(plan.refusal.earliest, continued.first_day)] * count
