"""What the planner is asked to heal a series: where its sessions stand, and what is free if they moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.dates import latest_plannable_date
from booking.series.authorisation_records import list_remaining_authorisations
from booking.series.authorisations import AuthorisedSessions, covers_all
from booking.series.gap_rules import list_gap_violations
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause, list_paused_days
from booking.series.planning.healing import with_allowed_gaps
from booking.series.planning.held_slots import (
    AWAY,
    LOST,
    PAUSED,
    block_days,
    hold_slots,
    keep_preferred_slots,
    unblock_days,
)
from booking.series.planning.requests import PlanRequest, PlanSlot
from booking.series.preferences import Preferences
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


@dataclass(frozen=True, slots=True)
class ComingSessions:
    """What is to come of a series: where it stands, by number, and `numbers` that are to have times.

    Local days [first, last] are those a plan may use.
    """

    series: InfusionSeries
    sessions: Mapping[int, ScheduledSession]
    coming: Mapping[int, Appointment]
    numbers: Sequence[int]
    phases: tuple[Phase, ...]
    first: date
    last: date
    calendar: SeriesCalendar


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
    basis = _read_coming(series, lost_sessions, now)
    held = _list_held(basis.coming, away_days, basis.calendar, now)
    reasons = {
        **dict.fromkeys(list_paused_days(series.id, basis.first, basis.last), PAUSED),
        **dict.fromkeys(_list_lost_days(lost_sessions, basis.sessions), LOST),
        **dict.fromkeys(away_days, AWAY),
    }
    request = keep_preferred_slots(_build_request(basis, now))
    request = hold_slots(request, {slot: _phase_of(basis, number) for number, slot in held.items()})
    request = unblock_days(block_days(request, reasons), {slot.day for slot in held.values()})
    return HealingBasis(series, basis.sessions, basis.coming, request, basis.calendar, basis.phases)


def _read_coming(
    series: InfusionSeries, lost_sessions: Sequence[Session], now: datetime
) -> ComingSessions:
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
    return ComingSessions(series, by_number, coming, numbers, phases, first, last, calendar)


def _build_request(basis: ComingSessions, now: datetime) -> PlanRequest:
    """Return what is asked of a series' sessions to come as if none stood anywhere."""
    series, calendar, numbers = basis.series, basis.calendar, basis.numbers
    sessions, rates = [*basis.sessions.values()], read_plan_rates()
    return PlanRequest(
        phases=with_allowed_gaps(basis.phases, _list_allowed_gaps(basis.phases, sessions)),
        numbers=tuple(numbers),
        first_day=basis.first,
        last_day=basis.last,
        free=calendar.free_minutes(now),
        blocked=calendar.blocked_days(),
        preferences=Preferences.from_dict(series.preferences),
        home=calendar.home.slug,
        previous=_find_previous(sessions, basis.coming),
        prices=read_slot_prices(calendar, series.id, len(numbers), rates, now),
        authorisations=_list_authorisations(series, numbers, basis.coming),
        rates=rates,
    )


def _phase_of(basis: ComingSessions, number: int) -> Phase:
    """Return a session's phase as it was prescribed."""
    return basis.phases[basis.sessions[number].session.phase]


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
    for violation in list_gap_violations(phases, list_standing_sessions(sessions)):
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
    impossible = list_impossible_appointments(availability.current_catalogue(), now, ids)
    away = {*away_days, *calendar.person.away_days}
    return {
        number: to_slot(appointment)
        for number, appointment in coming.items()
        if appointment.id not in impossible and appointment.local_date not in away
    }


def list_lost_sessions(basis_sessions: Sequence[ScheduledSession]) -> list[Session]:
    """Return the sessions that wait for a time and were never missed: the desk finds them one."""
    return [each.session for each in basis_sessions if each.session.state is SessionState.UNPLACED]
