"""Another frequency of the open-ended phase from a day on: every second visit stays, others are cancelled.

Where it goes closer, all stay whose times suit, and new ones come between. Nothing moves (CLINICAL §5).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.frequencies import FREQUENCIES
from booking.series.frequency_plans import FrequencyChange, PlacedSession, plan_frequency_tail
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause
from booking.series.phase_revisions import (
    first_number_of,
    with_frequency,
    without_end,
)
from booking.series.progress import SeriesStatus
from booking.series.queries import STANDING, ScheduledSession, get_phases, list_sessions
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.revisions import get_maintenance_index, is_rolling
from booking.series.rules import Gap, Phase, last_session_number
from booking.series.session_changes import require_practitioner
from booking.series.standing_slots import to_slot
from booking.series.tails import (
    Tail,
    apply_tail,
    list_waiting,
    require_shown,
)


def preview_frequency(series: InfusionSeries, days: int, first_day: date, now: datetime) -> Tail:
    """Return what a frequency of so many days, from a local day on, would do; nothing changes.

    `days` is one of `FREQUENCIES`. Raises `SeriesNotPending`, `InvalidChange`, `UnknownSlug`.
    """
    return plan_frequency_tail(_read_change(series, days, first_day, now), now)


def _read_change(
    series: InfusionSeries, days: int, first_day: date, now: datetime
) -> FrequencyChange:
    _require_open_ended(series)
    sessions, phases = list_sessions(series.id), get_phases(series)
    maintenance = first_number_of(phases, get_maintenance_index(series))
    standing = _list_standing(sessions)
    coming = [
        each
        for each in standing
        if each.slot.day >= first_day
        and each.scheduled.is_coming(now)
        and each.scheduled.session.number >= maintenance
    ]
    before = [each for each in standing if each not in coming]
    numbers = [each.scheduled.session.number for each in coming]
    first_number = max(min(numbers, default=len(sessions) + 1), maintenance)
    old_phase = coming[0].scheduled.session.phase if coming else len(phases) - 1
    changed = with_frequency(without_end(phases), first_number, days) if days in FREQUENCIES else ()
    if not changed or changed[-1].gap == phases[-1].gap:
        raise InvalidChange("days")
    _require_possible_day(series, first_day, standing, phases[old_phase].gap, now)
    return FrequencyChange(
        series, sessions, before, coming, phases[old_phase].gap, changed, first_number, first_day,
        _count_left(phases, sessions, first_number, coming),
    )  # fmt: skip


def _count_left(
    phases: Sequence[Phase],
    sessions: Sequence[ScheduledSession],
    first_number: int,
    coming: Sequence[PlacedSession],
) -> int | None:
    """Return how many sessions are left to a given end: to come, waiting, and not booked yet."""
    last_number = last_session_number(phases)
    if last_number is None:
        return None
    unbooked = max(last_number - len(sessions), 0)
    return len(coming) + len(list_waiting(sessions, first_number)) + unbooked


def _require_open_ended(series: InfusionSeries) -> None:
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if not is_rolling(series):
        raise InvalidChange("not_open_ended")
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")


def _require_possible_day(
    series: InfusionSeries,
    first_day: date,
    standing: Sequence[PlacedSession],
    old_gap: Gap,
    now: datetime,
) -> None:
    """Raise `InvalidChange` for a day that is past, or before which not all is booked yet."""
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    today = now.astimezone(zone).date()
    booked_until = max([today, *(each.slot.day for each in standing)])
    if not today <= first_day <= booked_until + timedelta(days=old_gap.max_days):
        raise InvalidChange("first_day")


def _list_standing(sessions: Sequence[ScheduledSession]) -> list[PlacedSession]:
    """Return the sessions that stand, by day."""
    standing = [
        PlacedSession(each, to_slot(each.appointment))
        for each in sessions
        if each.appointment is not None and each.session.state in STANDING
    ]
    return sorted(standing, key=lambda each: (each.slot.day, each.slot.minute))


@transaction()
def change_frequency(
    series_id: int,
    days: int,
    first_day: date,
    staff_id: int,
    now: datetime,
    *,
    reason: str,
    expected_key: str,
) -> None:
    """Give the open-ended phase another frequency from a local day on, as it was shown (`Tail.key`).

    Raises `PractitionerRequired`, `SeriesNotPending`, `InvalidChange`, `PlanChanged`, `UnknownSlug`,
    `SlotTaken`, `PatientBusy`, `NotCleared`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    tail = preview_frequency(series, days, first_day, now)
    require_shown(tail, expected_key)
    apply_tail(series, tail, staff_id, now, reason=reason, first_day=first_day)
    audit.record(
        staff_actor(staff_id), "change_frequency", "infusion_series", series.id, now,
        days=days, first_day=first_day.isoformat(),
    )  # fmt: skip
