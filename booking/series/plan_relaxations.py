"""A prescribed series that has no plan: with how little it would have one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.db.versions import column_values
from booking.series.models import InfusionSeries
from booking.series.planning.binding_rules import Relaxation, has_plan
from booking.series.planning.relaxations import combine_relaxations, list_relaxations
from booking.series.planning.requests import PlanRequest
from booking.series.preferences import Preferences, TimeWindow
from booking.series.proposals import LONGEST_DELAY, build_plan_request


@dataclass(frozen=True, slots=True)
class PlanRelaxations:
    """What would let every session have a place: another location, or a rule that gives way.

    `request` is what has no plan. Each is enough by itself; where no single one is, `together` is so, and
    it takes all of them.
    """

    request: PlanRequest
    locations: Sequence[LocationCalendar]
    changes: Sequence[Relaxation]
    together: bool = False


def list_plan_relaxations(series: InfusionSeries, now: datetime) -> PlanRelaxations:
    """Return with how little a series that has no plan would have one. Raises `UnknownSlug`."""
    request, calendar = build_plan_request(series, now, delay=LONGEST_DELAY)
    others = availability.current_catalogue().locations.values()
    further = [each for each in others if each.slug not in calendar.locations]
    helpful = [each for each in further if _has_plan_at(series, each, now)]
    return _relax(request, helpful)


def find_wish_relaxations(series: InfusionSeries, now: datetime) -> PlanRelaxations | None:
    """Return with how little a series had a plan with all days and times *rather* had.

    None where it has one, or where none are asked for. Raises `UnknownSlug`.
    """
    request, _ = build_plan_request(series, now)
    only, rather = request.preferences.only, request.preferences.rather
    weekdays = only.weekdays & rather.weekdays
    earliest, latest = max(only.earliest, rather.earliest), min(only.latest, rather.latest)
    if not weekdays or earliest > latest:
        return None
    wishes = Preferences(TimeWindow(weekdays, earliest, latest))
    as_asked = replace(request, preferences=wishes)
    return None if has_plan(as_asked) else _relax(as_asked, ())


def _relax(request: PlanRequest, helpful: Sequence[LocationCalendar]) -> PlanRelaxations:
    changes = list_relaxations(request)
    if changes or helpful:
        return PlanRelaxations(request, helpful, changes)
    return PlanRelaxations(request, (), combine_relaxations(request), together=True)


def _has_plan_at(series: InfusionSeries, location: LocationCalendar, now: datetime) -> bool:
    """Tell whether a series had a plan if its patient went to one location more."""
    preferences = Preferences.from_dict(series.preferences)
    both = replace(preferences, locations=(*preferences.locations, location.slug))
    as_if = InfusionSeries(**column_values(series) | {"preferences": both.to_dict()})
    request, _ = build_plan_request(as_if, now, delay=LONGEST_DELAY)
    return has_plan(request)
