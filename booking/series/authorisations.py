"""What a payer has authorised: so many sessions of a series between two dates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, pairwise

from booking.series.rules import InvalidSchedule

MAX_CURRENT = 2  # the one that runs and its renewal: for these `allowed_windows` is exact


@dataclass(frozen=True, slots=True)
class AuthorisedSessions:
    """At most `sessions` sessions on local dates from `first_day` to `last_day`, both included."""

    sessions: int
    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.sessions < 0 or self.last_day < self.first_day:
            raise InvalidSchedule("expected 0 or more sessions, first day ≤ last day")

    def covers(self, day: date) -> bool:
        """Tell whether a local date lies within the authorisation's window."""
        return self.first_day <= day <= self.last_day


def less_used(
    authorisations: Sequence[AuthorisedSessions], days: Collection[date]
) -> tuple[AuthorisedSessions, ...]:
    """Return what is left of authorisations once there are sessions on these local days."""
    return tuple(
        replace(each, sessions=max(0, each.sessions - sum(map(each.covers, days))))
        for each in authorisations
    )


def covers_all(authorisations: Sequence[AuthorisedSessions], days: Collection[date]) -> bool:
    """Tell whether sessions on all these local days are authorised; they are where nothing has to be."""
    covered = sum(min(each.sessions, sum(map(each.covers, days))) for each in authorisations)
    return not authorisations or covered == len(days)


def is_day_authorised(
    authorisations: Collection[AuthorisedSessions], days: Collection[date], day: date
) -> bool:
    """Tell whether the session on `day` is authorised, where sessions stand on all these local `days`.

    Of more sessions than a window holds, the first are.
    """
    return any(
        each.covers(day)
        and sum(each.covers(other) and other <= day for other in days) <= each.sessions
        for each in authorisations
    )


def require_valid_authorisations(
    authorisations: Sequence[AuthorisedSessions],
) -> tuple[AuthorisedSessions, ...]:
    """Return authorisations in order of their windows; raise `InvalidSchedule` if windows overlap."""
    ordered = tuple(sorted(authorisations, key=lambda each: each.first_day))
    if len(ordered) > MAX_CURRENT:
        raise InvalidSchedule(f"authorisations: expected {MAX_CURRENT} at most")
    if any(later.first_day <= earlier.last_day for earlier, later in pairwise(ordered)):
        raise InvalidSchedule("authorisations: expected windows that don't overlap")
    return ordered


def allowed_windows(
    authorisations: Sequence[AuthorisedSessions], count: int
) -> list[list[AuthorisedSessions]]:
    """Return, for each of `count` sessions in order, the authorisations that may cover it.

    The k-th can be in a window if those before it and the window hold k, and if the window and those
    after it hold the rest. With two windows this is all that their counts ask. What they don't hold
    altogether has none.
    """
    held = [0, *accumulate(each.sessions for each in authorisations)]
    last = min(count, held[-1])
    return [
        [
            each
            for index, each in enumerate(authorisations)
            if number <= held[index + 1] and last - number < held[-1] - held[index]
        ]
        for number in range(1, count + 1)
    ]
