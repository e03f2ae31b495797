"""What a change makes of a series' visits, a row each: as it is now beside as it would be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from booking.locations import operations as locations
from booking.locations.models import Location
from booking.series.models import InfusionSeries
from booking.series.queries import ScheduledSession, list_sessions, list_standing_sessions
from booking.series.tails import NewSession


class Fate(StrEnum):
    """What becomes of a visit."""

    STAYS = "stays"
    CANCELLED = "cancelled"
    NEW = "new"
    WAITS = "waits"  # it has no place yet: a person looks for one


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One visit before and after a change: its local day, start (UTC), place, and the gaps before it in days.

    `gap_now` is None where it doesn't stand now, `gap_then` where it won't; both are for the first.
    """

    day: date
    fate: Fate
    starts_at: datetime | None
    location: Location
    gap_now: int | None = None
    gap_then: int | None = None

    @property
    def is_now(self) -> bool:
        """Whether it stands as things are."""
        return self.fate in (Fate.STAYS, Fate.CANCELLED)

    @property
    def is_same(self) -> bool:
        """Whether nothing about it changes, the gap before it neither."""
        return self.fate is Fate.STAYS and self.gap_now == self.gap_then

    @property
    def is_then(self) -> bool:
        """Whether it stands once the change is made."""
        return self.fate in (Fate.STAYS, Fate.NEW)


def list_change_rows(
    series: InfusionSeries,
    remaining: Sequence[ScheduledSession],
    cancelled: Sequence[ScheduledSession],
    added: Sequence[NewSession] = (),
    holes: Sequence[date] = (),
) -> list[ChangeRow]:
    """Return the visits to come in order of time, with what becomes of each."""
    home = locations.get_location(series.location_id)
    by_slug = {each.slug: each for each in locations.get_all_locations().values()}
    rows = [
        *_standing(remaining, Fate.STAYS),
        *_standing(cancelled, Fate.CANCELLED),
        *(
            ChangeRow(
                each.planned.day, Fate.NEW, each.starts_at, by_slug[each.planned.slot.location]
            )
            for each in added
        ),
        *(ChangeRow(day, Fate.WAITS, None, home) for day in holes),
    ]
    in_order = sorted(rows, key=lambda row: (row.day, row.starts_at is None, str(row.starts_at)))
    return list(_with_gaps(in_order, _find_day_before(series, in_order)))


def _standing(sessions: Sequence[ScheduledSession], fate: Fate) -> Iterator[ChangeRow]:
    for each in sessions:
        if each.appointment is not None:
            location = locations.get_location(each.appointment.location_id)
            yield ChangeRow(each.appointment.local_date, fate, each.appointment.starts_at, location)


def skip_unchanged(rows: Sequence[ChangeRow]) -> list[ChangeRow]:
    """Return the rows from the one before the first that changes on; none where nothing changes."""
    changed = [index for index, row in enumerate(rows) if not row.is_same]
    return list(rows[max(changed[0] - 1, 0) :]) if changed else []


def _find_day_before(series: InfusionSeries, rows: Sequence[ChangeRow]) -> date | None:
    """Return the local day of the last session that stands before all of these, given or to come."""
    standing = [each.day for each in list_standing_sessions(list_sessions(series.id))]
    first_day = rows[0].day if rows else date.min
    return max((day for day in standing if day < first_day), default=None)


def _with_gaps(rows: Sequence[ChangeRow], day_before: date | None) -> Iterator[ChangeRow]:
    last_now = last_then = day_before
    for row in rows:
        gap_now = (row.day - last_now).days if row.is_now and last_now else None
        gap_then = (row.day - last_then).days if row.is_then and last_then else None
        yield replace(row, gap_now=gap_now, gap_then=gap_then)
        last_now = row.day if row.is_now else last_now
        last_then = row.day if row.is_then else last_then
