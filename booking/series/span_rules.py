"""When a series' sessions may be: from its first day to its end, and not while it rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.series.gap_rules import SeriesRule, StandingSession
from booking.series.pause_rules import PauseDays


@dataclass(frozen=True, slots=True)
class OutsideSpan:
    """A session on a day that a practitioner's order leaves out; of a pause its first and last day.

    Without `last_day` a pause lasts until further notice; of the series' own ends one of the two is there.
    """

    session: StandingSession
    rule: SeriesRule
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class SeriesSpan:
    """The local days of a series, as prescribed and changed since: both ends included."""

    first_day: date
    last_day: date | None
    pauses: Sequence[PauseDays] = ()

    def list_new_problems(
        self, sessions: Sequence[StandingSession], changed_sessions: Sequence[StandingSession]
    ) -> list[OutsideSpan]:
        """Return which of the changed sessions are outside, and are so by the change."""
        changes = [session for session in changed_sessions if session not in sessions]
        return [problem for session in changes for problem in self._list_problems(session)]

    def _list_problems(self, session: StandingSession) -> list[OutsideSpan]:
        problems = [
            OutsideSpan(session, SeriesRule.PAUSED, pause.first_day, pause.last_day)
            for pause in self.pauses
            if pause.covers(session.day)
        ]
        if session.day < self.first_day:
            problems.append(OutsideSpan(session, SeriesRule.BEFORE_START, self.first_day, None))
        if self.last_day is not None and session.day > self.last_day:
            problems.append(OutsideSpan(session, SeriesRule.AFTER_END, None, self.last_day))
        return problems
