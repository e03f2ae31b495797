"""The problem of an outage as the database has it: read only, by the rules that booking and moving ask."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from booking.appointments.conflicts import list_occupying_appointments
from booking.appointments.guards import filter_move_dates
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
from booking.calendars.location_calendars import Span
from booking.calendars.rules import ResourceDemand
from booking.outages.affected import Affected
from booking.outages.companions import filter_days, read_companion_terms
from booking.outages.gap_windows import is_near_limit, list_session_move_days, list_spacings
from booking.outages.planning.options import (
    DEFAULT_PRICES,
    DisplacedAppointment,
    LocationDay,
    build_problem,
)
from booking.outages.planning.problem import MoveProblem, Spacing
from booking.outages.rules import NoTimeReason, PlanScope, compute_earliest_start
from booking.screening import operations as screening
from booking.series.gap_rules import GapViolation, with_session_moved
from booking.series.gaps import SeriesGaps, read_series_gaps
from booking.series.models import Session
from booking.series.queries import find_session_of_appointment
from booking.series.session_rules import SessionTerms

REACH = timedelta(days=21)  # how far from its old day a new time is looked for
A_DAY = timedelta(days=1)
ALL_DAY = (0, 24 * 60)  # minutes


@dataclass(frozen=True, slots=True)
class DisplacedSession:
    """A session of a series that loses its time, with its series' gaps and which others do, too."""

    session: Session
    gaps: SeriesGaps
    displaced_numbers: frozenset[int]

    def keeps_other_rules(self, day: date) -> bool:
        """Tell whether it may be on a local day as far as anything but gaps in its series goes."""
        moved = with_session_moved(self.gaps.sessions, self.session.number, day)
        problems = self.gaps.list_gap_problems(moved)
        return all(isinstance(problem, GapViolation) for problem in problems)


class OutageReader:
    """What is read once for all scopes of an outage: who moves, to which days, and what is free."""

    def __init__(self, affected: Affected, catalogue: Catalogue, now: datetime) -> None:
        self.affected, self.catalogue, self.now = affected, catalogue, now
        self.appointments = [*affected.hit, *affected.giving_way, *affected.companions]
        self.hit_ids = {appointment.id for appointment in affected.hit}
        self.companion_ids = {appointment.id for appointment in affected.companions}
        self.sessions = self._read_sessions()
        patient_ids = {each.patient_id for each in self.appointments if each.patient_id is not None}
        self.standings = screening.standings_by_patient(patient_ids)
        self.first = min(
            now.astimezone(location.zone).date() for location in catalogue.locations.values()
        )
        last = max((each.local_date for each in self.appointments), default=self.first)
        self.last = last + REACH
        self.free_days = [
            LocationDay(location.id, free)
            for location, free in availability.list_free_days_besides(
                [each.id for each in self.appointments],
                [*catalogue.locations.values()],
                self.first,
                self.last,
                now,
            )
        ]
        self.no_day_reasons: dict[int, NoTimeReason] = {}

    def _read_sessions(self) -> dict[int, DisplacedSession]:
        """Return the sessions among the appointments, by appointment id."""
        sessions = {
            each.id: session
            for each in self.appointments
            if (session := find_session_of_appointment(each.id)) is not None
        }
        numbers: dict[int, set[int]] = {}
        for session in sessions.values():
            numbers.setdefault(session.series_id, set()).add(session.number)
        gaps = {session.series_id: read_series_gaps(session) for session in sessions.values()}
        return {
            key: DisplacedSession(
                session, gaps[session.series_id], frozenset(numbers[session.series_id])
            )
            for key, session in sessions.items()
        }

    def build_problem(self, scope: PlanScope) -> MoveProblem:
        """Return the problem of finding everybody a time where a plan's scope looks."""
        displaced = [self._displace(appointment, scope) for appointment in self.appointments]
        return build_problem(displaced, self.free_days, self._list_spacings())

    def _displace(self, appointment: Appointment, scope: PlanScope) -> DisplacedAppointment:
        location_ids = {location.id for location in self.catalogue.locations.values()}
        if scope is PlanScope.SAME_LOCATION:
            location_ids &= {appointment.location_id}
        is_hit, is_companion = (appointment.id in ids for ids in (self.hit_ids, self.companion_ids))
        terms = self._read_terms(appointment) if is_companion else None
        if terms is not None:
            location_ids = {
                each.id
                for each in self.catalogue.locations.values()
                if each.slug in terms.locations
            }
        return DisplacedAppointment(
            appointment_id=appointment.id,
            location_id=appointment.location_id,
            starts_at=appointment.starts_at,
            demand=self._demand(appointment),
            days=self._list_days(appointment, terms),
            location_ids=frozenset(location_ids),
            earliest=compute_earliest_start(appointment.starts_at, self.now, appointment.time_zone),
            busy=self._list_busy(appointment),
            may_stay=not is_hit or appointment.id in self.affected.exchangeable_ids,
            is_hit=is_hit,
            is_pressed=self._is_pressed(appointment),
            is_companion=is_companion,
            own_day=appointment.local_date,
            minutes=terms.only.minutes if terms is not None else ALL_DAY,
        )

    def _read_terms(self, appointment: Appointment) -> SessionTerms:
        return read_companion_terms(self.sessions[appointment.id].session, self.first, self.last)

    def _demand(self, appointment: Appointment) -> ResourceDemand:
        """Return what an appointment needs: the practitioner, too, whom its patient chose."""
        service = self.catalogue.services_by_id[appointment.service_id]
        return replace(
            get_demand(appointment, service), practitioner_id=appointment.practitioner_id
        )

    def _list_days(
        self, appointment: Appointment, terms: SessionTerms | None = None
    ) -> dict[date, int]:
        """Return the days an appointment may move to, each with the days by which its gaps miss the ideal."""
        last = appointment.local_date + REACH
        days = [self.first + n * A_DAY for n in range((last - self.first).days + 1)]
        displaced = self.sessions.get(appointment.id)
        misses = dict.fromkeys(days, 0)
        if displaced is not None:
            misses = list_session_move_days(
                displaced.gaps.phases, displaced.gaps.sessions, displaced.session.number,
                displaced.displaced_numbers, days,
            )  # fmt: skip
        if displaced is None or len(displaced.displaced_numbers) == 1:
            allowed = filter_move_dates(appointment, [*misses])
            misses = {day: misses[day] for day in allowed}
        else:
            misses = {day: miss for day, miss in misses.items() if displaced.keeps_other_rules(day)}
        if terms is not None:
            near = filter_days(terms, misses, appointment.local_date)
            misses = {day: misses[day] for day in near}
        return self._keep_cleared(appointment, misses)

    def _keep_cleared(self, appointment: Appointment, days: dict[date, int]) -> dict[date, int]:
        """Return the days on which the patient may be given an infusion; all, of anything else."""
        if not days:
            self.no_day_reasons[appointment.id] = NoTimeReason.NO_DAY
        if not appointment.is_infusion or appointment.patient_id is None:
            return days
        standing = self.standings[appointment.patient_id]
        cleared = {day: miss for day, miss in days.items() if standing.allows_infusion_on(day)}
        if days and not cleared:
            self.no_day_reasons[appointment.id] = NoTimeReason.NOT_CLEARED
        return cleared

    def _list_busy(self, appointment: Appointment) -> tuple[Span, ...]:
        """Return when a patient has something else that is not displaced: of infusions, the whole day."""
        if appointment.patient_id is None:
            return ()
        displaced_ids = {each.id for each in self.appointments}
        others = list_occupying_appointments(
            appointment.patient_id, self.first - A_DAY, appointment.local_date + REACH + A_DAY
        )
        spans = []
        for other in others:
            if other.id in displaced_ids:
                continue
            spans.append((other.starts_at, other.ends_at))
            if other.is_infusion and appointment.is_infusion:
                location = self.catalogue.locations_by_id[other.location_id]
                day = location.local_day(other.local_date)
                spans.append((day.starts_at, day.ends_at))
        return tuple(spans)

    def _is_pressed(self, appointment: Appointment) -> bool:
        """Tell whether a session is one of the first phase, or near a limit of its gaps (CLINICAL §5)."""
        displaced = self.sessions.get(appointment.id)
        if displaced is None:
            return False
        gaps, number = displaced.gaps, displaced.session.number
        return displaced.session.phase == 0 or is_near_limit(gaps.phases, gaps.sessions, number)

    def _list_spacings(self) -> Sequence[Spacing]:
        """Return which days of two displaced appointments of one person go together."""
        by_number = {
            (each.session.series_id, each.session.number): key
            for key, each in self.sessions.items()
        }
        spacings = [
            Spacing(
                by_number[series_id, pair.earlier], by_number[series_id, pair.later],
                pair.min_days, pair.max_days,
                ideal_days=(pair.gap.ideal_min_days, pair.gap.ideal_max_days),
                price=DEFAULT_PRICES.gap_day if self.affected.companions else 0,
            )
            for series_id, each in {s.session.series_id: s for s in self.sessions.values()}.items()
            for pair in list_spacings(each.gaps.phases, each.gaps.sessions, each.displaced_numbers)
        ]  # fmt: skip
        paired = {frozenset((each.first_id, each.second_id)) for each in spacings}
        return [*spacings, *self._keep_days_apart(paired)]

    def _keep_days_apart(self, paired: set[frozenset[int]]) -> list[Spacing]:
        """Return that no other two displaced appointments of one person are on one day."""
        return [
            Spacing(first.id, second.id, 1, (self.last - self.first).days, both_ways=True)
            for index, first in enumerate(self.appointments)
            for second in self.appointments[index + 1 :]
            if first.patient_id == second.patient_id
            and frozenset((first.id, second.id)) not in paired
        ]
