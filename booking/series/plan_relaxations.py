"""A prescribed series that has no plan: with how little it would have one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.db.versions import column_values
from booking.series.models import InfusionSeries
from booking.series.planning.relaxations import Relaxation, find_relaxations, has_plan
from booking.series.planning.requests import PlanRequest
from booking.series.preferences import Preferences
from booking.series.proposals import build_plan_request


@dataclass(frozen=True, slots=True)
class PlanRelaxations:
    """What, each by itself, would let every session have a place: another location, or a rule that gives way.

    `request` is what has no plan.
    """

    request: PlanRequest
    locations: Sequence[LocationCalendar]
    changes: Sequence[Relaxation]


def find_plan_relaxations(series: InfusionSeries, number: int, now: datetime) -> PlanRelaxations:
    """Return with how little a series has a plan; its session `number` has no place. Raises `UnknownSlug`."""
    request, calendar = build_plan_request(series, now)
    others = availability.current_catalogue().locations.values()
    further = [each for each in others if each.slug not in calendar.locations]
    helpful = [each for each in further if _has_plan_at(series, each, now)]
    return PlanRelaxations(request, helpful, find_relaxations(request, number))


def _has_plan_at(series: InfusionSeries, location: LocationCalendar, now: datetime) -> bool:
    """Tell whether a series had a plan if its patient went to one location more."""
    preferences = Preferences.from_dict(series.preferences)
    both = replace(preferences, locations=(*preferences.locations, location.slug))
    as_if = InfusionSeries(**column_values(series) | {"preferences": both.to_dict()})
    request, _ = build_plan_request(as_if, now)
    return has_plan(request)
