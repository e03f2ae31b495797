"""Appointments that a clinic file hurts, as lines for whoever loads it: no names of patients."""

from collections.abc import Iterable, Mapping, Sequence

from booking.appointments.exchanging import Exchanged
from booking.appointments.misfits import Impossible
from booking.calendars.fitting import Misfit
from booking.locations import operations as locations

REASONS: Mapping[Misfit, str] = {
    Misfit.LOCATION_GONE: "the location is closed for good",
    Misfit.SERVICE_GONE: "its service is no longer offered",
    Misfit.OTHER_LOCAL_TIME: "the location's clocks would show another time",
    Misfit.CLOSED: "the location is closed on that day",
    Misfit.OUTSIDE_HOURS: "it is outside the opening hours",
    Misfit.RESOURCE_GONE: "{resource} is no longer there",
    Misfit.PRACTITIONER_AWAY: "{resource} has no shift there then",
    Misfit.TOO_FEW_NURSES: "too few nurses are on shift",
    Misfit.NO_PRESCRIBER: "no practitioner is on shift throughout",
    Misfit.TAKES_LONGER: "its service takes more than is kept for it",
}


def lines_of_exchanged(exchanged: Sequence[Exchanged]) -> list[str]:
    """Return a line for each that keeps its time: with what, in place of what."""
    names = _names({resource for one in exchanged for resource in one.gone | one.new})
    return [
        f"exchanged for {_when(one.was)}: {_listed(one.new, names)} in place of {_listed(one.gone, names)}"
        for one in exchanged
    ]


def lines_of(impossible: Sequence[Impossible]) -> list[str]:
    """Return a line for each that can't take place, and why."""
    names = _names({one.unfit.resource_id for one in impossible if one.unfit.resource_id})
    return [f"appointment {_when(one)}: {_reason(one, names)}" for one in impossible]


def _when(one: Impossible) -> str:
    """Return its reference and its local time with the zone."""
    return (
        f"{one.reference}, {one.starts_at.astimezone(one.zone):%a %Y-%m-%d %H:%M} ({one.zone.key})"
    )


def _names(ids: Iterable[int]) -> dict[int, str]:
    return {key: row.name for key, row in locations.resources(sorted(ids)).items()}


def _listed(ids: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(sorted(names[one] for one in ids))


def _reason(one: Impossible, names: Mapping[int, str]) -> str:
    return REASONS[one.why].format(resource=names.get(one.unfit.resource_id or 0, ""))
