"""What is free for a series' appointments at its location, and what its patient can do: read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.appointments.conflicts import find_occupying_appointments
from booking.calendars import availability
from booking.calendars.allocation import allocate
from booking.calendars.catalogue import BookableService, Catalogue
from booking.calendars.local_days import is_repeated, iter_bits, minute_of_day, resolve_wall_clock
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand
from booking.calendars.slot_cache import DayStarts
from booking.locations.rules import ResourceKind
from booking.screening import operations as screening
from booking.series.models import InfusionSeries
from booking.series.patient_availability import Obstacle, PatientAvailability
from booking.series.planning.requests import PlannedSession
from booking.series.queries import get_phases, list_other_infusions
from booking.series.rules import Phase

A_DAY = timedelta(days=1)  # other locations' days begin at other instants
INFUSION = "infusion"  # the service that sessions are appointments of


@dataclass(frozen=True, slots=True)
class SeriesCalendar:
    """What is free for a series' appointments at its location."""

    location: LocationCalendar
    service: BookableService
    phases: tuple[Phase, ...]
    day_starts: Mapping[int, Mapping[date, DayStarts]]  # phase → local day → starts
    person: PatientAvailability

    def demand(self, phase: int) -> ResourceDemand:
        """Return what an appointment of one phase occupies."""
        phase_demanded = self.phases[phase]
        return self.service.infusion_demand(
            phase_demanded.setup, phase_demanded.infusion, phase_demanded.recovery, self.location
        )

    def minutes(
        self, now: datetime, *, is_cleared: bool = True
    ) -> dict[int, dict[date, list[int]]]:
        """Return, by phase and local day, the local minutes at which an appointment can be booked.

        Left out are the past, all that the person can't do, and the repetition of an hour that the clocks
        show twice: a plan names local times. Without `is_cleared`, as if the person were cleared.
        """
        return {
            phase: {day: self._minutes(phase, day, now, is_cleared=is_cleared) for day in days}
            for phase, days in self.day_starts.items()
        }

    def _minutes(self, phase: int, day: date, now: datetime, *, is_cleared: bool) -> list[int]:
        if self.person.find_obstacle(day, self.phases[phase].gap, is_cleared=is_cleared):
            return []
        return [
            minute_of_day(starts_at, self.location.zone)
            for starts_at in self._starts(phase, day, now)
            if self._is_person_free(phase, starts_at, day)
        ]

    def _starts(self, phase: int, day: date, now: datetime) -> list[datetime]:
        """Return when an appointment could start on a day, whoever it is for."""
        day_starts = self.day_starts[phase][day]
        starts = map(day_starts.free.day.cell_start, iter_bits(day_starts.starts))
        return [at for at in starts if at > now and not is_repeated(at, self.location.zone)]

    def _is_person_free(self, phase: int, starts_at: datetime, day: date) -> bool:
        ends_at = starts_at + timedelta(minutes=self.phases[phase].appointment_minutes)
        return self.person.is_free_at(starts_at, ends_at, day)

    def obstacles(
        self, phase: int, first: date, last: date, now: datetime
    ) -> dict[Obstacle, list[date]]:
        """Return, for each local day of [first, last] without a bookable time, what hinders it."""
        days_by_obstacle: dict[Obstacle, list[date]] = {}
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            if day in self.day_starts[phase] and not self._minutes(
                phase, day, now, is_cleared=True
            ):
                days_by_obstacle.setdefault(self._obstacle(phase, day, now), []).append(day)
        return days_by_obstacle

    def _obstacle(self, phase: int, day: date, now: datetime) -> Obstacle:
        if obstacle := self.person.find_obstacle(day, self.phases[phase].gap):
            return obstacle
        if not self.location.is_open_on(day):
            return Obstacle.CLOSED
        return Obstacle.PERSON_BUSY if self._starts(phase, day, now) else Obstacle.FULL

    def chairs(self, sessions: Sequence[PlannedSession]) -> list[int]:
        """Return the id of the chair that each session gets when booked: the first one's where it can."""
        first = self._chair(sessions[0])
        return [first, *(self._chair(session, (first,)) for session in sessions[1:])]

    def _chair(self, session: PlannedSession, preferred_ids: Sequence[int] = ()) -> int:
        day_starts = self.day_starts[session.phase][session.day]
        cell = day_starts.free.day.cell_at(session_start(session, self.location.zone))
        assert cell is not None  # noqa: S101 - the planner chose among this day's cells
        allocations = allocate(self.demand(session.phase), day_starts.free, cell, preferred_ids)
        chairs = self.location.resources[ResourceKind.CHAIR]
        return next(
            allocation.resource_id for allocation in allocations if allocation.resource_id in chairs
        )


def session_start(session: PlannedSession, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a planned session starts."""
    return resolve_wall_clock(session.day, time(*divmod(session.minute, 60)), zone)


def read_series_calendar(
    catalogue: Catalogue,
    series: InfusionSeries,
    phases: Sequence[int],
    first: date,
    last: date,
    now: datetime,
) -> SeriesCalendar:
    """Read what is free at a series' location on local days [first, last], and what its patient can do.

    Raises `UnknownSlug` when the location or infusions are no longer offered.
    """
    location, service = find_location_and_service(catalogue, series)
    own_phases = get_phases(series)
    answers: dict[int, dict[date, DayStarts]] = {}
    for phase in sorted(set(phases)):
        demand = service.infusion_demand(
            own_phases[phase].setup,
            own_phases[phase].infusion,
            own_phases[phase].recovery,
            location,
        )
        location_days = availability.list_starts_by_day([(location, demand)], first, last, now)
        answers[phase] = {
            day_starts.free.day.local_date: day_starts for _, day_starts in location_days
        }
    return SeriesCalendar(
        location, service, own_phases, answers, read_patient_availability(series, first, last)
    )


def find_location_and_service(
    catalogue: Catalogue, series: InfusionSeries, slug: str | None = None
) -> tuple[LocationCalendar, BookableService]:
    """Return where a series takes place, or `slug`, and its appointments' service. Raises `UnknownSlug`."""
    slug = slug or catalogue.locations_by_id[series.location_id].slug
    location = availability.find_location(catalogue, slug)
    return location, availability.find_service(catalogue, INFUSION)


def read_patient_availability(
    series: InfusionSeries, first: date, last: date
) -> PatientAvailability:
    """Read what a series' patient can do on local days [first, last]."""
    return PatientAvailability(
        screening.get_standing(series.patient_id),
        list_other_infusions(series.patient_id, series.id),
        find_occupying_appointments(series.patient_id, first - A_DAY, last + A_DAY),
    )
