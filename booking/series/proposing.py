"""What the planner is asked, and its answer in the clinic's words: read only, books nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import offering
from booking.calendars.catalogue import Catalogue, Offer
from booking.calendars.days import bits, is_repeated, minute_of_day, wall_clock
from booking.calendars.memory import DayStarts
from booking.calendars.places import Place
from booking.calendars.rules import Demand, assign
from booking.extensions import db
from booking.locations import operations as locations
from booking.locations.rules import ResourceKind
from booking.series.alternatives import NamedPlan, alternatives, named
from booking.series.checker import check
from booking.series.models import InfusionSeries
from booking.series.planner import Infeasible, PlannedSession, PlanRequest, plan
from booking.series.reading import STANDING, phases_of, sessions_of
from booking.series.rules import Phase, Preferences, sessions_to_book

SLACK = timedelta(weeks=3)  # how much later than at the ideal pace a plan may end
INFUSION = "infusion"  # the service that sessions are visits of


class UncheckedPlan(AssertionError):
    """The independent checker found a broken rule in a plan; it is not shown, and not booked."""


@dataclass(frozen=True, slots=True)
class ProposedSession:
    """A planned session as it would be booked; `starts_at` in UTC."""

    planned: PlannedSession
    starts_at: datetime
    chair: str


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """A plan with its name, and its sessions as they would be booked."""

    named: NamedPlan
    sessions: tuple[ProposedSession, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best plan and real alternatives; or, without any, why there is none."""

    plans: tuple[ProposedPlan, ...]
    place: Place
    infeasible: Infeasible | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is free for a series' visits at its location."""

    place: Place
    offer: Offer
    phases: tuple[Phase, ...]
    answers: Mapping[int, Mapping[date, DayStarts]]  # phase → local day → starts

    def demand(self, phase: int) -> Demand:
        """Return what a visit of one phase occupies."""
        one = self.phases[phase]
        return self.offer.infusion(one.setup, one.infusion, one.recovery, self.place)

    def minutes(
        self, now: datetime, busy: Sequence[Appointment]
    ) -> dict[int, dict[date, list[int]]]:
        """Return, by phase and local day, the local minutes at which a visit can start.

        Left out are the past, what the patient's other visits forbid, and the repetition of an hour
        that the clocks show twice: a plan names local times.
        """
        return {
            phase: {
                day: [
                    minute_of_day(starts_at, self.place.zone)
                    for starts_at in map(answer.free.day.instant, bits(answer.starts))
                    if starts_at > now
                    and not is_repeated(starts_at, self.place.zone)
                    and self._is_patient_free(phase, starts_at, day, busy)
                ]
                for day, answer in days.items()
            }
            for phase, days in self.answers.items()
        }

    def _is_patient_free(
        self, phase: int, starts_at: datetime, day: date, busy: Sequence[Appointment]
    ) -> bool:
        ends_at = starts_at + timedelta(minutes=self.phases[phase].visit_minutes)
        return not any(
            (visit.starts_at < ends_at and visit.ends_at > starts_at)
            or (visit.is_infusion and visit.local_date == day)
            for visit in busy
        )

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
    """Read what is free at a series' location on local days [first, last], for these phases."""
    place, offer = known.places_by_id[series.location_id], known.offers[INFUSION]
    mine = phases_of(series)
    answers: dict[int, dict[date, DayStarts]] = {}
    for phase in sorted(set(phases)):
        demand = offer.infusion(
            mine[phase].setup, mine[phase].infusion, mine[phase].recovery, place
        )
        found = offering.starts_by_day([(place, demand)], first, last, now)
        answers[phase] = {answer.free.day.local_date: answer for _, answer in found}
    return Calendar(place, offer, mine, answers)


def other_visits(patient_id: int, first: date, last: date) -> list[Appointment]:
    """Return the patient's standing visits on local days [first, last]."""
    return list(
        db.session.scalars(
            select(Appointment).where(
                Appointment.patient_id == patient_id,
                Appointment.status.in_((Status.BOOKED, Status.ARRIVED)),
                Appointment.local_date.between(first, last),
            )
        )
    )


def request_for(
    series: InfusionSeries,
    now: datetime,
    *,
    previous: tuple[date, int] | None = None,
    first_number: int = 1,
    ahead: int = 0,
) -> tuple[PlanRequest, Calendar]:
    """Return what to ask the planner for the sessions from `first_number` on, and the calendar behind it.

    `previous` is where the session before stands; `ahead` sessions of an open-ended phase stand already.
    """
    known = offering.catalogue()
    place, phases = known.places_by_id[series.location_id], phases_of(series)
    today = now.astimezone(place.zone).date()
    first = max(series.first_day, today)
    start = first
    if previous:
        start = max(first, previous[0] + timedelta(days=phases[-1].gap.ideal_low))
    indexes = sessions_to_book(phases, first_number, start, today, ahead=ahead)
    last = _end(phases, indexes, start)
    calendar = calendar_for(known, series, indexes, first, last, now)
    busy = other_visits(series.patient_id, first, last)
    request = PlanRequest(
        phases=phases,
        numbers=tuple(range(first_number, first_number + len(indexes))),
        first_day=first,
        last_day=last,
        free=calendar.minutes(now, busy),
        preferences=Preferences.from_data(series.preferences),
        previous=previous,
    )
    return request, calendar


def _end(phases: Sequence[Phase], indexes: Sequence[int], start: date) -> date:
    """Return the last local day a plan may use: that of the slowest ideal pace, and some slack."""
    return start + sum((timedelta(days=phases[i].gap.ideal_high) for i in indexes), SLACK)


def propose(series: InfusionSeries, now: datetime) -> Proposal:
    """Return the best plan for a series and up to three named alternatives, each checked."""
    request, calendar = request_for(series, now)
    try:
        best = named(request, plan(request))
    except Infeasible as refusal:
        return Proposal((), calendar.place, refusal)
    plans = (best, *alternatives(request, best.plan))
    return Proposal(tuple(_proposed(request, calendar, one) for one in plans), calendar.place)


def _proposed(request: PlanRequest, calendar: Calendar, one: NamedPlan) -> ProposedPlan:
    require_checked(request, one.plan.sessions)
    chairs = calendar.chairs(one.plan.sessions)
    names = locations.resources(chairs)
    sessions = tuple(
        ProposedSession(session, start_of(session, calendar.place.zone), names[chair].name)
        for session, chair in zip(one.plan.sessions, chairs, strict=True)
    )
    return ProposedPlan(one, sessions)


def require_checked(request: PlanRequest, sessions: Sequence[PlannedSession]) -> None:
    """Raise `UncheckedPlan` when the independent checker finds a broken rule."""
    if broken := check(request, sessions):
        raise UncheckedPlan(", ".join(f"{one.number}: {one.rule}" for one in broken))


def standing_end(series: InfusionSeries, zone: ZoneInfo) -> tuple[date, int] | None:
    """Return local date and minute of the last session that stands, from which the next gap counts."""
    last = max(
        (
            one.visit
            for one in sessions_of(series.id)
            if one.visit and one.session.state in STANDING
        ),
        key=lambda visit: visit.starts_at,
        default=None,
    )
    return (last.local_date, minute_of_day(last.starts_at, zone)) if last else None
