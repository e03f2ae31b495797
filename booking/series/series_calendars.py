"""What is free for a series' appointments at its locations, and what its patient can do: read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.appointments.conflicts import list_occupying_appointments
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.allocation import allocate
from booking.calendars.availability import UnknownSlug
from booking.calendars.catalogue import BookableService, Catalogue
from booking.calendars.local_days import (
    CELL_MINUTES,
    is_repeated,
    iter_bits,
    minute_of_day,
    resolve_wall_clock,
)
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand
from booking.calendars.slot_cache import DayStarts
from booking.locations.rules import ResourceKind
from booking.screening import operations as screening
from booking.series.absence_queries import list_away_days
from booking.series.models import InfusionSeries
from booking.series.patient_availability import Obstacle, PatientAvailability
from booking.series.planning.requests import PlannedSession, PlanSlot
from booking.series.preferences import Preferences
from booking.series.queries import get_phases, list_other_infusions
from booking.series.rules import Phase

A_DAY = timedelta(days=1)  # other locations' days begin at other instants
INFUSION = "infusion"  # the service that sessions are appointments of
StartsOfPhase = Mapping[tuple[int, str], Mapping[date, DayStarts]]  # (phase, location's slug) → day


@dataclass(frozen=True, slots=True)
class SeriesCalendar:
    """What is free for a series' appointments where they may be: at `home`, and at further locations."""

    home: LocationCalendar
    locations: Mapping[str, LocationCalendar]
    service: BookableService
    phases: tuple[Phase, ...]
    day_starts: StartsOfPhase
    person: PatientAvailability

    def demand(self, phase: int, location: str) -> ResourceDemand:
        """Return what an appointment of one phase occupies at a location."""
        return _demand(self.service, self.phases[phase], self.locations[location])

    def free_minutes(self, now: datetime) -> dict[int, dict[str, dict[date, list[int]]]]:
        """Return, by phase, location and local day, the local minutes at which a session can start.

        Left out are the past, times at which the person is elsewhere, and the repetition of an hour that the
        clocks show twice: a plan names local times.
        """
        free: dict[int, dict[str, dict[date, list[int]]]] = {}
        for (phase, location), days in self.day_starts.items():
            free.setdefault(phase, {})[location] = {
                day: self._minutes(phase, location, day, now) for day in days
            }
        return free

    def blocked_days(self) -> dict[int, dict[date, Obstacle]]:
        """Return, by phase, the local days on which the person can't be treated, and why."""
        blocked: dict[int, dict[date, Obstacle]] = {}
        for (phase, _), days in self.day_starts.items():
            gap = self.phases[phase].gap
            obstacles = {day: self.person.find_obstacle(day, gap) for day in days}
            blocked[phase] = {day: why for day, why in obstacles.items() if why is not None}
        return blocked

    def _minutes(self, phase: int, location: str, day: date, now: datetime) -> list[int]:
        day_starts = self.day_starts[phase, location][day]
        local_day = day_starts.free.day
        is_plain = local_day.starts_at > now and not local_day.has_clock_change
        if is_plain and not self.person.is_elsewhere_near(day):
            return [cell * CELL_MINUTES for cell in iter_bits(day_starts.starts)]
        zone = self.locations[location].zone
        return [
            minute_of_day(starts_at, zone)
            for starts_at in self._starts(phase, location, day, now)
            if self._is_person_free(phase, starts_at, day)
        ]

    def _starts(self, phase: int, location: str, day: date, now: datetime) -> list[datetime]:
        """Return when an appointment could start on a day, whoever it is for."""
        day_starts = self.day_starts[phase, location][day]
        starts = map(day_starts.free.day.cell_start, iter_bits(day_starts.starts))
        zone = self.locations[location].zone
        return [at for at in starts if at > now and not is_repeated(at, zone)]

    def _is_person_free(self, phase: int, starts_at: datetime, day: date) -> bool:
        ends_at = starts_at + timedelta(minutes=self.phases[phase].appointment_minutes)
        return self.person.is_free_at(starts_at, ends_at, day)

    def obstacles(
        self, phase: int, first: date, last: date, now: datetime
    ) -> dict[Obstacle, list[date]]:
        """Return, for each local day of [first, last] without a bookable time, what hinders it."""
        days_by_obstacle: dict[Obstacle, list[date]] = {}
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            obstacle = self.find_obstacle(phase, day, now)
            if obstacle is not None:
                days_by_obstacle.setdefault(obstacle, []).append(day)
        return days_by_obstacle

    def find_obstacle(self, phase: int, day: date, now: datetime) -> Obstacle | None:
        """Return what hinders a session of a phase all local `day`, at every location; None if nothing does.

        None, too, for a day that was not read.
        """
        if day not in self.day_starts.get((phase, self.home.slug), {}):
            return None
        if obstacle := self.person.find_obstacle(day, self.phases[phase].gap):
            return obstacle
        if any(self._minutes(phase, slug, day, now) for slug in self.locations):
            return None
        if not any(location.is_open_on(day) for location in self.locations.values()):
            return Obstacle.CLOSED
        has_starts = any(self._starts(phase, slug, day, now) for slug in self.locations)
        return Obstacle.PERSON_BUSY if has_starts else Obstacle.FULL

    def chairs(self, sessions: Sequence[PlannedSession]) -> list[int]:
        """Return the id of the chair that each session gets when booked: one all through where it can be."""
        preferred_ids: dict[str, int] = {}
        chairs = []
        for session in sessions:
            location = session.slot.location
            chair = self._chair(session, [*preferred_ids.values()])
            preferred_ids.setdefault(location, chair)
            chairs.append(chair)
        return chairs

    def _chair(self, session: PlannedSession, preferred_ids: Sequence[int]) -> int:
        slot = session.slot
        day_starts = self.day_starts[session.phase, slot.location][slot.day]
        cell = day_starts.free.day.cell_at(self.starts_at(slot))
        assert cell is not None  # noqa: S101 - the planner chose among this day's cells
        demand = self.demand(session.phase, slot.location)
        allocations = allocate(demand, day_starts.free, cell, preferred_ids)
        chairs = self.locations[slot.location].resources[ResourceKind.CHAIR]
        return next(
            allocation.resource_id for allocation in allocations if allocation.resource_id in chairs
        )

    def starts_at(self, slot: PlanSlot) -> datetime:
        """Return the UTC instant at which a slot starts."""
        return slot_start(slot, self.locations[slot.location].zone)


def slot_start(slot: PlanSlot, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a slot starts in its location's zone."""
    return resolve_wall_clock(slot.day, time(*divmod(slot.minute, 60)), zone)


def read_series_calendar(
    catalogue: Catalogue,
    series: InfusionSeries,
    phases: Sequence[int],
    first: date,
    last: date,
    now: datetime,
) -> SeriesCalendar:
    """Read what is free for a series on local days [first, last], and what its patient can do.

    Raises `UnknownSlug` when its own location or infusions are no longer offered; of the further
    locations, those no longer offered are left out.
    """
    home, service = get_location_and_service(catalogue, series)
    locations = {home.slug: home} | _further_locations(catalogue, series)
    own_phases = get_phases(series)
    day_starts: dict[tuple[int, str], dict[date, DayStarts]] = {}
    for phase in sorted(set(phases)):
        demands = [(each, _demand(service, own_phases[phase], each)) for each in locations.values()]
        for location, starts in availability.list_starts_by_day(demands, first, last, now):
            days = day_starts.setdefault((phase, location.slug), {})
            days[starts.free.day.local_date] = starts
    person = read_patient_availability(series, first, last)
    return SeriesCalendar(home, locations, service, own_phases, day_starts, person)


def _demand(service: BookableService, phase: Phase, location: LocationCalendar) -> ResourceDemand:
    return service.infusion_demand(*phase.parts, location)


def _further_locations(catalogue: Catalogue, series: InfusionSeries) -> dict[str, LocationCalendar]:
    locations = {}
    for slug in Preferences.from_dict(series.preferences).locations:
        try:
            locations[slug] = availability.get_location(catalogue, slug)
        except UnknownSlug:
            continue
    return locations


def get_location_and_service(
    catalogue: Catalogue, series: InfusionSeries, slug: str | None = None
) -> tuple[LocationCalendar, BookableService]:
    """Return where a series takes place, or `slug`, and its appointments' service. Raises `UnknownSlug`."""
    slug = slug or catalogue.locations_by_id[series.location_id].slug
    location = availability.get_location(catalogue, slug)
    return location, availability.get_service(catalogue, INFUSION)


def read_patient_availability(
    series: InfusionSeries, first: date, last: date
) -> PatientAvailability:
    """Read what a series' patient can do on local days [first, last]."""
    return PatientAvailability(
        screening.get_standing(series.patient_id),
        list_other_infusions(series.patient_id, series.id),
        list_occupying_appointments(series.patient_id, first - A_DAY, last + A_DAY),
        list_away_days(series.patient_id, first, last),
    )


def release_appointments(
    calendar: SeriesCalendar, appointments: Sequence[Appointment], now: datetime
) -> SeriesCalendar:
    """Return what would be free for a series if these appointments of its patient gave up their times."""
    day_starts = {key: dict(days) for key, days in calendar.day_starts.items()}
    slugs = {location.id: slug for slug, location in calendar.locations.items()}
    for appointment in appointments:
        slug, day = slugs.get(appointment.location_id), appointment.local_date
        for (phase, of_location), days in day_starts.items():
            if of_location == slug and day in days:
                demand = calendar.demand(phase, of_location)
                [days[day]] = availability.list_starts_besides(
                    appointment.id, calendar.locations[of_location], demand, day, day, now
                )
    released_ids = {appointment.id for appointment in appointments}
    others = [each for each in calendar.person.appointments if each.id not in released_ids]
    return replace(
        calendar, day_starts=day_starts, person=replace(calendar.person, appointments=others)
    )
