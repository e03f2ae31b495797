"""What is free for a series' appointments at its location, and what its patient can do: read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.appointments.conflicts import find_occupying_appointments
from booking.calendars import availability
from booking.calendars.catalogue import BookableService, Catalogue
from booking.calendars.local_days import is_repeated, iter_bits, minute_of_day, resolve_wall_clock
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand, allocate
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

    place: LocationCalendar
    offer: BookableService
    phases: tuple[Phase, ...]
    day_starts: Mapping[int, Mapping[date, DayStarts]]  # phase → local day → starts
    person: PatientAvailability

    def demand(self, phase: int) -> ResourceDemand:
        """Return what an appointment of one phase occupies."""
        one = self.phases[phase]
        return self.offer.infusion_demand(one.setup, one.infusion, one.recovery, self.place)

    def minutes(self, now: datetime, *, cleared: bool = True) -> dict[int, dict[date, list[int]]]:
        """Return, by phase and local day, the local minutes at which an appointment can be booked.

        Left out are the past, all that the person can't do, and the repetition of an hour that the clocks
        show twice: a plan names local times. Without `cleared`, as if the person were cleared.
        """
        return {
            phase: {day: self._minutes(phase, day, now, cleared=cleared) for day in days}
            for phase, days in self.day_starts.items()
        }

    def _minutes(self, phase: int, day: date, now: datetime, *, cleared: bool) -> list[int]:
        if self.person.find_obstacle(day, self.phases[phase].gap, cleared=cleared):
            return []
        return [
            minute_of_day(starts_at, self.place.zone)
            for starts_at in self._starts(phase, day, now)
            if self._is_person_free(phase, starts_at, day)
        ]

    def _starts(self, phase: int, day: date, now: datetime) -> list[datetime]:
        """Return when an appointment could start on a day, whoever it is for."""
        answer = self.day_starts[phase][day]
        starts = map(answer.free.day.cell_start, iter_bits(answer.starts))
        return [at for at in starts if at > now and not is_repeated(at, self.place.zone)]

    def _is_person_free(self, phase: int, starts_at: datetime, day: date) -> bool:
        ends_at = starts_at + timedelta(minutes=self.phases[phase].appointment_minutes)
        return self.person.is_free_at(starts_at, ends_at, day)

    def obstacles(
        self, phase: int, first: date, last: date, now: datetime
    ) -> dict[Obstacle, list[date]]:
        """Return, for each local day of [first, last] without a bookable time, what hinders it."""
        found: dict[Obstacle, list[date]] = {}
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            if day in self.day_starts[phase] and not self._minutes(phase, day, now, cleared=True):
                found.setdefault(self._obstacle(phase, day, now), []).append(day)
        return found

    def _obstacle(self, phase: int, day: date, now: datetime) -> Obstacle:
        if obstacle := self.person.find_obstacle(day, self.phases[phase].gap):
            return obstacle
        if not self.place.is_open_on(day):
            return Obstacle.CLOSED
        return Obstacle.PERSON_BUSY if self._starts(phase, day, now) else Obstacle.FULL

    def chairs(self, sessions: Sequence[PlannedSession]) -> list[int]:
        """Return the id of the chair that each session gets when booked: the first one's where it can."""
        first = self._chair(sessions[0])
        return [first, *(self._chair(one, (first,)) for one in sessions[1:])]

    def _chair(self, one: PlannedSession, prefer: Sequence[int] = ()) -> int:
        answer = self.day_starts[one.phase][one.day]
        cell = answer.free.day.cell_at(session_start(one, self.place.zone))
        assert cell is not None  # noqa: S101 - the planner chose among this day's cells
        taken = allocate(self.demand(one.phase), answer.free, cell, prefer)
        chairs = self.place.resources[ResourceKind.CHAIR]
        return next(piece.resource_id for piece in taken if piece.resource_id in chairs)


def session_start(one: PlannedSession, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a planned session starts."""
    return resolve_wall_clock(one.day, time(*divmod(one.minute, 60)), zone)


def read_series_calendar(
    known: Catalogue,
    series: InfusionSeries,
    phases: Sequence[int],
    first: date,
    last: date,
    now: datetime,
) -> SeriesCalendar:
    """Read what is free at a series' location on local days [first, last], and what its patient can do.

    Raises `UnknownSlug` when the location or infusions are no longer offered.
    """
    place, offer = find_location_and_service(known, series)
    mine = get_phases(series)
    answers: dict[int, dict[date, DayStarts]] = {}
    for phase in sorted(set(phases)):
        demand = offer.infusion_demand(
            mine[phase].setup, mine[phase].infusion, mine[phase].recovery, place
        )
        found = availability.list_starts_by_day([(place, demand)], first, last, now)
        answers[phase] = {answer.free.day.local_date: answer for _, answer in found}
    return SeriesCalendar(
        place, offer, mine, answers, read_patient_availability(series, first, last)
    )


def find_location_and_service(
    known: Catalogue, series: InfusionSeries
) -> tuple[LocationCalendar, BookableService]:
    """Return where a series takes place, and the service of its appointments. Raises `UnknownSlug`."""
    place = known.locations_by_id[series.location_id]
    return availability.find_location(known, place.slug), availability.find_service(known, INFUSION)


def read_patient_availability(
    series: InfusionSeries, first: date, last: date
) -> PatientAvailability:
    """Read what a series' patient can do on local days [first, last]."""
    return PatientAvailability(
        screening.get_standing(series.patient_id),
        list_other_infusions(series.patient_id, series.id),
        find_occupying_appointments(series.patient_id, first - A_DAY, last + A_DAY),
    )
