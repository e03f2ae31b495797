"""Every rule that decides where a session of a plan can be, the others as they are: for "why not then?".

A plan that isn't booked keeps to all of them; nobody overrides one: it is prescribed differently.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from booking.appointments.patient_rules import list_clearance_rules, list_patient_rules
from booking.appointments.ruled_starts import day_rule
from booking.calendars import availability
from booking.calendars.local_days import CELL, LocalDay, is_repeated
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.calendars.ruled_days import Blocker, RuledDay, StartRule
from booking.calendars.ruled_starts import read_ruled_days
from booking.series.gap_blockers import describe_gap_problem
from booking.series.gap_rules import GapViolation, SeriesRule, StandingSession
from booking.series.planning.requests import PlannedSession, PlanRequest, PlanSlot
from booking.series.series_calendars import SeriesCalendar
from booking.series.session_rules import SessionTerms
from booking.series.spacing import Infusion, list_too_close

# The rules that other sessions of the plan have a part in
OF_OTHERS = {
    *(SeriesRule.GAP_TOO_SHORT, SeriesRule.GAP_TOO_LONG),
    *(SeriesRule.OUT_OF_ORDER, SeriesRule.NOT_AUTHORISED),
}


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """A plan that isn't booked, what it was asked of, and the calendar behind it."""

    request: PlanRequest
    calendar: SeriesCalendar
    sessions: Sequence[PlannedSession]

    def read_rules(
        self,
        number: int,
        location: LocationCalendar,
        day: date,
        now: datetime,
        possible: Collection[PlanSlot] = (),
    ) -> RuledDay:
        """Return a local day at a location as each rule sees it by which session `number` is planned.

        Other sessions stand where they are, but for `possible` slots: others can be planned around them.
        """
        session = next(each for each in self.sessions if each.number == number)
        phase = self.request.phases[session.phase]
        service = self.calendar.service
        demand = service.infusion_demand(*phase.parts, location)
        (ruled,) = read_ruled_days(location, demand, day, day, now)
        ruled = RuledDay(location, ruled.day, tuple(map(_bind, ruled.rules)))
        person = self.calendar.person
        infusion = Infusion(0, day, phase.gap)
        too_close = list_too_close(infusion, person.infusions)
        blockers = [*map(describe_gap_problem, too_close), *self._list_gap_blockers(session, day)]
        rules = [
            *list_patient_rules(ruled.day, demand, person.appointments, is_infusion=True),
            *list_clearance_rules(person.clearance_basis, day),
            *self._terms(number).list_rules(location, ruled.day, OverriddenBy.NOBODY),
            *(day_rule(replace(each, override=OverriddenBy.NOBODY)) for each in blockers),
            *self._list_span_rules(ruled.day, location),
        ]
        cells = self._cells_of(possible, location, ruled.day)
        return ruled.with_rules(
            replace(rule, starts=rule.starts | cells) if rule.rule in OF_OTHERS else rule
            for rule in rules
        )

    def _cells_of(
        self, slots: Collection[PlanSlot], location: LocationCalendar, day: LocalDay
    ) -> int:
        """Return the cells of a local day at which some slots of a location start."""
        starts = (
            self.calendar.starts_at(slot)
            for slot in slots
            if (slot.location, slot.day) == (location.slug, day.local_date)
        )
        return sum(1 << (start - day.starts_at) // CELL for start in starts)

    def _terms(self, number: int) -> SessionTerms:
        """Return what was asked for and authorised; other sessions of the plan use authorisations up."""
        others = [each.day for each in self.sessions if each.number != number]
        authorisations = [
            replace(each, sessions=max(0, each.sessions - sum(map(each.covers, others))))
            for each in self.request.authorisations
        ]
        person, locations = self.calendar.person, self.calendar.locations
        only = self.request.preferences.only
        return SessionTerms(only, set(locations), person.away_days, authorisations)

    def _list_gap_blockers(self, session: PlannedSession, day: date) -> Iterator[Blocker]:
        """Yield the gaps to the sessions before and after that aren't kept, in order of numbers."""
        standing = [
            StandingSession(each.number, each.phase, day if each is session else each.day)
            for each in self.sessions
        ]
        if self.request.previous is not None:
            first = standing[0]
            before = StandingSession(first.number - 1, first.phase, self.request.previous.day)
            standing.insert(0, before)
        for earlier, later in pairwise(standing):
            days, gap = (later.day - earlier.day).days, self.request.phases[later.phase].gap
            if session.number not in (earlier.number, later.number) or gap.allows(days):
                continue
            if days < 0:
                numbers = {"before": earlier.number, "after": later.number}
                yield Blocker(SeriesRule.OUT_OF_ORDER, facts=numbers)
            else:
                yield describe_gap_problem(GapViolation(earlier, later, days, gap))

    def _list_span_rules(self, day: LocalDay, location: LocationCalendar) -> list[StartRule]:
        """Return the rules about the days of a plan, and that a plan names local times."""
        request, rules = self.request, [_clock_rule(day)]
        if day.local_date < request.first_day:
            rules.append(
                StartRule.against_day(SeriesRule.BEFORE_START, first_day=request.first_day)
            )
        if day.local_date > request.last_day:
            rules.append(StartRule.against_day(SeriesRule.BEYOND_PLAN, last_day=request.last_day))
        if location.slug not in availability.current_catalogue().locations:
            rules.append(StartRule.against_day(CalendarRule.LOCATION_GONE))
        return rules


def _bind(rule: StartRule) -> StartRule:
    """Return a rule that a plan keeps to, whoever plans."""
    return replace(rule, override=OverriddenBy.NOBODY)


def _clock_rule(day: LocalDay) -> StartRule:
    if not day.has_clock_change:
        return StartRule(SeriesRule.CLOCK_REPEATED, day.all_cells)
    shown_first = (cell for cell in range(day.cells) if not _is_second(day, cell))
    return StartRule(SeriesRule.CLOCK_REPEATED, sum(1 << cell for cell in shown_first))


def _is_second(day: LocalDay, cell: int) -> bool:
    return is_repeated(day.cell_start(cell), day.zone)
