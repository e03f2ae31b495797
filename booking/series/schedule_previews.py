"""What a schedule means: the days of an example series, how long it takes, and hours in the chair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from booking.series.rules import Gap, Phase

OPEN_ENDED_EXAMPLES = 4  # sessions shown of a phase without an end
DAYS_OF_FOUR_WEEKS = 28


@dataclass(frozen=True, slots=True)
class ExampleSession:
    """One session of an example: its number, the index of its phase, its day, days since the one before."""

    number: int
    phase: int
    day: date
    gap: int | None


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """What a schedule means. Days and minutes are those of the phases that end, None without any.

    `least_days` and `most_days` lie between the first of these sessions and the last, as gaps allow.
    """

    sessions: tuple[ExampleSession, ...]
    session_count: int
    days: int | None
    least_days: int | None
    most_days: int | None
    chair_minutes: int | None
    open_minutes_in_four_weeks: int | None  # of the phase without an end, at its ideal pace

    @property
    def by_phase(self) -> list[tuple[int, list[ExampleSession]]]:
        """Return the sessions by the index of their phase, in order."""
        groups = groupby(self.sessions, lambda session: session.phase)
        return [(phase, list(group)) for phase, group in groups]


def preview_schedule(
    phases: Sequence[Phase], first_day: date, is_open: Callable[[date], bool]
) -> SchedulePreview:
    """Return what phases mean for a series whose first session is on `first_day`, a local date.

    Gaps are ideal wherever a day is open that they allow, and keep to the days of the week already used.
    """
    sessions = _choose_days(phases, first_day, is_open)
    ended = [session for session in sessions if phases[session.phase].sessions is not None]
    later_gaps = [phases[session.phase].gap for session in ended[1:]]
    return SchedulePreview(
        sessions=tuple(sessions),
        session_count=len(ended),
        days=(ended[-1].day - ended[0].day).days if ended else None,
        least_days=sum(gap.min_days for gap in later_gaps) if ended else None,
        most_days=sum(gap.max_days for gap in later_gaps) if ended else None,
        chair_minutes=sum(phases[session.phase].appointment_minutes for session in ended)
        if ended
        else None,
        open_minutes_in_four_weeks=_open_minutes(phases[-1]),
    )


def _choose_days(
    phases: Sequence[Phase], first_day: date, is_open: Callable[[date], bool]
) -> list[ExampleSession]:
    sessions: list[ExampleSession] = []
    for index, phase in enumerate(phases):
        weekdays: set[int] = set()
        for _ in range(phase.sessions or OPEN_ENDED_EXAMPLES):
            previous = sessions[-1].day if sessions else None
            day = _next_day(previous, phase.gap, weekdays, is_open) if previous else first_day
            gap = (day - previous).days if previous else None
            sessions.append(ExampleSession(len(sessions) + 1, index, day, gap))
            weekdays.add(day.weekday())
    return sessions


def _next_day(
    previous: date, gap: Gap, weekdays: set[int], is_open: Callable[[date], bool]
) -> date:
    """Return the best day after `previous`: open, the fewest days off the ideal, a weekday in use, early."""
    days = [previous + timedelta(days=n) for n in range(gap.min_days, gap.max_days + 1)]
    open_days = [day for day in days if is_open(day)]
    return min(
        open_days or days,
        key=lambda day: (
            gap.days_from_ideal((day - previous).days),
            day.weekday() not in weekdays,
            day,
        ),
    )


def _open_minutes(phase: Phase) -> int | None:
    if phase.sessions is not None:
        return None
    return DAYS_OF_FOUR_WEEKS * phase.appointment_minutes // phase.gap.ideal_min_days
