"""Invented clinics of two locations, full to a degree, for what a closure does to them; no database.

Each location has 8 chairs and 3 nurses of 4 seats, and starts each quarter of an hour. Patients have sessions
twice or once a week, booked as near to their own time as was free when they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from booking.calendars.allocation import allocate
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar, ShiftWorker, Span, WeeklyHours
from booking.calendars.queries import STARTS_AT, CurrentClaims
from booking.calendars.rules import FreeCells, ResourceDemand, compute_start_cells, infusion_needs
from booking.locations.rules import ResourceKind
from booking.series.rules import Gap, Phase

ZONE = ZoneInfo("America/Phoenix")
MONDAY = date(2026, 11, 30)
WEEKS = 6
CHAIRS, NURSES, SEATS = 8, 3, 4
OPENS, CLOSES = time(8), time(18)
SINCE = date(2026, 1, 1)
DEMAND = ResourceDemand(infusion_needs(15, 45, 30, SEATS), 90, 15, prescriber=True)
PHASES = (
    Phase("First weeks", 6, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Ongoing", None, Gap(5, 7, 7, 9), 15, 45, 30),
)
TWICE_WEEKLY = 0.4  # of the patients
PATTERNS = ((0, 3), (1, 4), (0, 4), (1, 3), (0, 2), (2, 4))
HOURS = (9, 10, 10, 11, 13, 14, 14, 15)  # at which patients like to come
Row = tuple[int, int, datetime, datetime, None, bool]


@dataclass(frozen=True, slots=True)
class Event:
    """What happens at the first location [begins, begins + hours): it closes, or so many are out."""

    name: str
    begins: datetime
    hours: int
    nurses_away: int = 0
    chairs_broken: int = 0

    @property
    def span(self) -> Span:
        """When it is, in UTC."""
        begins = self.begins.replace(tzinfo=ZONE).astimezone(UTC)
        return begins, begins + timedelta(hours=self.hours)

    @property
    def is_partial(self) -> bool:
        """Tell whether the location stays open."""
        return bool(self.nurses_away or self.chairs_broken)


def a_location(number: int, event: Event | None = None) -> LocationCalendar:
    """Return a location, as it is once an event is known."""
    hours = tuple(WeeklyHours(day, OPENS, CLOSES, SINCE, None) for day in range(5))
    chairs = tuple(number * 1000 + n for n in range(CHAIRS))
    seats = tuple(number * 1000 + 500 + n for n in range(NURSES * SEATS))
    spans = (event.span,) if event else ()
    away, broken = (event.nurses_away, event.chairs_broken) if event else (0, 0)
    return LocationCalendar(
        id=number, slug=f"location-{number}", name="", neutral_name="", phone="", zone=ZONE,
        hours=hours, closures=(),
        resources={ResourceKind.CHAIR: chairs, ResourceKind.SEAT: seats},
        practitioners=(ShiftWorker(None, 0, hours),),
        nurses=tuple(
            ShiftWorker(None, SEATS, hours, spans if nurse < away else ())
            for nurse in range(NURSES)
        ),
        resource_ids=(),
        outages=() if event and event.is_partial else spans,
        resource_outages=dict.fromkeys(chairs[:broken], spans),
    )  # fmt: skip


@dataclass(slots=True)
class BookedSession:
    """One session as it is booked, with the claims that it has."""

    patient: int
    number: int
    location_id: int
    starts_at: datetime
    rows: list[Row]

    @property
    def day(self) -> date:
        """The local day."""
        return self.starts_at.astimezone(ZONE).date()


@dataclass(slots=True)
class InventedClinic:
    """Two locations with what is booked at them, and each patient's phase."""

    locations: dict[int, LocationCalendar]
    phases: list[Phase] = field(default_factory=list)
    sessions: list[BookedSession] = field(default_factory=list)
    rows_by_day: dict[tuple[int, date], list[Row]] = field(default_factory=dict)

    def free_day(
        self, location: LocationCalendar, day: date, without: Sequence[BookedSession] = ()
    ) -> FreeCells:
        """Return what is free on a day if some sessions gave up their times."""
        released = {id(row) for session in without for row in session.rows}
        rows = self.rows_by_day.get((location.id, day), ())
        current = sorted((row for row in rows if id(row) not in released), key=STARTS_AT)
        claims = CurrentClaims(current)  # type: ignore[arg-type]  # tuples as good as rows
        return claims.subtract_from(location.free_day(day))[0]

    def book(self, patient: int, number: int, location_id: int, day: date, minute: int) -> bool:
        """Book the free time nearest to a minute of a day; tell whether there was one."""
        free = self.free_day(self.locations[location_id], day)
        cells = [*iter_bits(compute_start_cells(DEMAND, free))]
        if not cells:
            return False
        cell = min(cells, key=lambda each: abs(each * 5 - minute))
        rows: list[Row] = [
            (
                *(0, part.resource_id, free.day.cell_start(part.first)),
                *(free.day.cell_start(part.end), None, False),
            )
            for part in allocate(DEMAND, free, cell)
        ]  # fmt: skip
        self.rows_by_day.setdefault((location_id, day), []).extend(rows)
        starts_at = free.day.cell_start(cell)
        self.sessions.append(BookedSession(patient, number, location_id, starts_at, rows))
        return True


def an_invented_clinic(seed: int, patients: Sequence[int]) -> InventedClinic:
    """Return a clinic where so many patients have sessions at each location, as far as they found times."""
    random = Random(seed)  # noqa: S311 - the same clinics each time
    clinic = InventedClinic({number: a_location(number) for number in (1, 2)})
    for location_id, count in enumerate(patients, start=1):
        for _ in range(count):
            _book_patient(clinic, random, location_id)
    return clinic


def _book_patient(clinic: InventedClinic, random: Random, location_id: int) -> None:
    patient, phase = len(clinic.phases), PHASES[random.random() >= TWICE_WEEKLY]
    clinic.phases.append(phase)
    weekdays = random.choice(PATTERNS) if phase is PHASES[0] else (random.randrange(5),)
    minute = random.choice(HOURS) * 60 + random.choice((0, 15, 30, 45))
    number, last = 0, None
    for day in (MONDAY + timedelta(days=n) for n in range(7 * WEEKS)):
        nearby = (day, day + timedelta(days=1), day - timedelta(days=1))
        if day.weekday() not in weekdays:
            continue
        for each in nearby:
            is_allowed = last is None or phase.gap.allows((each - last).days)
            if (
                is_allowed
                and each.weekday() < 5
                and clinic.book(patient, number + 1, location_id, each, minute)
            ):
                number, last = number + 1, each
                break
