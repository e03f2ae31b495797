"""What is free for a series' visits at its location, and what its patient can do: read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.appointments.occupied import occupying
from booking.calendars import offering
from booking.calendars.catalogue import Catalogue, Offer
from booking.calendars.days import bits, is_repeated, minute_of_day, wall_clock
from booking.calendars.memory import DayStarts
from booking.calendars.places import Place
from booking.calendars.rules import Demand, assign
from booking.locations.rules import ResourceKind
from booking.screening import operations as screening
from booking.series.models import InfusionSeries
from booking.series.person import Obstacle, Person
from booking.series.planner import PlannedSession
from booking.series.reading import infusions_besides, phases_of
from booking.series.rules import Phase

A_DAY = timedelta(days=1)  # other locations' days begin at other instants
INFUSION = "infusion"  # the service that sessions are visits of


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is free for a series' visits at its location."""

    place: Place
    offer: Offer
    phases: tuple[Phase, ...]
    answers: Mapping[int, Mapping[date, DayStarts]]  # phase → local day → starts
    person: Person

    def demand(self, phase: int) -> Demand:
        """Return what a visit of one phase occupies."""
        one = self.phases[phase]
        return self.offer.infusion(one.setup, one.infusion, one.recovery, self.place)

    def minutes(self, now: datetime, *, cleared: bool = True) -> dict[int, dict[date, list[int]]]:
        """Return, by phase and local day, the local minutes at which a visit can be booked.

        Left out are the past, all that the person can't do, and the repetition of an hour that the clocks
        show twice: a plan names local times. Without `cleared`, as if the person were cleared.
        """
        return {
            phase: {day: self._minutes(phase, day, now, cleared=cleared) for day in days}
            for phase, days in self.answers.items()
        }

    def _minutes(self, phase: int, day: date, now: datetime, *, cleared: bool) -> list[int]:
        if self.person.obstacle(day, self.phases[phase].gap, cleared=cleared):
            return []
        return [
            minute_of_day(starts_at, self.place.zone)
            for starts_at in self._starts(phase, day, now)
            if self._is_person_free(phase, starts_at, day)
        ]

    def _starts(self, phase: int, day: date, now: datetime) -> list[datetime]:
        """Return when a visit could start on a day, whoever it is for."""
        answer = self.answers[phase][day]
        starts = map(answer.free.day.instant, bits(answer.starts))
        return [at for at in starts if at > now and not is_repeated(at, self.place.zone)]

    def _is_person_free(self, phase: int, starts_at: datetime, day: date) -> bool:
        ends_at = starts_at + timedelta(minutes=self.phases[phase].visit_minutes)
        return self.person.is_free(starts_at, ends_at, day)

    def obstacles(
        self, phase: int, first: date, last: date, now: datetime
    ) -> dict[Obstacle, list[date]]:
        """Return what hinders a visit on each local day of [first, last] on which none can be booked."""
        found: dict[Obstacle, list[date]] = {}
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            if day in self.answers[phase] and not self._minutes(phase, day, now, cleared=True):
                found.setdefault(self._obstacle(phase, day, now), []).append(day)
        return found

    def _obstacle(self, phase: int, day: date, now: datetime) -> Obstacle:
        if obstacle := self.person.obstacle(day, self.phases[phase].gap):
            return obstacle
        if not self.place.is_open(day):
            return Obstacle.CLOSED
        return Obstacle.PERSON_BUSY if self._starts(phase, day, now) else Obstacle.FULL

    def chairs(self, sessions: Sequence[PlannedSession]) -> list[int]:
        """Return the id of the chair that each session gets when booked: the first one's where it can."""
        first = self._chair(sessions[0])
        return [first, *(self._chair(one, (first,)) for one in sessions[1:])]

    def _chair(self, one: PlannedSession, prefer: Sequence[int] = ()) -> int:
        answer = self.answers[one.phase][one.day]
        cell = answer.free.day.cell(start_of(one, self.place.zone))
        assert cell is not None  # noqa: S101 - the planner chose among this day's cells
        taken = assign(self.demand(one.phase), answer.free, cell, prefer)
        chairs = self.place.resources[ResourceKind.CHAIR]
        return next(piece.resource_id for piece in taken if piece.resource_id in chairs)


def start_of(one: PlannedSession, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a planned session starts."""
    return wall_clock(one.day, time(*divmod(one.minute, 60)), zone)


def calendar_for(
    known: Catalogue,
    series: InfusionSeries,
    phases: Sequence[int],
    first: date,
    last: date,
    now: datetime,
) -> Calendar:
    """Read what is free at a series' location on local days [first, last], and what its patient can do.

    Raises `UnknownName` when the location or infusions are no longer offered.
    """
    place, offer = where_and_what(known, series)
    mine = phases_of(series)
    answers: dict[int, dict[date, DayStarts]] = {}
    for phase in sorted(set(phases)):
        demand = offer.infusion(
            mine[phase].setup, mine[phase].infusion, mine[phase].recovery, place
        )
        found = offering.starts_by_day([(place, demand)], first, last, now)
        answers[phase] = {answer.free.day.local_date: answer for _, answer in found}
    return Calendar(place, offer, mine, answers, person_of(series, first, last))


def where_and_what(known: Catalogue, series: InfusionSeries) -> tuple[Place, Offer]:
    """Return where a series takes place, and the service of its visits. Raises `UnknownName`."""
    place = known.places_by_id[series.location_id]
    return offering.find_place(known, place.slug), offering.find_offer(known, INFUSION)


def person_of(series: InfusionSeries, first: date, last: date) -> Person:
    """Read what a series' patient can do on local days [first, last]."""
    return Person(
        screening.standing_of(series.patient_id),
        infusions_besides(series.patient_id, series.id),
        occupying(series.patient_id, first - A_DAY, last + A_DAY),
    )
