"""Keeping open-ended series booked ahead: six weeks or four sessions, whichever is more (CLINICAL §5)."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from sqlalchemy import select

from booking.appointments.rules import Status
from booking.appointments.visits import NotCleared, PatientBusy
from booking.calendars import offering
from booking.calendars.offering import UnknownName
from booking.calendars.operations import SlotTaken
from booking.db import transaction
from booking.extensions import db
from booking.screening.rules import Clearance
from booking.series.booking import book_all, session_numbered
from booking.series.life import (
    ask_for_clearance,
    ask_to_place,
    complete_if_over,
    lost_at_the_end,
    waits_for_a_person,
)
from booking.series.models import InfusionSeries
from booking.series.operations import LOOK_AGAIN
from booking.series.planner import Infeasible, PlannedSession, PlanRequest
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposing import reach, request_for, require_checked, standing_end
from booking.series.reading import Placed, is_suspended, phases_of, sessions_of

LOOK_AGAIN_SOON = timedelta(minutes=10)
AT_ONCE = 20  # series looked at in one call
ACTOR = "scheduler"
UNPLACED = SessionState.UNPLACED

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
        except (SlotTaken, PatientBusy, NotCleared, UnknownName) as refusal:
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
    if series.status is SeriesStatus.ACTIVE:
        _book_ahead(series, now)
    complete_if_over(series, now)
    series.next_look_at = now + LOOK_AGAIN


def _book_ahead(series: InfusionSeries, now: datetime) -> None:
    """Book what is to be booked, unless a person is to see to its last sessions, or to all that is coming."""
    place = offering.catalogue().places_by_id[series.location_id]
    placed = sessions_of(series.id)
    if not _is_to_be_booked(series, placed) or is_suspended(placed):
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
    found = reach(_without_days_lost(request, placed), calendar, now)
    chosen = found.best.sessions if found.best else ()
    if found.clearance is not Clearance.CLEARED:
        ask_for_clearance(series, now)
    elif found.refusal is not None:
        _ask_to_place(series, request, found.refusal, now)
        chosen = found.refusal.placed
    require_checked(_only(request, chosen), chosen)
    book_all(series, calendar, chosen, now, ACTOR)


def _is_to_be_booked(series: InfusionSeries, placed: list[Placed]) -> bool:
    """Tell whether sessions are to be booked by themselves: ahead, or once the patient is cleared again.

    Not those that lost their times: a person sees to them.
    """
    waiting = list(takewhile(lambda one: one.session.state is UNPLACED, reversed(placed)))
    lost = [one for one in waiting if one.visit is not None]
    if waits_for_a_person([*lost, *lost_at_the_end(placed)]):
        return False
    return phases_of(series)[-1].sessions is None or bool(waiting and not lost)


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


def _first_without_time(placed: list[Placed]) -> int:
    """Return the number from which to place: that of an unplaced session at the end, or a new one."""
    number = len(placed) + 1
    for one in reversed(placed):
        if one.session.state is not UNPLACED:
            break
        number = one.session.number
    return number


def _ask_to_place(
    series: InfusionSeries, request: PlanRequest, refusal: Infeasible, now: datetime
) -> None:
    """Make the session without a place someone's task."""
    session = session_numbered(series, refusal.number, request.phase(refusal.number))
    ask_to_place(
        session, now, earliest=refusal.earliest.isoformat(), latest=refusal.latest.isoformat()
    )


def _only(request: PlanRequest, chosen: tuple[PlannedSession, ...]) -> PlanRequest:
    return replace(request, numbers=tuple(one.number for one in chosen))
