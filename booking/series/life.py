"""The life of a series: when it waits for a person, and when it is over."""

from collections.abc import Sequence
from datetime import datetime

from booking.calendars import offering
from booking.calendars.deadlines import end_of_open_day
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.reading import Placed, phases_of, sessions_of
from booking.series.reviews import review_phases_cut_short
from booking.series.rules import last_number
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

DECIDE_WITHIN = 2  # days of opening: a session without a time is seen to by their end
# What a person has to do about a session that lost its time, or never had one.
ABOUT_A_SESSION = (TaskKind.PLACE_SESSION, TaskKind.DECIDE_AFTER_MISS)


def complete_if_over(series: InfusionSeries, now: datetime) -> None:
    """Complete an active series that ends, once no session is to come and no decision is open.

    What misses cut short, the whole of it or a phase, is reviewed.
    """
    placed = sessions_of(series.id)
    if series.status is not SeriesStatus.ACTIVE:
        return
    review_phases_cut_short(series, [one for one in placed if not waits_for_a_person([one])], now)
    if last_number(phases_of(series)) is None:
        return
    to_come = {SessionState.BOOKED, SessionState.UNPLACED} & {one.session.state for one in placed}
    if not to_come and not waits_for_a_person(placed):
        series.status = SeriesStatus.COMPLETED


def waits_for_a_person(placed: Sequence[Placed]) -> bool:
    """Tell whether someone has yet to decide about, or to place, one of these sessions."""
    return tasks.is_open(ABOUT_A_SESSION, "session", [one.session.id for one in placed])


def lost_at_the_end(placed: Sequence[Placed]) -> list[Placed]:
    """Return the last sessions that had a time and lost it, after the last that stands or never had one."""
    found: list[Placed] = []
    for one in reversed(placed):
        if one.visit is None or one.session.state not in (
            SessionState.UNPLACED,
            SessionState.MISSED,
        ):
            break
        found.append(one)
    return found


def ask_to_place(session: Session, now: datetime, **details: str) -> None:
    """Give the desk the task of finding a time for a session."""
    _ask(TaskKind.PLACE_SESSION, Owner.FRONT_DESK, session, now, **details)


def ask_after_miss(session: Session, now: datetime, **details: str) -> None:
    """Give a practitioner the task of deciding what follows a session that was missed."""
    _ask(TaskKind.DECIDE_AFTER_MISS, Owner.PRACTITIONER, session, now, **details)


def _ask(kind: TaskKind, owner: Owner, session: Session, now: datetime, **details: str) -> None:
    series = db.session.get_one(InfusionSeries, session.series_id)
    tasks.open_task(kind, owner, "session", session.id, _due_at(series, now), now, **details)


def ask_for_clearance(series: InfusionSeries, now: datetime) -> None:
    """Give a practitioner the task of looking again: sessions wait for the patient to be cleared."""
    tasks.open_task(
        TaskKind.REVIEW_SERIES,
        Owner.PRACTITIONER,
        "infusion_series",
        series.id,
        _due_at(series, now),
        now,
        why="not_cleared",
    )


def _due_at(series: InfusionSeries, now: datetime) -> datetime:
    place = offering.catalogue().places_by_id[series.location_id]
    return end_of_open_day([place], now, DECIDE_WITHIN).at
