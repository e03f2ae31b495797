"""The life of a series: when it waits for a person, and when it is over."""

from collections.abc import Sequence

from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus, SessionState
from booking.series.reading import Placed, phases_of, sessions_of
from booking.series.rules import last_number
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

# What a person has to do about a session that lost its time, or never had one.
ABOUT_A_SESSION = (TaskKind.PLACE_SESSION, TaskKind.DECIDE_AFTER_MISS)


def complete_if_over(series: InfusionSeries) -> None:
    """Complete an active series that ends, once no session is to come and no decision is open."""
    placed = sessions_of(series.id)
    if series.status is not SeriesStatus.ACTIVE or last_number(phases_of(series)) is None:
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
