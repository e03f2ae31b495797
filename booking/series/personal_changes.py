"""A practitioner changes a series' own phases from a session on: previewed, then made as it was shown."""

from collections.abc import Sequence
from datetime import datetime

from booking.appointments.lengths import change_demand
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import operations as calendars
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import complete_if_finished
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause
from booking.series.personal_basis import read_phases_from
from booking.series.personal_phases import with_rest
from booking.series.personal_plans import TailWithLengths, plan_personal_tail
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.refusals import InvalidChange, PlanChanged, SeriesNotPending
from booking.series.rules import Phase, last_session_number
from booking.series.session_changes import require_practitioner
from booking.series.tails import apply_tail


def list_changeable_numbers(series: InfusionSeries, now: datetime) -> list[int]:
    """Return from which sessions on phases can change: those to come, and the next after all there are."""
    sessions = list_sessions(series.id)
    begun = [each.session.number for each in sessions if _has_begun(each, now)]
    waiting = [
        each.session.number
        for each in sessions
        if each.is_coming(now) or each.session.state is SessionState.UNPLACED
    ]
    existing = [
        each.session.number for each in sessions if each.session.state is not SessionState.CANCELLED
    ]
    numbers = [number for number in waiting if number > max(begun, default=0)]
    return [*numbers, max(existing, default=0) + 1]


def _has_begun(scheduled: ScheduledSession, now: datetime) -> bool:
    is_booked = scheduled.session.state is SessionState.BOOKED
    return scheduled.session.state is SessionState.DONE or (
        is_booked and not scheduled.is_coming(now)
    )


def preview_phases(
    series: InfusionSeries, first_number: int, rest: Sequence[Phase], now: datetime
) -> TailWithLengths:
    """Return what `rest`, as the phases from session `first_number` on, would do; nothing changes.

    Raises `SeriesNotPending`, `InvalidChange` ("paused", "first_number", "nothing"), `InvalidSchedule`,
    `UnknownSlug`.
    """
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")
    if first_number not in list_changeable_numbers(series, now):
        raise InvalidChange("first_number")
    phases = with_rest(get_phases(series), first_number, rest)
    if phases == get_phases(series):
        raise InvalidChange("nothing")
    return plan_personal_tail(read_phases_from(series, phases, first_number, now), now)


@transaction()
def change_phases(
    series_id: int,
    first_number: int,
    rest: Sequence[Phase],
    staff_id: int,
    now: datetime,
    *,
    reason: str,
    expected_key: str,
) -> None:
    """Give a series other phases from a session on, as it was shown (`TailWithLengths.key`).

    Sessions done stay as they are. Appointments that stay take their new length where it is free; about the
    others somebody is asked to call. Raises `PractitionerRequired`, what `preview_phases` raises,
    `PlanChanged`, `SlotTaken`, `PatientBusy`, `NotCleared`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    change = preview_phases(series, first_number, rest, now)
    if change.key != expected_key:
        raise PlanChanged
    actor = staff_actor(staff_id)
    _lock_days(change)
    apply_tail(series, change.tail, staff_id, now, reason=reason)
    for each in change.lengths:
        change_demand(each.appointment.id, each.demand, now, actor)
    audit.record(
        actor, "change_phases", "infusion_series", series.id, now,
        first_number=first_number, new=len(change.tail.added),
        cancelled=len(change.tail.cancelled), longer=len(change.lengths),
        last_number=last_session_number(change.tail.phases),
    )  # fmt: skip
    complete_if_finished(series, now)


def _lock_days(change: TailWithLengths) -> None:
    """Lock all days that something is freed or claimed on, in order: two series can't deadlock."""
    tail = change.tail
    appointments = [each.appointment for each in tail.cancelled if each.appointment]
    appointments += [each.appointment for each in change.lengths]
    days = [(each.location_id, each.local_date) for each in appointments]
    days += [
        (each.plan.calendar.locations[each.planned.slot.location].id, each.planned.day)
        for each in tail.added
    ]
    calendars.lock_days(days)
