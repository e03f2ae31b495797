"""What the planner is asked to heal a series: where its sessions stand, and what is free if they moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from booking.appointments.impossible import find_impossible_appointments
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.dates import latest_plannable_date
from booking.series.authorisation_records import list_remaining_authorisations
from booking.series.authorisations import AuthorisedSessions, covers_all
from booking.series.gap_rules import find_gap_violations
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause, list_paused_days
from booking.series.planning.healing import session_parts, with_allowed_gaps
from booking.series.planning.requests import PlanRequest, PlanSlot
from booking.series.preferences import Preferences, TimeWindow
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import (
    STANDING,
    ScheduledSession,
    get_phases,
    is_session_suspended,
    list_sessions,
    list_standing_sessions,
    read_plan_rates,
)
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.rules import Phase
from booking.series.series_calendars import (
    SeriesCalendar,
    read_series_calendar,
    release_appointments,
)
from booking.series.slot_prices import read_slot_prices
from booking.series.standing_slots import to_slot

SLACK = timedelta(weeks=3)  # how much later the last session may be than at the slowest pace
LOST, PAUSED, AWAY = "lost", "paused", "away"  # why a day is left out
FreeSlots = dict[int, dict[str, dict[date, list[int]]]]


@dataclass(frozen=True, slots=True)
class HealingBasis:
    """A series as it stands: what is to come (session number → appointment), and what may be asked.

    `request` is for `numbers` of the sessions to come with those that lost their times.
    """

    series: InfusionSeries
    sessions: Mapping[int, ScheduledSession]
    coming: Mapping[int, Appointment]
    request: PlanRequest
    calendar: SeriesCalendar
    phases: tuple[Phase, ...]  # with the limits that were prescribed

    def find_session(self, session_id: int | None) -> Session | None:
        """Return one of the series' sessions by its id."""
        sessions = (each.session for each in self.sessions.values())
        return next((each for each in sessions if each.id == session_id), None)

    @property
    def slots(self) -> dict[int, PlanSlot]:
        """Where the sessions to come stand, by number."""
        return {number: to_slot(appointment) for number, appointment in self.coming.items()}


def read_healing_basis(
    series: InfusionSeries,
    lost_sessions: Sequence[Session],
    now: datetime,
    away_days: Collection[date] = (),
) -> HealingBasis:
    """Read what re-planning a series starts from; `lost_sessions` are to get times, too.

    Raises `SeriesNotPending` unless it goes on, `InvalidChange` where somebody decides about all of it first
    ("paused", "suspended"), `UnknownSlug`.
    """
    sessions = list_sessions(series.id)
    _require_going_on(series, sessions)
    coming = {each.session.number: each.appointment for each in sessions
              if each.is_coming(now) and each.appointment is not None}  # fmt: skip
    numbers = sorted({*coming, *(session.number for session in lost_sessions)})
    phases, catalogue = get_phases(series), availability.current_catalogue()
    by_number = {each.session.number: each for each in sessions}
    zone = catalogue.locations_by_id[series.location_id].zone
    first = max(series.first_day, now.astimezone(zone).date())
    last = min(_last_day(phases, by_number, numbers, coming, first), latest_plannable_date(first))
    indexes = [by_number[number].session.phase for number in numbers]
    calendar = read_series_calendar(catalogue, series, indexes, first, last, now)
    calendar = release_appointments(calendar, [*coming.values()], now)
    rates = read_plan_rates()
    request = PlanRequest(
        phases=with_allowed_gaps(phases, _list_allowed_gaps(phases, sessions)),
        numbers=tuple(numbers),
        first_day=first,
        last_day=last,
        free=calendar.free_minutes(now),
        blocked=calendar.blocked_days(),
        preferences=Preferences.from_dict(series.preferences),
        home=calendar.home.slug,
        previous=_find_previous(sessions, coming),
        prices=read_slot_prices(calendar, series.id, len(numbers), rates, now),
        authorisations=_list_authorisations(series, numbers, coming),
        rates=rates,
    )
    held = _list_held(coming, away_days, calendar, now)
    request = _without_days(
        _with_held(request, phases, by_number, held),
        {
            **dict.fromkeys(list_paused_days(series.id, first, last), PAUSED),
            **dict.fromkeys(_list_lost_days(lost_sessions, by_number), LOST),
            **dict.fromkeys(away_days, AWAY),
        },
    )
    return HealingBasis(series, by_number, coming, request, calendar, phases)


def _list_authorisations(
    series: InfusionSeries, numbers: Sequence[int], coming: Mapping[int, Appointment]
) -> tuple[AuthorisedSessions, ...]:
    """Return what a payer covers of the sessions to come; nothing limits them where more stand already.

    What stands without being covered was said when it was booked, and is not cancelled by planning anew.
    """
    left = list_remaining_authorisations(series.id, numbers)
    days = [appointment.local_date for appointment in coming.values()]
    return left if covers_all(left, days) else ()


def _require_going_on(series: InfusionSeries, sessions: Sequence[ScheduledSession]) -> None:
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")
    if is_session_suspended(sessions):
        raise InvalidChange("suspended")


def _last_day(
    phases: Sequence[Phase],
    sessions: Mapping[int, ScheduledSession],
    numbers: Sequence[int],
    coming: Mapping[int, Appointment],
    first: date,
) -> date:
    """Return the last local day a plan may use: later than all that stands by the sessions to be added."""
    last = max([first, *(appointment.local_date for appointment in coming.values())])
    added = [sessions[number].session.phase for number in numbers if number not in coming]
    return last + sum((timedelta(days=phases[index].gap.max_days) for index in added), SLACK)


def _find_previous(
    sessions: Sequence[ScheduledSession], coming: Mapping[int, Appointment]
) -> PlanSlot | None:
    """Return where the last session is that has begun or was done."""
    standing = [
        each.appointment
        for each in sessions
        if each.appointment and each.session.state in STANDING and each.session.number not in coming
    ]
    last = max(standing, key=lambda appointment: appointment.starts_at, default=None)
    return to_slot(last) if last else None


def _list_allowed_gaps(
    phases: Sequence[Phase], sessions: list[ScheduledSession]
) -> dict[int, list[int]]:
    """Return, by phase, the gaps against its limits that a practitioner has let stand."""
    allowed = {each.session.number: each.session.allowed_gap for each in sessions}
    gaps: dict[int, list[int]] = {}
    for violation in find_gap_violations(phases, list_standing_sessions(sessions)):
        if allowed[violation.later.number] == violation.days:
            gaps.setdefault(violation.later.phase, []).append(violation.days)
    return gaps


def _list_lost_days(
    lost_sessions: Sequence[Session], sessions: Mapping[int, ScheduledSession]
) -> list[date]:
    """Return the days on which sessions lost their times: they did not suit."""
    appointments = (sessions[session.number].appointment for session in lost_sessions)
    return [appointment.local_date for appointment in appointments if appointment]


def _list_held(
    coming: Mapping[int, Appointment],
    away_days: Collection[date],
    calendar: SeriesCalendar,
    now: datetime,
) -> dict[int, PlanSlot]:
    """Return where sessions stand that may stay: they can take place, and the patient is not away."""
    ids = [appointment.id for appointment in coming.values()]
    impossible = find_impossible_appointments(availability.current_catalogue(), now, ids)
    away = {*away_days, *calendar.person.away_days}
    return {
        number: to_slot(appointment)
        for number, appointment in coming.items()
        if appointment.id not in impossible and appointment.local_date not in away
    }


def _with_held(
    request: PlanRequest,
    phases: Sequence[Phase],
    sessions: Mapping[int, ScheduledSession],
    held: Mapping[int, PlanSlot],
) -> PlanRequest:
    """Return a request in which what stands may stay, whatever is asked for; what is new is within it."""
    only = request.preferences.only
    free: FreeSlots = {
        phase: {
            location: {day: [minute for minute in minutes if only.allows(day.weekday(), minute)]
                       for day, minutes in days.items()}
            for location, days in by_location.items()
        }
        for phase, by_location in request.free.items()
    }  # fmt: skip
    for number, slot in held.items():
        own = session_parts(phases[sessions[number].session.phase])
        for phase in (each for each in free if session_parts(phases[each]) == own):
            days = free[phase].setdefault(slot.location, {})
            days[slot.day] = sorted({*days.get(slot.day, ()), slot.minute})
    held_days = {slot.day for slot in held.values()}
    return replace(
        request,
        free=free,
        blocked={
            phase: {day: why for day, why in days.items() if day not in held_days}
            for phase, days in request.blocked.items()
        },
        preferences=replace(request.preferences, only=TimeWindow()),
        held=frozenset(held.values()),
    )


def _without_days(request: PlanRequest, days: Mapping[date, str]) -> PlanRequest:
    """Leave days out on which nothing stands that may stay."""
    held_days = {slot.day for slot in request.held}
    left_out = {day: why for day, why in days.items() if day not in held_days}
    blocked = {phase: {**request.blocked.get(phase, {}), **left_out} for phase in request.free}
    return replace(request, blocked=blocked)


def list_lost_sessions(basis_sessions: Sequence[ScheduledSession]) -> list[Session]:
    """Return the sessions that wait for a time and were never missed: the desk finds them one."""
    return [each.session for each in basis_sessions if each.session.state is SessionState.UNPLACED]
