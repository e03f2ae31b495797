"""Keeping open-ended series booked ahead: six weeks or four sessions, whichever is more (CLINICAL §5)."""

from datetime import date, datetime, timedelta
from itertools import takewhile

import structlog
from sqlalchemy import select

from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import Status
from booking.calendars.availability import UnknownSlug
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadOrder, book_plan_ahead, plan_ahead
from booking.series.booking import get_or_create_session
from booking.series.completion import (
    complete_if_finished,
    list_lost_sessions_at_end,
    needs_decision,
    open_clearance_task,
    open_place_session_task,
    open_series_review,
)
from booking.series.endings import close_open_end
from booking.series.models import InfusionSeries
from booking.series.operations import BOOK_AHEAD_INTERVAL
from booking.series.planning.requests import PlanInfeasible, PlanRequest
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, get_phases, is_session_suspended, list_sessions
from booking.series.reviews import ReviewReason
from booking.series.revisions import is_rolling
from booking.series.rules import last_session_number
from booking.series.standing_slots import last_standing_slot, list_usual_slots
from booking.series.work_list import open_missing_tasks
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

RETRY_AFTER = timedelta(minutes=10)
MAX_SERIES_PER_RUN = 20  # series looked at in one call
ACTOR = "scheduler"
UNPLACED = SessionState.UNPLACED

log = structlog.get_logger()


def book_sessions_ahead(now: datetime) -> int:
    """Book open-ended series further ahead, each in its own transaction; return how many were looked at.

    Several schedulers may run at once: each takes series that no other holds. One that is refused, as
    its time went meanwhile, or fails, is looked at again soon, and holds up no other.
    """
    for looked in range(MAX_SERIES_PER_RUN):
        series_id = _claim_next_series(now)
        if series_id is None:
            return looked
        try:
            _book_series_ahead(series_id, now)
        except UnknownSlug:
            _ask_to_review(series_id, ReviewReason.NOT_OFFERED, now)
        except (SlotTaken, PatientBusy, NotCleared) as refusal:
            log.warning("top_up_refused", series=series_id, kind=type(refusal).__name__)
        except Exception as error:
            log.error("top_up_failed", series=series_id, exc_info=error)
            _ask_to_review(series_id, ReviewReason.NOT_BOOKED, now)
    return MAX_SERIES_PER_RUN


@transaction()
def _ask_to_review(series_id: int, reason: ReviewReason, now: datetime) -> None:
    """Tell a practitioner of a series that can't be booked ahead: nobody else would notice."""
    open_series_review(db.session.get_one(InfusionSeries, series_id), now, reason)


@transaction()
def _claim_next_series(now: datetime) -> int | None:
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
    series.next_look_at = now + RETRY_AFTER
    return series.id


@transaction()
def _book_series_ahead(series_id: int, now: datetime) -> None:
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is SeriesStatus.ACTIVE:
        _book_ahead(series, now)
        open_missing_tasks(series.id, now)
    complete_if_finished(series, now)
    series.next_look_at = now + BOOK_AHEAD_INTERVAL


def _book_ahead(series: InfusionSeries, now: datetime) -> None:
    """Book what is to be booked, unless a person is to see to its last sessions, or to all that is coming."""
    sessions = list_sessions(series.id)
    active = [each for each in sessions if each.session.state is not SessionState.CANCELLED]
    if not _is_to_be_booked(series, active) or is_session_suspended(sessions):
        return
    order = AheadOrder(
        first_number=_first_without_time(sessions),
        previous=last_standing_slot(series),
        ahead=_booked_ahead(series, sessions, now),
        usual=list_usual_slots(series, sessions),
        lost_days=_list_lost_days(active),
    )
    ahead = plan_ahead(series, order, now)
    if not ahead.sessions and ahead.refusal is None and not ahead.reaches_end:
        return
    if ahead.clearance is not Clearance.CLEARED:
        open_clearance_task(series, now)
    else:
        tasks.close_fulfilled_task(TaskKind.REVIEW_SERIES, "infusion_series", series.id, now)
    if ahead.clearance is Clearance.CLEARED and ahead.refusal is not None:
        _ask_to_place(series, ahead.request, ahead.refusal, now)
    book_plan_ahead(series, ahead, now, ACTOR)
    if ahead.reaches_end:
        close_open_end(series, now)


def _is_to_be_booked(series: InfusionSeries, sessions: list[ScheduledSession]) -> bool:
    """Tell whether sessions are to be booked by themselves: ahead, or once the patient is cleared again.

    Not those that lost their times: a person sees to them.
    """
    unplaced = list(
        takewhile(lambda session: session.session.state is UNPLACED, reversed(sessions))
    )
    lost_sessions = [session for session in unplaced if session.appointment is not None]
    if needs_decision([*lost_sessions, *list_lost_sessions_at_end(sessions)]):
        return False
    last_number = last_session_number(get_phases(series))
    newest_number = sessions[-1].session.number if sessions else 0  # all may be given up
    is_more_to_book = last_number is None or newest_number < last_number
    return (is_rolling(series) and is_more_to_book) or bool(unplaced and not lost_sessions)


def _booked_ahead(series: InfusionSeries, sessions: list[ScheduledSession], now: datetime) -> int:
    """Return how many appointments of the open-ended phase are to come."""
    open_phase = len(get_phases(series)) - 1
    return sum(
        session.appointment is not None
        and session.session.phase == open_phase
        and session.appointment.status is Status.BOOKED
        and session.appointment.starts_at > now
        for session in sessions
    )


def _list_lost_days(sessions: list[ScheduledSession]) -> set[date]:
    """Return the days of the last sessions, as far as they lost their times: those did not suit."""
    return {
        session.appointment.local_date
        for session in list_lost_sessions_at_end(sessions)
        if session.appointment
    }


def _first_without_time(sessions: list[ScheduledSession]) -> int:
    """Return the number from which to place: that of an unplaced session at the end, or a new one."""
    number = len(sessions) + 1
    for session in reversed(sessions):
        if session.session.state is not UNPLACED:
            break
        number = session.session.number
    return number


def _ask_to_place(
    series: InfusionSeries, request: PlanRequest, refusal: PlanInfeasible, now: datetime
) -> None:
    """Make the session without a place someone's task."""
    session = get_or_create_session(series, refusal.number, request.phase_index(refusal.number))
    open_place_session_task(
        session, now, earliest=refusal.earliest.isoformat(), latest=refusal.latest.isoformat()
    )
