"""What series will need of chairs and nurses beyond what is booked, by their own rhythm (CLINICAL §3).

- **Ongoing**: a series that goes on needs its next sessions at the ideal gap of its phase, on the weekdays,
  at the times and at the locations that are usual for it.
- **Without a time**: a session that lost its time, or never had one, needs one as soon as its gap says.
- **Prescribed**: a series that isn't booked yet needs all its sessions, on the days that suit its patient;
  their times aren't known, so each that suits is as likely.
- **New**: as many series begin in each week as were prescribed a week of late, each like one of those. On
  which day of it, nobody knows: each that the location opens on is as likely.

A day on which the location is closed, or the series rests, is passed over for another that the gap allows,
or else for the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from booking.series.pause_rules import PauseDays
from booking.series.planning.requests import PlanSlot
from booking.series.preferences import Preferences
from booking.series.progress import SessionState
from booking.series.rules import Gap, Phase, find_phase
from booking.series.usual_slots import select_usual_slots

RECENT_WEEKS = 8  # of starts, from which the coming ones are taken
FIRST_WEEKS = 3  # within which a series begins on a day that suits, or else on any
LONGEST_REST = 366  # days that a series is looked for another day in
STANDING = (SessionState.BOOKED, SessionState.DONE)

IsOpen = Callable[[str, date], bool]  # by a location's slug and a local day


class ForeseenSessionKind(StrEnum):
    """Why a session is foreseen."""

    ONGOING = "ongoing"
    WITHOUT_TIME = "without_time"
    PRESCRIBED = "prescribed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session as it is, and the slot that its appointment has, where it has one."""

    number: int
    state: SessionState
    slot: PlanSlot | None


@dataclass(frozen=True, slots=True)
class RunningSeries:
    """A series that goes on, booked or only prescribed; without sessions it hasn't been booked.

    `home` is the slug of its location; `last_number` is the highest its sessions ever had.
    """

    phases: tuple[Phase, ...]
    first_day: date
    last_day: date | None
    preferences: Preferences
    home: str
    pauses: Sequence[PauseDays]
    sessions: Sequence[KnownSession]
    last_number: int

    def usual_slots(self) -> tuple[PlanSlot, ...]:
        """Return where its sessions usually are, by those that stand; none before it is booked."""
        in_order = sorted(self.sessions, key=lambda session: session.number)
        slots = [each.slot for each in in_order if each.state in STANDING and each.slot]
        index = find_phase(self.phases, self.last_number + 1)
        return select_usual_slots(slots, self.phases[-1 if index is None else index].gap)


@dataclass(frozen=True, slots=True)
class ForeseenSession:
    """A session on a local day that nobody has booked; `count` of such are expected.

    Without a `minute` it is at any time from `earliest` to `latest`, local minutes.
    """

    kind: ForeseenSessionKind
    location: str
    day: date
    phase: Phase
    minute: int | None = None
    count: float = 1.0
    earliest: int = 0
    latest: int = 24 * 60


def foresee_series(
    series: RunningSeries, today: date, last: date, is_open: IsOpen
) -> Iterator[ForeseenSession]:
    """Yield the sessions of one series that have no time yet, from tomorrow to local day `last`."""
    calendar = _SeriesDays(series, series.usual_slots(), is_open, today + timedelta(days=1))
    last = min(last, series.last_day or last)
    for kind, number, day in _list_days(calendar):
        if day is None or day > last:
            return
        index = find_phase(series.phases, number)
        if index is not None:
            yield calendar.foresee(kind, day, series.phases[index])


def _list_days(calendar: "_SeriesDays") -> Iterator[tuple[ForeseenSessionKind, int, date | None]]:
    """Yield each session without a time, in order: the best day for it, None where there is none."""
    series, previous = calendar.series, None
    for session in sorted(series.sessions, key=lambda session: session.number):
        if session.state in STANDING and session.slot is not None:
            previous = session.slot.day
        elif session.state is SessionState.UNPLACED:
            previous = calendar.next_day(session.number, previous) or previous
            yield ForeseenSessionKind.WITHOUT_TIME, session.number, previous
    kind = ForeseenSessionKind.ONGOING if series.last_number else ForeseenSessionKind.PRESCRIBED
    number = series.last_number + 1
    while find_phase(series.phases, number) is not None:
        previous = calendar.next_day(number, previous)
        yield kind, number, previous
        number += 1


@dataclass(frozen=True, slots=True)
class _SeriesDays:
    """The days that a series can have, `earliest` at the soonest, and where it usually is on them."""

    series: RunningSeries
    usual: Sequence[PlanSlot]
    is_open: IsOpen
    earliest: date

    def usual_on(self, day: date) -> PlanSlot | None:
        """Return the usual slot of a day's weekday."""
        return next((s for s in self.usual if s.day.weekday() == day.weekday()), None)

    def is_possible(self, day: date) -> bool:
        """Tell whether the series can have a session on a day: one it must have, open, and not resting."""
        slot = self.usual_on(day)
        location = slot.location if slot else self.series.home
        is_paused = any(pause.covers(day) for pause in self.series.pauses)
        must = self.series.preferences.only.weekdays
        return day.weekday() in must and not is_paused and self.is_open(location, day)

    def next_day(self, number: int, previous: date | None) -> date | None:
        """Return the best day for a session after the one before it; None within a year of none.

        Its usual weekdays come first, as when it is booked ahead, then the ideal gap, then whole weeks, then
        days that suit; of these the first.
        """
        index = find_phase(self.series.phases, number)
        gap = self.series.phases[-1 if index is None else index].gap
        begins = max(self.series.first_day, self.earliest)
        wished = self.series.preferences.rather.weekdays
        if previous is None:
            soon = filter(self.is_possible, _days_from(begins, FIRST_WEEKS * 7))
            return min(soon, key=lambda day: (day.weekday() not in wished, day), default=None)
        allowed = _days_from(
            previous + timedelta(days=gap.min_days), gap.max_days - gap.min_days + 1
        )
        possible = [day for day in allowed if day >= begins and self.is_possible(day)]

        def price(day: date) -> tuple[bool, int, bool, bool, date]:
            n, is_usual = (day - previous).days, bool(self.usual_on(day)) or not self.usual
            return (
                not is_usual,
                gap.days_from_ideal(n),
                n % 7 != 0,
                day.weekday() not in wished,
                day,
            )

        return min(possible, key=price, default=None) or self._first_possible(
            max(begins, allowed[0])
        )

    def _first_possible(self, begins: date) -> date | None:
        return next(filter(self.is_possible, _days_from(begins, LONGEST_REST)), None)

    def foresee(self, kind: ForeseenSessionKind, day: date, phase: Phase) -> ForeseenSession:
        """Return a session on a day, at the time that is usual then, or at any that suits."""
        slot = self.usual_on(day) or next(iter(self.usual), None)
        earliest, latest = _suiting_minutes(self.series.preferences)
        return ForeseenSession(
            kind, slot.location if slot else self.series.home, day, phase,
            slot.minute if slot else None, earliest=earliest, latest=latest,
        )  # fmt: skip


def _days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def _suiting_minutes(preferences: Preferences) -> tuple[int, int]:
    """Return the first and the last minute at which a session suits: as rather had, within what must be."""
    (first, last), (rather_first, rather_last) = (
        preferences.only.minutes,
        preferences.rather.minutes,
    )
    suiting = max(first, rather_first), min(last, rather_last)
    return suiting if suiting[0] <= suiting[1] else (first, last)


def foresee_new_series(
    recent: Sequence[tuple[Phase, ...]], location: str, today: date, last: date, is_open: IsOpen
) -> Iterator[ForeseenSession]:
    """Yield what series that begin from tomorrow on will need, if they go on beginning at the recent rate.

    `recent` are the phases of each series that was prescribed in the last `RECENT_WEEKS` weeks.
    """
    expected: dict[tuple[int, Phase], float] = {}
    first = today + timedelta(days=1)
    weeks = -(-((last - today).days) // 7)
    for phases in recent:
        for week, phase in _weeks_of_sessions(phases, weeks):
            for begun in range(weeks - week):
                key = (begun + week, phase)
                expected[key] = expected.get(key, 0.0) + 1 / RECENT_WEEKS
    for (week, phase), count in expected.items():
        days = [first + timedelta(days=7 * week + n) for n in range(7)]
        open_days = [day for day in days if day <= last and is_open(location, day)]
        for day in open_days:
            share = count / len(open_days)
            yield ForeseenSession(ForeseenSessionKind.NEW, location, day, phase, count=share)


def _weeks_of_sessions(phases: Sequence[Phase], weeks: int) -> Iterator[tuple[int, Phase]]:
    """Yield the week after its first session in which each session of a schedule is, and its phase."""
    days, number = 0.0, 1
    while (index := find_phase(phases, number)) is not None:
        days += compute_ideal_days(phases[index].gap) if number > 1 else 0
        if days >= 7 * weeks:
            return
        yield int(days // 7), phases[index]
        number += 1


def compute_ideal_days(gap: Gap) -> float:
    """Return the days of an ideal gap: whole weeks where the range has some, else the middle of it."""
    days = range(gap.ideal_min_days, gap.ideal_max_days + 1)
    middle = (gap.ideal_min_days + gap.ideal_max_days) / 2
    return next((n for n in days if n % 7 == 0), middle)
