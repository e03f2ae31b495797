"""A planning problem as JSON, read as what the planner is asked; docs/series-instances.md has its fields."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from booking.dates import EARLIEST, LATEST, is_plausible_date, parse_day
from booking.series.authorisations import AuthorisedSessions, require_valid_authorisations
from booking.series.planning.costs import PlanRates
from booking.series.planning.requests import PlanRequest
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import (
    GRID,
    MAX_SCHEDULE_DAYS,
    Gap,
    InvalidSchedule,
    Phase,
    parse_phases,
    sessions_to_book,
)
from booking.series.spacing import INFUSION_NEAR, Infusion, is_too_near

DAYS = f"a day like 2026-12-01, from {EARLIEST} to {LATEST}"


class InvalidInstance(ValueError):
    """An instance can't be read; the message is one line that names the place and what was expected."""


def _read_day(value: Any) -> date:
    """Read a local date; raise `ValueError` for anything else, or one beyond any clinic's calendar."""
    day = parse_day(value) if isinstance(value, str) else None
    if day is None:
        raise ValueError(f"expected {DAYS}")
    return day


def _require_plausible(at: datetime) -> datetime:
    if not is_plausible_date(at.date()):
        raise ValueError(f"expected a time on {DAYS}")
    return at


LocalDay = Annotated[date, BeforeValidator(_read_day)]
LocalStart = Annotated[datetime, AfterValidator(_require_plausible)]


class InstancePart(BaseModel):
    """A table of an instance: it has no other names than these."""

    model_config = ConfigDict(extra="forbid", strict=True)


class InstancePhase(InstancePart):
    """Sessions of one kind; `sessions` None is written out for an open-ended phase."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    sessions: int | None
    gap: list[int]
    minutes: list[int]


class InstanceAuthorisation(InstancePart):
    """What a payer authorised: `sessions` on local dates from `first_day` to `last_day`."""

    sessions: int
    first_day: LocalDay
    last_day: LocalDay


class Instance(InstancePart):
    """One planning problem; days and times are local, in `time_zone`."""

    time_zone: str
    first_day: LocalDay
    phases: list[InstancePhase]
    free: dict[str, list[LocalStart]] = Field(default_factory=dict)
    other_infusions: list[LocalDay] = Field(default_factory=list)
    only: dict[str, Any] = Field(default_factory=dict)
    rather: dict[str, Any] = Field(default_factory=dict)
    location: str | None = None
    authorisations: list[InstanceAuthorisation] = Field(default_factory=list)
    rates: dict[str, int] = Field(default_factory=dict)


def parse_instance(text: str) -> PlanRequest:
    """Read an instance as what the planner is asked; raises `InvalidInstance`."""
    try:
        return _build_request(Instance.model_validate_json(text))
    except ValidationError as error:
        raise InvalidInstance(_first_problem(error)) from error
    except InvalidSchedule as error:
        raise InvalidInstance(str(error)) from error


def _first_problem(error: ValidationError) -> str:
    """Return the first problem as one line: where it is, and what was expected."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(step) for step in problem["loc"])
    words = str(problem["msg"]).removeprefix("Value error, ").replace("\n", " ")
    return f"{path}: {words}" if path else words


def _build_request(instance: Instance) -> PlanRequest:
    phases = _parse_phases(instance.phases)
    zone, first = _zone(instance.time_zone), instance.first_day
    indexes = sessions_to_book(phases, 1, first, first)
    free = {slug: _local_minutes(slug, times, zone) for slug, times in instance.free.items()}
    if instance.location not in (None, *free):
        raise InvalidSchedule(f"location: expected one that free names, not {instance.location!r}")
    used, infusions = sorted(set(indexes)), _read_infusions(instance.other_infusions)
    return PlanRequest(
        phases=phases,
        numbers=tuple(range(1, len(indexes) + 1)),
        first_day=first,
        last_day=_last_day(first, [phases[index] for index in indexes], free),
        free=dict.fromkeys(used, free),
        blocked={index: _near_days(phases[index].gap, infusions) for index in used},
        infusions=infusions,
        preferences=Preferences(_window("only", instance.only), _window("rather", instance.rather)),
        home=instance.location,
        authorisations=_read_authorisations(instance.authorisations),
        rates=PlanRates.from_dict(instance.rates),
    )


def _parse_phases(data: Sequence[InstancePhase]) -> tuple[Phase, ...]:
    """Return the phases; raise `InvalidSchedule` where two have one name: relaxations name them."""
    names = [phase.name for phase in data]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidSchedule(f"phases.{index}.name: expected one that no other phase has")
    return parse_phases([phase.model_dump() for phase in data])


def _read_authorisations(data: Sequence[InstanceAuthorisation]) -> tuple[AuthorisedSessions, ...]:
    authorisations = []
    for index, each in enumerate(data):
        try:
            authorisations.append(AuthorisedSessions(**each.model_dump()))
        except InvalidSchedule as error:
            raise InvalidSchedule(f"authorisations.{index}: {error}") from error
    return require_valid_authorisations(authorisations)


def _last_day(
    first: date, phases: Sequence[Phase], free: Mapping[str, Mapping[date, Sequence[int]]]
) -> date:
    """Return the last free day, or that by which a series would have ended: what to free lies before it."""
    last = max((day for days in free.values() for day in days), default=first)
    if last - first > timedelta(days=2 * MAX_SCHEDULE_DAYS):
        raise InvalidSchedule("free: expected times within six years of first_day")
    return max(last, first + timedelta(days=sum(each.gap.ideal_max_days for each in phases)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSchedule("time_zone: expected a name like America/Phoenix") from error


def _window(name: str, data: Mapping[str, Any]) -> TimeWindow:
    if unknown := sorted(set(data) - {"weekdays", "from", "to"}):
        raise InvalidSchedule(f"{name}.{unknown[0]}: expected weekdays, from or to")
    try:
        return TimeWindow.from_dict(data)
    except InvalidSchedule as error:
        raise InvalidSchedule(f"{name}.{error}") from error


def _local_minutes(slug: str, times: Sequence[datetime], zone: ZoneInfo) -> dict[date, list[int]]:
    """Return the minutes of each local day at which a session can start."""
    days: dict[date, set[int]] = {}
    for index, at in enumerate(times):
        path = f"free.{slug}.{index}"
        minute = at.hour * 60 + at.minute
        if at.tzinfo is not None or at.second or at.microsecond or minute % GRID:
            raise InvalidSchedule(
                f"{path}: expected a local time like 2026-12-01T09:00, on five minutes"
            )
        if _is_skipped(at, zone):
            raise InvalidSchedule(
                f"{path}: expected a time that the clocks of {zone.key} don't skip"
            )
        days.setdefault(at.date(), set()).add(minute)
    return {day: sorted(minutes) for day, minutes in days.items()}


def _is_skipped(at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the local clock never shows this time."""
    offset = at.replace(tzinfo=zone).utcoffset() or timedelta()
    clock_time = (at - offset).replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return clock_time.replace(tzinfo=None) != at


def _read_infusions(days: Sequence[date]) -> tuple[Infusion, ...]:
    return tuple(Infusion(number, day, None) for number, day in enumerate(days, 1))


def _near_days(gap: Gap, infusions: Sequence[Infusion]) -> dict[date, str]:
    """Return the days on which a session with this gap is too close to another infusion of the patient."""
    reach = range(-gap.min_days, gap.min_days + 1)
    around = {each.day + timedelta(days=n) for each in infusions for n in reach}
    return {day: INFUSION_NEAR for day in around if is_too_near(day, gap, infusions)}
