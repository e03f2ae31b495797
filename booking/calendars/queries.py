"""Reading claims and versions: few queries, each bounded at both ends."""

from bisect import bisect_left
from collections.abc import Collection, Container, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Engine,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)

from booking.calendars.local_days import LocalDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import CalendarDay, Claim
from booking.calendars.models import CatalogueVersion as CatalogueRow
from booking.calendars.rules import FreeCells
from booking.db.engines import REPLICA, REPLICA_STAMPS, STAMPS
from booking.extensions import db

MAX_CLAIM = timedelta(days=1)  # an appointment lies within one local day

ClaimColumns = tuple[int, int, datetime, datetime, datetime | None, bool]
ClaimRow = Row[*ClaimColumns]
STARTS_AT = itemgetter(2)  # of a ClaimRow


@dataclass(frozen=True, slots=True)
class CalendarVersions:
    """The catalogue's version, and by (location id, local date) those of days anything was claimed on."""

    catalogue: int
    days: dict[tuple[int, date], int]

    def for_day(self, location_id: int, local_date: date) -> tuple[int, int]:
        """Return what an answer for this day was made of: the catalogue's version, and the day's."""
        return self.catalogue, self.days.get((location_id, local_date), 0)


def read_versions(location_ids: Sequence[int], first: date, last: date) -> CalendarVersions:
    """Read all the versions that answers for these days depend on, by one query."""
    rows = db.session.execute(
        select(
            CatalogueRow.version,
            CalendarDay.location_id,
            CalendarDay.local_date,
            CalendarDay.version,
        ).outerjoin(
            CalendarDay,
            and_(
                CalendarDay.location_id.in_(location_ids),
                CalendarDay.local_date.between(first, last),
            ),
        )
    ).all()
    return CalendarVersions(
        rows[0][0] if rows else 0,
        {(row[1], row[2]): row[3] for row in rows if row[1]},
    )


def version_query(location_ids: Sequence[int], first: date, last: date) -> str:
    """Return a question for `read_stamp` about these locations on local days [first, last]."""
    return _version_query(tuple(location_ids), first, last, db.engine.dialect)


@lru_cache(maxsize=256)
def _version_query(location_ids: tuple[int, ...], first: date, last: date, dialect: Dialect) -> str:
    """Return the question written out: an open page asks the same every few seconds."""
    versions = select(CatalogueRow.__table__.c.version, days_version(location_ids, first, last))
    return str(versions.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def catalogue_version() -> ScalarSelect[int]:
    """Return what a statement asks for the catalogue's version beside other things."""
    return select(func.coalesce(func.max(CatalogueRow.version), 0)).scalar_subquery()


def days_version(
    location_ids: Sequence[int | ColumnElement[int]],
    first: date | BindParameter[date],
    last: date | BindParameter[date],
) -> ScalarSelect[int]:
    """Return what a statement asks for the version of these locations' local days [first, last] together.

    Versions only count up and their rows are never deleted: their sum rises with any change.
    """
    days = CalendarDay.__table__.c
    versions = select(func.coalesce(func.sum(days.version), 0)).where(
        days.location_id.in_(location_ids), days.local_date.between(first, last)
    )
    return versions.scalar_subquery()


def read_stamp(question: str) -> tuple[int, int]:
    """Return what is equal only while nothing changed that the question is about.

    Asked at each request for slots, so straight on the driver's connection: a quarter of the time, and on
    one that is not tried first (`db/engines.py`). Where that has broken, it is given up, and SQLAlchemy asks,
    which tries its own. For whoever has no session open: a thread that held two connections could wait for
    itself.
    """
    engine = _stamp_engine()
    with closing(engine.raw_connection()) as connection:
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(question)
                row = cursor.fetchone()
        except engine.dialect.loaded_dbapi.Error:
            connection.invalidate()
            return read_stamp_in_session(question)
    return (row[0], row[1]) if row else (0, 0)


def _stamp_engine() -> Engine:
    """Return the engine for short questions: the replica's while the session reads from there."""
    engines = db.engines
    reads_replica = REPLICA in engines and db.session.info.get(REPLICA)
    return engines.get(REPLICA_STAMPS if reads_replica else STAMPS) or db.engine


def read_stamp_in_session(question: str) -> tuple[int, int]:
    """Return what `read_stamp` does, read on the session's connection."""
    row = db.session.connection().exec_driver_sql(question).first()
    return (row[0], row[1]) if row else (0, 0)


CLAIMS = select(
    *(Claim.id, Claim.resource_id, Claim.starts_at, Claim.ends_at, Claim.expires_at, Claim.pinned)
).where(
    Claim.ends_at > bindparam("begins"),
    Claim.ends_at < bindparam("latest"),
    Claim.starts_at < bindparam("ends"),
)


@lru_cache(maxsize=256)
def _claims_on(resource_ids: tuple[int, ...]) -> Select[*ClaimColumns]:
    """Return the question for claims on these resources.

    Their ids are written out: a list of parameters is put into its statement anew each time.
    """
    return CLAIMS.where(
        Claim.resource_id.in_([literal_column(str(resource_id)) for resource_id in resource_ids])
    )


@dataclass(frozen=True, slots=True)
class CurrentClaims:
    """Claims that hold now, by their starts; `expired` are rows in the way that no longer do."""

    rows: Sequence[ClaimRow]
    expired: tuple[int, ...] = ()

    def subtract_from(self, free_cells: FreeCells) -> tuple[FreeCells, datetime | None]:
        """Return what is left of the day, and when the first hold on it expires.

        When a practitioner's own calendar says busy is taken like what is claimed: nobody books it.
        """
        day, cells_by_resource, expiries = free_cells.day, dict(free_cells.busy), []
        pinned: dict[int, int] = {}
        for _, resource_id, starts_at, ends_at, expires_at, is_pinned in self._around(day):
            if ends_at > day.starts_at:
                cells = day.cells_touching(starts_at, ends_at)
                cells_by_resource[resource_id] = cells_by_resource.get(resource_id, 0) | cells
                if is_pinned:  # in order of their starts: the last one stays
                    pinned[resource_id] = (cells & -cells).bit_length() - 1
                if expires_at is not None:
                    expiries.append(expires_at)
        free = {
            kind: {
                resource: cells & ~cells_by_resource.get(resource, 0)
                for resource, cells in sets.items()
            }
            for kind, sets in free_cells.free.items()
        }
        return replace(free_cells, free=free, pinned=pinned), min(expiries, default=None)

    def besides(self, ids: Container[int]) -> "CurrentClaims":
        """Return these claims without those of some ids."""
        return CurrentClaims([row for row in self.rows if row.id not in ids], self.expired)

    def _around(self, day: LocalDay) -> Sequence[ClaimRow]:
        """Return the claims that begin before the day ends, and not too early to reach into it."""
        first = bisect_left(self.rows, day.starts_at - MAX_CLAIM, key=STARTS_AT)
        return self.rows[first : bisect_left(self.rows, day.ends_at, key=STARTS_AT)]


def read_claims_by_day(
    locations: Sequence[LocationCalendar], first: date, last: date, now: datetime
) -> CurrentClaims:
    """Read the claims on these places' resources on local days [first, last], in one range query."""
    begins = min(location.local_day(first).starts_at for location in locations)
    ends = max(location.local_day(last).ends_at for location in locations)
    return read_claims_between(locations, begins, ends, now)


def read_claims_besides(
    appointment_ids: Collection[int],
    locations: Sequence[LocationCalendar],
    first: date,
    last: date,
    now: datetime,
) -> CurrentClaims:
    """Read the claims at some places on local days [first, last], without those of some appointments."""
    own_claims = select(Claim.id).where(Claim.appointment_id.in_(appointment_ids))
    own_ids = frozenset(db.session.scalars(own_claims) if appointment_ids else ())
    return read_claims_by_day(locations, first, last, now).besides(own_ids)


def read_claims_between(
    locations: Sequence[LocationCalendar], begins: datetime, ends: datetime, now: datetime
) -> CurrentClaims:
    """Read the claims on these places' resources that touch [begins, ends), in one range query.

    Bounded at both ends on the index (resource, end), so that history costs nothing.
    """
    statement = _claims_on(
        tuple(
            sorted({resource_id for location in locations for resource_id in location.resource_ids})
        )
    )
    bounds = {"begins": begins, "ends": ends, "latest": ends + MAX_CLAIM}
    rows = db.session.connection().execute(statement, bounds).all()
    expired = tuple(row.id for row in rows if row.expires_at and row.expires_at <= now)
    current = [row for row in rows if row.id not in expired]
    return CurrentClaims(sorted(current, key=STARTS_AT), expired)
