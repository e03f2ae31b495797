"""Measures of how series go, by their published definitions (CLINICAL §3): values in, figures out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from booking.measures.figures import Figure, Period
from booking.series.progress import SeriesStatus
from booking.series.rules import Phase


@dataclass(frozen=True, slots=True)
class SeriesHistory:
    """A series and its sessions that were given: phase and local day of each."""

    patient_id: int
    location_id: int
    status: SeriesStatus
    phases: tuple[Phase, ...]
    treated: Sequence[tuple[int, date]]

    @property
    def by_day(self) -> list[tuple[int, date]]:
        """The sessions in order of their days."""
        return sorted(self.treated, key=lambda session: session[1])

    @property
    def first_day(self) -> date | None:
        """The local day of the first session that was given."""
        return min((day for _, day in self.treated), default=None)


def measure_adherence(histories: Iterable[SeriesHistory], period: Period) -> Figure:
    """Return the share of gaps within the prescribed window among those due, by the day they ended on.

    A gap is due between two sessions that were given one after the other; it is the later one's.
    """
    gaps = [
        history.phases[phase].gap.allows((day - previous).days)
        for history in histories
        for (_, previous), (phase, day) in pairwise(history.by_day)
        if period.has(day)
    ]
    return Figure.share_of(sum(gaps), len(gaps))


class Induction(StrEnum):
    """How the first phase of a series went."""

    FINISHED = "finished"  # all its sessions, none later than its longest gaps allow
    NOT_FINISHED = "not_finished"
    GOING_ON = "going_on"  # it can still be finished in time
    ENDLESS = "endless"  # the first phase has no end


def classify_induction(history: SeriesHistory, today: date) -> Induction:
    """Return how the first phase of a series went, in which a session was given."""
    phase, first_day = history.phases[0], history.first_day
    days = [day for index, day in history.by_day if index == 0]
    if phase.sessions is None or first_day is None:
        return Induction.ENDLESS
    deadline = first_day + timedelta(days=(phase.sessions - 1) * phase.gap.max_days)
    if len(days) >= phase.sessions and days[phase.sessions - 1] <= deadline:
        return Induction.FINISHED
    goes_on = history.status is SeriesStatus.ACTIVE and today <= deadline
    return Induction.GOING_ON if goes_on else Induction.NOT_FINISHED


def measure_completion(histories: Iterable[SeriesHistory], period: Period, today: date) -> Figure:
    """Return the share of those who began in a period who finished the first phase in its window.

    Who can still finish in time is not counted yet.
    """
    inductions = Counter(
        classify_induction(history, today)
        for history in histories
        if history.first_day is not None and period.has(history.first_day)
    )
    finished = inductions[Induction.FINISHED]
    return Figure.share_of(finished, finished + inductions[Induction.NOT_FINISHED])


@dataclass(frozen=True, slots=True)
class DaySeen:
    """A local day on which a person was treated, or seen without that."""

    day: date
    is_infusion: bool


@dataclass(frozen=True, slots=True)
class FirstInfusionWait:
    """How many days somebody waited from a consultation to the first infusion of a series, on `day`."""

    location_id: int
    day: date
    days: int


def find_wait(
    location_id: int, first_day: date, seen: Iterable[DaySeen]
) -> FirstInfusionWait | None:
    """Return how long somebody waited for the infusion of a local day; None without a consultation.

    Neither is there one where they were treated after they were last seen: that is another course.
    """
    before = [each for each in seen if each.day < first_day or not each.is_infusion]
    last = max(
        (each for each in before if each.day <= first_day),
        key=lambda each: (each.day, each.is_infusion),
        default=None,
    )
    if last is None or last.is_infusion:
        return None
    return FirstInfusionWait(location_id, first_day, (first_day - last.day).days)
