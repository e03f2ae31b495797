"""Keeping open-ended series booked ahead: six weeks or four sessions, whichever is more (CLINICAL §5)."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from sqlalchemy import select

from booking.appointments.rules import Status
from booking.appointments.visits import NotCleared, PatientBusy
from booking.calendars import offering
from booking.calendars.deadlines import end_of_open_day
from booking.calendars.operations import SlotTaken
from booking.db import transaction
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.rules import Clearance
from booking.series.life import complete_if_over, lost_at_the_end, waits_for_a_person
from booking.series.models import InfusionSeries
from booking.series.operations import LOOK_AGAIN, book_all, session_numbered
from booking.series.planner import Infeasible, PlannedSession, PlanRequest, plan
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposing import request_for, require_checked, standing_end
from booking.series.reading import Placed, phases_of, sessions_of
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

LOOK_AGAIN_SOON = timedelta(minutes=10)
AT_ONCE = 20  # series looked at in one call
PLACE_WITHIN = 2  # days of opening: a session without a time is placed by their end
ACTOR = "scheduler"

log = structlog.get_logger()


def top_up(now: datetime) -> int:
    """Book open-ended series further ahead, each in its own transaction; return how many were looked at.

    Several schedulers may run at once: each takes series that no other holds. One that is refused, as
    its time went meanwhile, or fails, is looked at again soon, and holds up no other.
    """
    for looked in range(AT_ONCE):
        series_id = _take_next(now)
        if series_id is None:
            return looked
        try:
            _top_up(series_id, now)
        except (SlotTaken, PatientBusy, NotCleared) as refusal:
            log.warning("top_up_refused", series=series_id, kind=type(refusal).__name__)
        except Exception as error:
            log.error("top_up_failed", series=series_id, exc_info=error)
    return AT_ONCE


@transaction()
def _take_next(now: datetime) -> int | None:
    """Return the id of the series to be looked at next, and put it off so that nobody else takes it."""
    series = db.session.scalar(
        select(InfusionSeries)
        .where(InfusionSeries.status == SeriesStatus.ACTIVE, InfusionSeries.next_look_at <= now)
        .order_by(InfusionSeries.next_look_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if series is None:
        return None
    series.next_look_at = now + LOOK_AGAIN_SOON
    return series.id


@transaction()
def _top_up(series_id: int, now: datetime) -> None:
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.ACTIVE and phases_of(series)[-1].sessions is None:
        _book_ahead(series, now)
    complete_if_over(series)
    series.next_look_at = now + LOOK_AGAIN


def _book_ahead(series: InfusionSeries, now: datetime) -> None:
    """Book what is to be booked, unless its last sessions lost their times and a person is to see to it."""
    place = offering.catalogue().places_by_id[series.location_id]
    placed = sessions_of(series.id)
    if waits_for_a_person(lost_at_the_end(placed)):
        return
    request, calendar = request_for(
        series,
        now,
        previous=standing_end(series, place.zone),
        first_number=_first_without_time(placed),
        ahead=_booked_ahead(series, placed, now),
    )
    if not request.numbers:
        return
    today = now.astimezone(place.zone).date()
    if screening.clearance_of(series.patient_id, today) is not Clearance.CLEARED:
        _ask_for_review(series, now)
        return
    request = _without_days_lost(request, placed)
    chosen = _while_cleared(series, _as_far_as_possible(series, request, now), now)
    require_checked(_only(request, chosen), chosen)
    book_all(series, calendar, chosen, now, ACTOR)


def _booked_ahead(series: InfusionSeries, placed: list[Placed], now: datetime) -> int:
    """Return how many visits of the open-ended phase are to come."""
    open_phase = len(phases_of(series)) - 1
    return sum(
        one.visit is not None
        and one.session.phase == open_phase
        and one.visit.status is Status.BOOKED
        and one.visit.starts_at > now
        for one in placed
    )


def _without_days_lost(request: PlanRequest, placed: list[Placed]) -> PlanRequest:
    """Leave out the days of sessions that lost their times: those times did not suit."""
    lost = {one.visit.local_date for one in lost_at_the_end(placed) if one.visit}
    free = {
        phase: {day: minutes for day, minutes in days.items() if day not in lost}
        for phase, days in request.free.items()
    }
    return replace(request, free=free)


def _while_cleared(
    series: InfusionSeries, chosen: tuple[PlannedSession, ...], now: datetime
) -> tuple[PlannedSession, ...]:
    """Return the sessions up to where the patient's clearance ends; a practitioner looks at the rest."""
    cleared = tuple(
        takewhile(
            lambda one: screening.clearance_of(series.patient_id, one.day) is Clearance.CLEARED,
            chosen,
        )
    )
    if len(cleared) < len(chosen):
        _ask_for_review(series, now)
    return cleared


def _first_without_time(placed: list[Placed]) -> int:
    """Return the number from which to place: that of an unplaced session at the end, or a new one."""
    number = len(placed) + 1
    for one in reversed(placed):
        if one.session.state is not SessionState.UNPLACED:
            break
        number = one.session.number
    return number


def _as_far_as_possible(
    series: InfusionSeries, request: PlanRequest, now: datetime
) -> tuple[PlannedSession, ...]:
    """Return the best plan; where it ends early, the session without a place becomes someone's task."""
    try:
        return plan(request).sessions
    except Infeasible as refusal:
        phase = request.phase(refusal.number)
        session = session_numbered(series, refusal.number, phase)
        tasks.open_task(
            TaskKind.PLACE_SESSION,
            Owner.FRONT_DESK,
            "session",
            session.id,
            _due_at(series, now),
            now,
            earliest=refusal.earliest.isoformat(),
            latest=refusal.latest.isoformat(),
        )
        return refusal.placed


def _only(request: PlanRequest, chosen: tuple[PlannedSession, ...]) -> PlanRequest:
    return replace(request, numbers=tuple(one.number for one in chosen))


def _due_at(series: InfusionSeries, now: datetime) -> datetime:
    place = offering.catalogue().places_by_id[series.location_id]
    return end_of_open_day([place], now, PLACE_WITHIN).at


def _ask_for_review(series: InfusionSeries, now: datetime) -> None:
    tasks.open_task(
        TaskKind.REVIEW_SERIES,
        Owner.PRACTITIONER,
        "infusion_series",
        series.id,
        _due_at(series, now),
        now,
        why="not_cleared",
    )
