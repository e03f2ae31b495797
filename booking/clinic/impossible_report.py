"""Appointments that a clinic file hurts, as lines for whoever loads it: no names of patients."""

from collections.abc import Iterable, Mapping, Sequence

from booking.appointments.impossible import ImpossibleAppointment
from booking.appointments.resource_exchange import ResourceExchange
from booking.calendars.misfits import MisfitReason
from booking.locations import operations as locations

REASONS: Mapping[MisfitReason, str] = {
    MisfitReason.LOCATION_GONE: "the location is closed for good",
    MisfitReason.SERVICE_GONE: "its service is no longer offered",
    MisfitReason.OTHER_LOCAL_TIME: "the location's clocks would show another time",
    MisfitReason.CLOSED: "the location is closed on that day",
    MisfitReason.OUTSIDE_HOURS: "it is outside the opening hours",
    MisfitReason.RESOURCE_GONE: "{resource} is no longer there",
    MisfitReason.PRACTITIONER_AWAY: "{resource} has no shift there then",
    MisfitReason.TOO_FEW_NURSES: "too few nurses are on shift",
    MisfitReason.NO_PRESCRIBER: "no practitioner is on shift throughout",
    MisfitReason.TAKES_LONGER: "its service takes more than is kept for it",
}


def describe_exchanges(exchanged: Sequence[ResourceExchange]) -> list[str]:
    """Return a line for each that keeps its time: with what, in place of what."""
    names = _names({resource for one in exchanged for resource in one.gone | one.new})
    return [
        f"exchanged for {_when(one.was)}: {_listed(one.new, names)} in place of {_listed(one.gone, names)}"
        for one in exchanged
    ]


def describe_impossible(impossible: Sequence[ImpossibleAppointment]) -> list[str]:
    """Return a line for each that can't take place, and why."""
    names = _names({one.problem.resource_id for one in impossible if one.problem.resource_id})
    return [f"appointment {_when(one)}: {_reason(one, names)}" for one in impossible]


def _when(one: ImpossibleAppointment) -> str:
    """Return its reference and its local time with the zone."""
    return (
        f"{one.reference}, {one.starts_at.astimezone(one.zone):%a %Y-%m-%d %H:%M} ({one.zone.key})"
    )


def _names(ids: Iterable[int]) -> dict[int, str]:
    return {key: row.name for key, row in locations.get_resources(sorted(ids)).items()}


def _listed(ids: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(sorted(names[one] for one in ids))


def _reason(one: ImpossibleAppointment, names: Mapping[int, str]) -> str:
    return REASONS[one.reason].format(resource=names.get(one.problem.resource_id or 0, ""))
