"""What each time for one session costs its series, the others standing where they are."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta

from booking.calendars import availability
from booking.series.models import InfusionSeries, Session
from booking.series.planning.costs import PlanCost
from booking.series.planning.patterns import sessions_per_week
from booking.series.planning.planner import price_plan
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.planning.slot_costs import SlotCost, classify_points
from booking.series.preferences import Preferences
from booking.series.queries import (
    STANDING,
    get_phases,
    get_series,
    list_sessions,
    read_plan_rates,
)
from booking.series.standing_slots import to_slot


def price_standing_slots(session: Session, slots: Collection[PlanSlot]) -> dict[PlanSlot, SlotCost]:
    """Return what each slot for a session costs its series beyond the cheapest of them."""
    series = get_series(session.series_id)
    others = _list_others(series, session)
    request, weekdays = _request(series), _usual_weekdays(series, others)

    def price(slot: PlanSlot) -> int:
        own = PlannedSession(session.number, session.phase, slot, None)
        sessions = sorted([*others, own], key=lambda each: (each.day, each.minute))
        cost: PlanCost = price_plan(request, sessions, weekdays, request.first_day)
        return cost.points(request.rates)

    points = {slot: price(slot) for slot in slots}
    least = min(points.values(), default=0)
    return {slot: classify_points(cost - least, request.rates) for slot, cost in points.items()}


def _list_others(series: InfusionSeries, session: Session) -> list[PlannedSession]:
    return [
        PlannedSession(each.session.number, each.session.phase, to_slot(each.appointment), None)
        for each in list_sessions(series.id)
        if each.appointment is not None
        and each.session.state in STANDING
        and each.session.id != session.id
    ]


def _request(series: InfusionSeries) -> PlanRequest:
    """Return the request by which the series' sessions are priced; nothing is planned with it."""
    home = availability.current_catalogue().locations_by_id[series.location_id]
    return PlanRequest(
        phases=get_phases(series),
        numbers=(),
        first_day=series.first_day,
        last_day=series.first_day + timedelta(days=1),
        free={},
        preferences=Preferences.from_dict(series.preferences),
        home=home.slug,
        rates=read_plan_rates(),
    )


def _usual_weekdays(series: InfusionSeries, others: Sequence[PlannedSession]) -> tuple[int, ...]:
    """Return the weekdays on which most sessions are, as many as the densest phase has in a week."""
    phases = {each.phase for each in others} or {0}
    size = max(sessions_per_week(get_phases(series)[phase].gap) for phase in phases)
    counts = Counter(each.day.weekday() for each in others)
    return tuple(sorted(weekday for weekday, _ in counts.most_common(size)))
