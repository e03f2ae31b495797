"""All measures of a period, for each location and for all of them together, and week by week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from booking.calendars.availability import current_catalogue
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.location_calendars import LocationCalendar
from booking.locations.rules import ResourceKind
from booking.measures.figures import (
    AppointmentRecord,
    Figure,
    Period,
    list_lead_days,
    measure_no_shows,
    measure_no_shows_of_slots,
    measure_refills,
    sum_scheduled_minutes,
    sum_used_minutes,
)
from booking.measures.openings import measure_third_opening
from booking.measures.queries import (
    list_appointment_records,
    list_series_histories,
    list_waits,
)
from booking.measures.series_figures import (
    FirstInfusionWait,
    SeriesHistory,
    measure_adherence,
    measure_completion,
)

HALF, NINE_IN_TEN = 0.5, 0.9
CONSULTATION, INFUSION = "consultation", "infusion"


class Measure(StrEnum):
    """What is measured, as a code; CLINICAL §3 has the definitions."""

    CHAIRS_SCHEDULED = "chairs_scheduled"
    CHAIRS_USED = "chairs_used"
    NO_SHOWS = "no_shows"
    NO_SHOWS_OF_SLOTS = "no_shows_of_slots"
    ADHERENCE = "adherence"
    COMPLETION = "completion"
    REFILLS = "refills"
    LEAD_MEDIAN = "lead_median"
    LEAD_P90 = "lead_p90"
    WAIT_MEDIAN = "wait_median"
    WAIT_P90 = "wait_p90"
    THIRD_CONSULTATION = "third_consultation"
    THIRD_INFUSION = "third_infusion"


AS_OF_NOW = (Measure.THIRD_CONSULTATION, Measure.THIRD_INFUSION)  # of no period
BY_WEEK = tuple(measure for measure in Measure if measure not in AS_OF_NOW)
Figures = dict[Measure, Figure]


@dataclass(frozen=True, slots=True)
class Report:
    """Measures of a period: by location, of all together (None), and of all week by week."""

    period: Period
    locations: Sequence[LocationCalendar]
    figures: dict[str | None, Figures]  # by slug
    weeks: Sequence[tuple[Period, Figures]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was read once of some locations and a period."""

    catalogue: Catalogue
    locations: Sequence[LocationCalendar]
    records: Sequence[AppointmentRecord]
    histories: Sequence[SeriesHistory]
    waits: Sequence[FirstInfusionWait]

    def at(self, location: LocationCalendar) -> "_Facts":
        """Return those of one location."""
        return _Facts(
            self.catalogue,
            [location],
            [record for record in self.records if record.location_id == location.id],
            [history for history in self.histories if history.location_id == location.id],
            [wait for wait in self.waits if wait.location_id == location.id],
        )

    def within(self, period: Period) -> "_Facts":
        """Return those of a part of the period; series stay whole."""
        return _Facts(
            self.catalogue,
            self.locations,
            [record for record in self.records if period.has(record.local_date)],
            self.histories,
            [wait for wait in self.waits if period.has(wait.day)],
        )


def compute_report(locations: Sequence[LocationCalendar], period: Period, now: datetime) -> Report:
    """Return the measures of some locations, one or more, and a period."""
    catalogue, histories = current_catalogue(), list_series_histories(locations, period)
    facts = _Facts(
        catalogue,
        locations,
        list_appointment_records(locations, period),
        histories,
        list_waits(histories, period),
    )
    figures: dict[str | None, Figures] = {
        location.slug: _measure(facts.at(location), period, now)
        | _measure_openings(catalogue, [location], now)
        for location in locations
    }
    if len(locations) > 1:
        figures[None] = _measure(facts, period, now) | _measure_openings(catalogue, locations, now)
    weeks = [(week, _measure(facts.within(week), week, now)) for week in period.weeks()]
    return Report(period, locations, figures, weeks)


def _measure(facts: _Facts, period: Period, now: datetime) -> Figures:
    records, today = facts.records, compute_last_measurable_day(facts.locations, now)
    chairs = _available_minutes(facts.locations, period, ResourceKind.CHAIR)
    slots = sum(_count_slots(facts.catalogue, location, period) for location in facts.locations)
    lead_days = list_lead_days(records)
    waits = [float(wait.days) for wait in facts.waits]
    return {
        Measure.CHAIRS_SCHEDULED: Figure.share_of(sum_scheduled_minutes(records), chairs),
        Measure.CHAIRS_USED: Figure.share_of(sum_used_minutes(records), chairs),
        Measure.NO_SHOWS: measure_no_shows(records, now),
        Measure.NO_SHOWS_OF_SLOTS: measure_no_shows_of_slots(records, slots, now),
        Measure.ADHERENCE: measure_adherence(facts.histories, period),
        Measure.COMPLETION: measure_completion(facts.histories, period, today),
        Measure.REFILLS: measure_refills(records),
        Measure.LEAD_MEDIAN: Figure.days_of(lead_days, HALF),
        Measure.LEAD_P90: Figure.days_of(lead_days, NINE_IN_TEN),
        Measure.WAIT_MEDIAN: Figure.days_of(waits, HALF),
        Measure.WAIT_P90: Figure.days_of(waits, NINE_IN_TEN),
    }


def _available_minutes(
    locations: Iterable[LocationCalendar], period: Period, kind: ResourceKind
) -> int:
    """Return for how many minutes resources of a kind are there, as the clinic is set up now."""
    return sum(
        cells.bit_count() * CELL_MINUTES
        for location in locations
        for day in period.days()
        for cells in location.free_day(day).by_kind(kind).values()
    )


def _count_slots(catalogue: Catalogue, location: LocationCalendar, period: Period) -> float:
    """Return for how many appointments there was time: of infusions in chairs, of consultations in rooms."""
    services = catalogue.services
    infusion, consultation = services.get(INFUSION), services.get(CONSULTATION)

    def minutes(kind: ResourceKind) -> int:
        return _available_minutes([location], period, kind)

    slots = 0.0
    if infusion:
        slots += minutes(ResourceKind.CHAIR) // infusion.minutes
    if consultation:
        scarcest = min(minutes(ResourceKind.ROOM), minutes(ResourceKind.PRACTITIONER))
        slots += scarcest // max(need.minutes for need in consultation.needs)
    return slots


def _measure_openings(
    catalogue: Catalogue, locations: Sequence[LocationCalendar], now: datetime
) -> Figures:
    services = catalogue.services
    return {
        Measure.THIRD_CONSULTATION: measure_third_opening(
            services.get(CONSULTATION), locations, now
        ),
        Measure.THIRD_INFUSION: measure_third_opening(services.get(INFUSION), locations, now),
    }


def compute_last_measurable_day(locations: Sequence[LocationCalendar], now: datetime) -> date:
    """Return the last local day that has begun at one of these locations."""
    return max(now.astimezone(location.zone).date() for location in locations)
